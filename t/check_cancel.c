/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cancel.h"
#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "pending.h"
#include "request.h"
#include "spool.h"

#define ID "aaaaaaaaaaaa"
#define BUCKET "amd64/new/05-20261122T1601/"
#define TOKEN "hello," ID ",p5,e1,a0"
#define IN_NEW BUCKET TOKEN
#define IN_CUR "amd64/cur/" TOKEN "@there"
#define IN_BAD "amd64/bad/hello," ID ","
#define IN_DONE "amd64/done/20261122/" TOKEN "@there"
#define CANCEL "spool/control/cancel," ID
#define TEXT "{\"package\": \"hello\", \"suite\": \"sid\", " \
	"\"arch\": \"amd64\"}"

static const struct spool *s;
static const struct queue *q;
static const struct conf *c;
static char digest[DIGEST_ID_MAX];

static void
set_scene(void)
{
	struct request r;
	struct fail f;

	s = harness_spool("amd64");
	q = harness_queue("amd64");
	c = harness_conf("");
	ck_assert_int_eq(request_parse(&r, "x", TEXT, strlen(TEXT), &f), 0);
	request_digest(&r, digest);
	request_free(&r);
}

static bool
has_link(void)
{
	char path[64];

	(void)snprintf(path, sizeof path, "spool/amd64/pending/%s", digest);
	return harness_exists(path);
}

static int
remove_bad(void *context, const char *name, unsigned char type)
{
	struct fail f;

	(void)context;
	(void)type;
	return fs_remove_tree(q->bad, name, &f);
}

static void
empty_bad(void)
{
	struct fail f;

	ck_assert_int_eq(fs_each(q->bad, ".", remove_bad, NULL, &f), 0);
}

/* Its reason, where it is in bad/. */
static const char *
why(void)
{
	char path[2 * TOKEN_NAME_MAX];

	(void)snprintf(path, sizeof path, "spool/%s.why", harness_token(ID));
	ck_assert_int_eq(strncmp(harness_token(ID), IN_BAD, strlen(IN_BAD)),
	    0);
	return harness_read(path);
}

/* The request is at that path below the spool, and nowhere else. */
static void
is_at(const char *path)
{
	struct fail f;

	(void)fs_remove_tree(q->cur, TOKEN "@there", &f);
	(void)fs_remove_tree(q->cur, TOKEN "@here", &f);
	(void)fs_remove_tree(q->done, "20261122", &f);
	(void)fs_remove_tree(q->fresh, "05-20261122T1601", &f);
	empty_bad();
	(void)fs_remove_tree(s->fd, "control/cancel," ID, &f);
	(void)fs_remove_tree(s->fd, "control/kill," TOKEN "@there", &f);
	if (strcmp(path, IN_NEW) == 0)
		harness_write("spool/" IN_NEW, TEXT);
	else if (strcmp(path, IN_CUR) == 0)
		harness_write("spool/" IN_CUR, TEXT);
	else if (strcmp(path, IN_DONE) == 0)
		harness_write("spool/" IN_DONE, TEXT);
	ck_assert_int_eq(pending_insist(q, digest, ID, &f), 0);
}

static struct found
find(void)
{
	struct found found;
	struct fail f;

	ck_assert_int_eq(find_request(s, ID, &found, &f), 0);
	return found;
}

START_TEST(what_waits_is_refused_at_once)
{
	struct found found;
	struct fail f;

	set_scene();
	is_at(IN_NEW);
	found = find();
	ck_assert_int_eq(cancel(c, s, &found, "wrong one", &f), CANCEL_DONE);
	ck_assert_ptr_nonnull(strstr(why(), "wrong one. To try again: mv"));
	ck_assert(!has_link());
	ck_assert(!harness_exists(CANCEL));
}
END_TEST

START_TEST(what_runs_is_asked_for)
{
	struct found found;
	struct fail f;

	set_scene();
	is_at(IN_CUR);
	found = find();
	ck_assert_int_eq(cancel(c, s, &found, NULL, &f), CANCEL_ASKED);
	ck_assert_str_eq(harness_token(ID), IN_CUR);
	ck_assert(harness_exists(CANCEL));
	ck_assert(has_link());
	ck_assert_int_eq(cancel_look(s, &found, &f), CANCEL_ASKED);
	ck_assert_int_eq(fs_rename(q->cur, TOKEN "@there", q->bad,
	    TOKEN "@there"), 0);
	ck_assert_int_eq(cancel_look(s, &found, &f), CANCEL_DONE);
	ck_assert(!harness_exists(CANCEL));
}
END_TEST

START_TEST(what_has_a_result_keeps_it)
{
	struct found found;
	struct fail f;

	set_scene();
	is_at(IN_CUR);
	found = find();
	is_at(IN_DONE);
	ck_assert_int_eq(cancel(c, s, &found, NULL, &f), CANCEL_ASKED);
	ck_assert_int_eq(cancel_look(s, &found, &f), CANCEL_LATE);
	ck_assert_str_eq(harness_token(ID), IN_DONE);
	ck_assert(!harness_exists(CANCEL));
	found = find();
	ck_assert_int_eq(cancel(c, s, &found, NULL, &f), CANCEL_LATE);
	ck_assert(!harness_exists(CANCEL));
}
END_TEST

static void
claim(void)
{
	(void)fs_rename(s->fd, IN_NEW, q->cur, TOKEN "@there");
}

/* Also where the claimer has the name that refuses. */
static void
claim_here(void)
{
	(void)fs_rename(s->fd, IN_NEW, q->cur, TOKEN "@here");
}

static void
go_round(void)
{
	(void)fs_rename(s->fd, IN_NEW, s->fd,
	    BUCKET "hello," ID ",p5,e2,a0");
}

/* At whatever call somebody else moves it, it is one, and will end. */
START_TEST(what_moves_meanwhile_is_asked_for_or_refused)
{
	static void (*const moves[])(void) = { claim, claim_here, go_round };
	unsigned refused = 0, asked = 0;

	set_scene();
	for (unsigned nth = 1; nth < 16; nth++) {
		enum cancel_outcome o;
		struct found found;
		struct fail f;

		is_at(IN_NEW);
		found = find();
		fault_meddle_at(nth, moves[_i]);
		o = cancel(c, s, &found, NULL, &f);
		fault_off();
		ck_assert_uint_eq(harness_tokens(ID), 1);
		if (o == CANCEL_DONE)
			ck_assert_int_eq(find().state, FIND_BAD);
		else
			ck_assert(o == CANCEL_ASKED && harness_exists(CANCEL));
		refused += o == CANCEL_DONE;
		asked += o == CANCEL_ASKED;
	}
	ck_assert_uint_ge(refused, 1);
	ck_assert(moves[_i] == go_round || asked >= 1);
}
END_TEST

START_TEST(whatever_fails_it_is_one_and_a_promise_is_kept)
{
	unsigned n = 0;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); n++) {
		struct fail f = { 0 };
		struct found found;
		enum cancel_outcome o;

		is_at(IN_NEW);
		found = find();
		fault_on(&x);
		o = cancel(c, s, &found, "why", &f);
		fault_off();
		ck_assert_msg(harness_tokens(ID) == 1, "%s", x.what);
		found = find();
		switch (o) {
		case CANCEL_DONE:
			ck_assert_msg(found.state == FIND_BAD, "%s", x.what);
			break;
		case CANCEL_ASKED:
			ck_assert_msg(harness_exists(CANCEL), "%s", x.what);
			break;
		case CANCEL_FAILED:
			ck_assert_msg(f.text[0] && found.state ==
			    FIND_WAITING, "%s", x.what);
			break;
		default:
			ck_abort_msg("%s", x.what);
		}
		ck_assert_msg(found.state != FIND_BAD || why()[0], "%s",
		    x.what);
	}
	ck_assert_uint_ge(n, 8 * FAULT_KINDS);
}
END_TEST

START_TEST(who_dies_at_any_call_leaves_one_that_waits_or_is_refused)
{
	bool died = true, asked = false;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		struct found found;
		int status;
		pid_t pid;

		is_at(IN_NEW);
		found = find();
		pid = fork();
		if (pid == 0) {
			struct fail f;

			fault_crash_at(nth);
			_exit(cancel(c, s, &found, NULL, &f) == CANCEL_DONE ?
			    1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		ck_assert_uint_eq(harness_tokens(ID), 1);
		/* Once it was asked for, it stays so until it has ended. */
		asked |= harness_exists(CANCEL);
		ck_assert(!asked || harness_exists(CANCEL) ||
		    find().state == FIND_BAD);
		ck_assert(died || find().state == FIND_BAD);
	}
	ck_assert(asked);
}
END_TEST

START_TEST(an_attempt_is_ended_by_its_name)
{
	struct found found;
	struct fail f;

	set_scene();
	is_at(IN_CUR);
	found = find();
	ck_assert_int_eq(cancel_attempt(s, &found, NULL, &f), CANCEL_ASKED);
	ck_assert(harness_exists("spool/control/kill," TOKEN "@there"));
	ck_assert_int_eq(cancel_look_attempt(s, &found, &f), CANCEL_ASKED);
	is_at(IN_NEW);
	ck_assert_int_eq(cancel_look_attempt(s, &found, &f), CANCEL_DONE);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_waits_is_refused_at_once);
	tcase_add_test(tc, what_runs_is_asked_for);
	tcase_add_test(tc, what_has_a_result_keeps_it);
	tcase_add_loop_test(tc, what_moves_meanwhile_is_asked_for_or_refused,
	    0, 3);
	tcase_add_test(tc, whatever_fails_it_is_one_and_a_promise_is_kept);
	tcase_add_test(tc,
	    who_dies_at_any_call_leaves_one_that_waits_or_is_refused);
	tcase_add_test(tc, an_attempt_is_ended_by_its_name);
}
