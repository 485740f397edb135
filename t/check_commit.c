/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commit.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"

#define DAY "20261122"
#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define IN_CUR "amd64/cur/" NAME
#define IN_DONE "amd64/done/" DAY "/" NAME
#define IN_BAD "amd64/bad/" NAME
#define BUCKET "05-20261122T1601"
#define MINUTE_1 1795363260	/* 2026-11-22T16:01Z */
#define IN_NEW "amd64/new/" BUCKET "/hello,aaaaaaaaaaaa,p5,e2,a1"
#define FRESH "hello,aaaaaaaaaaaa,p5,e1,a0"
#define IN_FRESH "amd64/new/" FRESH
#define CUR_2 "hello,aaaaaaaaaaaa,p5,e2,a0@here"
#define IN_CUR_2 "amd64/cur/" CUR_2

static const struct queue *q;
static struct token t;

static void
set_scene(void)
{
	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	ck_assert_int_eq(token_parse(&t, NAME), 0);
}

/* The token is claimed, and nowhere else. */
static void
claimed(void)
{
	struct fail f;

	ck_assert_int_eq(fs_remove_tree(q->done, DAY, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->fresh, BUCKET, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->fresh, FRESH, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->cur, CUR_2, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->bad, NAME, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->bad, NAME ".why", &f), 0);
	harness_write("spool/" IN_CUR, "hello\n");
}

static enum commit_outcome
back(struct fail *f)
{
	struct token next = t;

	next.epoch = 2;
	next.attempt = 1;
	return commit_back(q, &t, &next, MINUTE_1, f);
}

static enum commit_outcome
done(struct fail *f)
{
	return commit_done(q, &t, DAY, f);
}

static enum commit_outcome
bad(struct fail *f)
{
	return commit_bad(q, &t, "adtspool: no\n", f);
}

static enum commit_outcome
undrop(struct fail *f)
{
	return commit_undrop(q, &t, f);
}

static enum commit_outcome
admit(struct fail *f)
{
	struct token next = t;

	next.epoch = 2;
	return commit_admit(q, &t, &next, f);
}

static const struct way {
	const char *name;
	enum commit_outcome (*go)(struct fail *f);
	const char *to;
} ways[] = {
	{ "done", done, IN_DONE },
	{ "back", back, IN_NEW },
	{ "bad", bad, IN_BAD },
	{ "undrop", undrop, IN_FRESH },
	{ "admit", admit, IN_CUR_2 },
};

enum { WAYS = sizeof ways / sizeof *ways };

START_TEST(each_way_moves_the_token_to_its_place)
{
	const struct way *w = &ways[_i];
	struct fail f = { 0 };

	set_scene();
	claimed();
	ck_assert_msg(w->go(&f) == COMMIT_WON, "%s", f.text);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"), w->to);
}
END_TEST

START_TEST(a_token_that_is_gone_is_lost_and_no_error)
{
	const struct way *w = &ways[_i];
	struct fail f = { 0 };

	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e2,a0@other",
	    "hello\n");
	ck_assert_msg(w->go(&f) == COMMIT_LOST, "%s", f.text);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/cur/hello,aaaaaaaaaaaa,p5,e2,a0@other");
	ck_assert(!harness_exists("spool/amd64/new/" BUCKET));
}
END_TEST

START_TEST(a_refused_request_has_its_reason_beside_it)
{
	struct fail f;

	set_scene();
	claimed();
	ck_assert_int_eq(bad(&f), COMMIT_WON);
	ck_assert_str_eq(harness_read("spool/" IN_BAD ".why"),
	    "adtspool: no\n");
	ck_assert_str_eq(harness_read("spool/" IN_BAD), "hello\n");
}
END_TEST

START_TEST(going_back_rings_the_bell)
{
	struct fail f;

	set_scene();
	claimed();
	ck_assert_int_eq(back(&f), COMMIT_WON);
	ck_assert_uint_gt(strlen(harness_read("spool/amd64/new/.bell")), 0);
}
END_TEST

START_TEST(whoever_comes_second_loses)
{
	set_scene();
	for (size_t i = 0; i < WAYS; i++)
		for (size_t k = 0; k < WAYS; k++) {
			struct fail f = { 0 };

			if (i == k)
				continue;	/* a repetition, not a rival */
			claimed();
			ck_assert_int_eq(ways[i].go(&f), COMMIT_WON);
			ck_assert_msg(ways[k].go(&f) == COMMIT_LOST,
			    "%s after %s: %s", ways[k].name, ways[i].name,
			    f.text);
			ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
			    ways[i].to);
		}
}
END_TEST

static enum commit_outcome reaped;

static void
reap(void)
{
	struct fail f;

	reaped = back(&f);
}

START_TEST(a_commit_and_a_reaper_never_both_win)
{
	unsigned times[2] = { 0 };

	set_scene();
	for (unsigned nth = 1; nth <= 8; nth++) {
		enum commit_outcome o;
		struct fail f = { 0 };

		claimed();
		reaped = COMMIT_LOST;
		fault_meddle_at(nth, reap);
		o = done(&f);
		fault_off();
		ck_assert_msg(o == (reaped == COMMIT_WON ? COMMIT_LOST :
		    COMMIT_WON), "%u: %s", nth, f.text);
		ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
		    o == COMMIT_WON ? IN_DONE : IN_NEW);
		times[o == COMMIT_WON]++;
	}
	ck_assert(times[0] > 0 && times[1] > 0);
}
END_TEST

START_TEST(of_many_rivals_exactly_one_wins)
{
	enum { ROUNDS = 40, RIVALS = 6 };

	set_scene();
	for (int round = 0; round < ROUNDS; round++) {
		int won = 0, pipes[2];

		claimed();
		ck_assert_int_eq(pipe(pipes), 0);
		for (int i = 0; i < RIVALS; i++) {
			struct fail f;
			char start;
			pid_t pid = fork();

			ck_assert_int_ge(pid, 0);
			if (pid > 0)
				continue;
			(void)close(pipes[1]);
			(void)!read(pipes[0], &start, 1);
			/* Two of each: the same way twice is won by both. */
			_exit((int)ways[i % 3].go(&f) == COMMIT_WON ?
			    1 << i % 3 : 0);
		}
		(void)close(pipes[0]);
		(void)close(pipes[1]);
		for (int i = 0; i < RIVALS; i++) {
			int status;

			ck_assert_int_gt(wait(&status), 0);
			ck_assert(WIFEXITED(status));
			won |= WEXITSTATUS(status);
		}
		ck_assert_msg(won == 1 || won == 2 || won == 4, "%#x", won);
		ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
		    ways[won / 2].to);
	}
}
END_TEST

/*
 * The token is where it was or where it was to go, never at both; trying again
 * gets it there, and WON is never said of a token that is somewhere else.
 */
START_TEST(whatever_fails_there_is_one_token_and_trying_again_moves_it)
{
	const struct way *w = &ways[_i];
	unsigned n = 0;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); n++) {
		struct fail f = { 0 };
		enum commit_outcome o;
		const char *at;

		claimed();
		fault_on(&x);
		o = w->go(&f);
		fault_off();
		at = harness_token("aaaaaaaaaaaa");
		ck_assert_msg(strcmp(at, w->to) == 0 ||
		    strcmp(at, IN_CUR) == 0, "%s: %s", x.what, at);
		if (o == COMMIT_WON)
			ck_assert_msg(strcmp(at, w->to) == 0, "%s", x.what);
		else
			ck_assert_msg(f.text[0], "%s", x.what);
		if (o == COMMIT_LOST)	/* and nobody else had it */
			ck_assert_msg((w->go == back || w->go == undrop) &&
			    strcmp(at, w->to) == 0, "%s: %s", x.what, at);
		if (o == COMMIT_FAILED)
			(void)w->go(&f);
		ck_assert_msg(strcmp(harness_token("aaaaaaaaaaaa"), w->to) ==
		    0, "%s: %s", x.what, f.text);
		ck_assert_msg(w->go != bad ||
		    harness_exists("spool/" IN_BAD ".why"), "%s", x.what);
	}
	ck_assert_uint_ge(n, 2 * FAULT_KINDS);
}
END_TEST

START_TEST(a_lost_reply_of_the_commit_is_seen_through)
{
	struct fault x = { .kind = FAULT_LOST_REPLY };
	bool renamed = false;

	set_scene();
	while (fault_next(&x)) {
		struct fail f = { 0 };
		enum commit_outcome o;

		claimed();
		fault_on(&x);
		o = done(&f);
		fault_off();
		renamed |= strstr(x.what, "renameat") != NULL;
		ck_assert_msg(o == COMMIT_WON, "%s: %s", x.what, f.text);
	}
	ck_assert(renamed);
}
END_TEST

START_TEST(who_dies_at_any_call_leaves_one_token)
{
	const struct way *w = &ways[_i];
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		const char *at;
		int status;
		pid_t pid;

		claimed();
		pid = fork();
		if (pid == 0) {
			struct fail f;

			fault_crash_at(nth);
			_exit(w->go(&f) == COMMIT_WON ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		at = harness_token("aaaaaaaaaaaa");
		ck_assert_msg(strcmp(at, w->to) == 0 ||
		    (died && strcmp(at, IN_CUR) == 0), "%u: %s", nth, at);
	}
}
END_TEST

START_TEST(the_day_is_todays)
{
	char day[CLOCK_TEXT_MAX], now[CLOCK_TEXT_MAX];

	clock_format(now, "%Y%m%d", clock_now_s());
	commit_day(day);
	ck_assert_str_eq(day, now);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, each_way_moves_the_token_to_its_place, 0,
	    WAYS);
	tcase_add_loop_test(tc, a_token_that_is_gone_is_lost_and_no_error, 0,
	    WAYS);
	tcase_add_test(tc, a_refused_request_has_its_reason_beside_it);
	tcase_add_test(tc, going_back_rings_the_bell);
	tcase_add_test(tc, whoever_comes_second_loses);
	tcase_add_test(tc, a_commit_and_a_reaper_never_both_win);
	tcase_add_test(tc, of_many_rivals_exactly_one_wins);
	tcase_add_loop_test(tc,
	    whatever_fails_there_is_one_token_and_trying_again_moves_it, 0,
	    WAYS);
	tcase_add_test(tc, a_lost_reply_of_the_commit_is_seen_through);
	tcase_add_loop_test(tc, who_dies_at_any_call_leaves_one_token, 0,
	    WAYS);
	tcase_add_test(tc, the_day_is_todays);
}
