/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "reorder.h"
#include "spool.h"

#define ID "aaaaaaaaaaaa"
#define OLD "05-20261122T1601"
#define FIRST "01-20261122T1601"
#define TOKEN "hello," ID ",p5,e1,a0"
#define IN_OLD "amd64/new/" OLD "/" TOKEN
#define IN_FIRST "amd64/new/" FIRST "/hello," ID ",p9,e"

static const struct spool *s;
static const struct queue *q;

/* Whether it waits with priority 9, and has a name that is new. */
static bool
is_first(const char *at)
{
	struct token t;

	return strncmp(at, IN_FIRST, strlen(IN_FIRST)) == 0 &&
	    token_parse(&t, strrchr(at, '/') + 1) == 0 && t.epoch > 1;
}

static void
set_scene(void)
{
	s = harness_spool("amd64");
	q = harness_queue("amd64");
}

/* It waits, with priority 5, and nowhere else. */
static struct found
waits(void)
{
	struct found found;
	struct fail f;

	(void)fs_remove_tree(q->cur, TOKEN "@there", &f);
	(void)fs_remove_tree(q->fresh, OLD, &f);
	(void)fs_remove_tree(q->fresh, FIRST, &f);
	harness_write("spool/" IN_OLD, "hello\n");
	ck_assert_int_eq(find_request(s, ID, &found, &f), 0);
	return found;
}

START_TEST(it_goes_to_the_bucket_of_its_time)
{
	struct found found;
	struct fail f;

	set_scene();
	found = waits();
	ck_assert_int_eq(reorder(s, &found, 9, &f), REORDER_DONE);
	ck_assert(is_first(harness_token(ID)));
	ck_assert(harness_exists("spool/amd64/new/.bell"));
	ck_assert_int_eq(find_request(s, ID, &found, &f), 0);
	ck_assert_int_eq(reorder(s, &found, 9, &f), REORDER_DONE);
	ck_assert(is_first(harness_token(ID)));
}
END_TEST

static void
claim(void)
{
	(void)fs_rename(s->fd, IN_OLD, q->cur, TOKEN "@there");
}

static void
go_round(void)
{
	(void)fs_rename(s->fd, IN_OLD, s->fd,
	    "amd64/new/" OLD "/hello," ID ",p5,e3,a1");
}

START_TEST(whoever_claims_it_first_wins)
{
	unsigned late = 0;

	set_scene();
	for (unsigned nth = 1; nth < 8; nth++) {
		struct found found = waits();
		enum reorder_outcome o;
		struct fail f;

		fault_meddle_at(nth, claim);
		o = reorder(s, &found, 9, &f);
		fault_off();
		ck_assert(o == REORDER_DONE || o == REORDER_LATE);
		ck_assert(o == REORDER_DONE ? is_first(harness_token(ID)) :
		    strcmp(harness_token(ID), "amd64/cur/" TOKEN "@there") ==
		    0);
		late += o == REORDER_LATE;
	}
	ck_assert_uint_ge(late, 1);
}
END_TEST

START_TEST(what_came_back_meanwhile_is_tried_again)
{
	bool again = false;

	set_scene();
	for (unsigned nth = 1; nth < 8; nth++) {
		struct found found = waits();
		struct fail f;

		fault_meddle_at(nth, go_round);
		ck_assert_int_eq(reorder(s, &found, 9, &f), REORDER_DONE);
		fault_off();
		ck_assert_ptr_nonnull(strstr(harness_token(ID), FIRST));
		again |= strstr(harness_token(ID), ",a1") != NULL;
	}
	ck_assert(again);
}
END_TEST

START_TEST(whatever_fails_it_is_one_and_done_is_done)
{
	unsigned n = 0;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); n++) {
		struct found found = waits();
		struct fail f = { 0 };
		enum reorder_outcome o;
		const char *at;

		fault_on(&x);
		o = reorder(s, &found, 9, &f);
		fault_off();
		at = harness_token(ID);
		ck_assert_msg(strcmp(at, IN_OLD) == 0 || is_first(at),
		    "%s: %s", x.what, at);
		ck_assert_msg(o == REORDER_DONE ? is_first(at) :
		    o == REORDER_FAILED && f.text[0], "%s: %s", x.what, at);
	}
	ck_assert_uint_ge(n, 2 * FAULT_KINDS);
}
END_TEST

START_TEST(who_dies_at_any_call_leaves_one_that_waits)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		struct found found = waits();
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			struct fail f;

			fault_crash_at(nth);
			_exit(reorder(s, &found, 9, &f) == REORDER_DONE ? 1 :
			    2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		ck_assert_int_eq(strncmp(harness_token(ID), "amd64/new/", 10),
		    0);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, it_goes_to_the_bucket_of_its_time);
	tcase_add_test(tc, whoever_claims_it_first_wins);
	tcase_add_test(tc, what_came_back_meanwhile_is_tried_again);
	tcase_add_test(tc, whatever_fails_it_is_one_and_done_is_done);
	tcase_add_test(tc, who_dies_at_any_call_leaves_one_that_waits);
}
