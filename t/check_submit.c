/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "submit.h"

#define MINUTE_1 1795363260	/* 2026-11-22T16:01Z */
#define BUCKET "05-20261122T1601"
#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0"
#define IN_NEW "amd64/new/" BUCKET "/" NAME

static char hello_text[] = "hello\n";
static const struct buf hello = { .s = hello_text, .len = 6 };
static const struct queue *q;
static struct token t;

static void
set_scene(void)
{
	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	ck_assert_int_eq(token_parse(&t, NAME), 0);
}

static int
put(struct fail *f)
{
	return submit_put(q, &t, MINUTE_1, &hello, f);
}

static void
must_put(void)
{
	struct fail f;

	ck_assert_msg(put(&f) == 0, "%s", f.text);
}

static void
nothing_there(void)
{
	struct fail f;

	ck_assert_int_eq(fs_remove_tree(q->fresh, BUCKET, &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->cur, NAME "@here", &f), 0);
	ck_assert_int_eq(fs_remove_tree(q->tmp, NAME, &f), 0);
}

#define SECOND "hello,bbbbbbbbbbbb,p5,e1,a0"
#define SECOND_IN_NEW "amd64/new/" BUCKET "/" SECOND

/* What is asked after that, or once more, has another id. */
static void
must_put_next(const char *what)
{
	struct token next;
	struct fail f;

	ck_assert_int_eq(token_parse(&next, SECOND), 0);
	ck_assert_msg(submit_put(q, &next, MINUTE_1, &hello, &f) == 0,
	    "%s: %s", what, f.text);
	ck_assert_uint_eq(harness_tokens("bbbbbbbbbbbb"), 1);
}

/* Two by one that holds the bucket; what happens in between. */
static int
put_two(void (*meddle)(void), int64_t due_s, struct fail *f)
{
	struct submit many = { .q = q, .bucket = -1 };
	struct token second;
	int rc = submit_next(&many, &t, MINUTE_1, &hello, f);

	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(token_parse(&second, SECOND), 0);
	meddle();
	rc = submit_next(&many, &second, due_s, &hello, f);
	submit_end(&many);
	return rc;
}

static void
do_nothing(void)
{
}

static void
take_first(void)
{
	ck_assert_int_eq(fs_rename(q->fresh, BUCKET "/" NAME, q->cur,
	    NAME "@here"), 0);
}

static void
lose_bucket(void)
{
	take_first();
	ck_assert_int_eq(fs_rmdir(q->fresh, BUCKET), 0);
}

static void
replace_bucket(void)
{
	lose_bucket();
	ck_assert_int_eq(fs_mkdir(q->fresh, BUCKET), 0);
}

static void
move_bucket(void)
{
	ck_assert_int_eq(fs_rename(q->fresh, BUCKET, harness_dirfd(),
	    "parked"), 0);
}

static void (*const meddling[])(void) = { do_nothing, take_first,
	lose_bucket, replace_bucket, move_bucket };

START_TEST(a_bucket_that_is_held_may_go)
{
	struct fail f = { 0 };

	set_scene();
	ck_assert_msg(put_two(meddling[_i], MINUTE_1, &f) == 0, "%s", f.text);
	ck_assert_str_eq(harness_token("bbbbbbbbbbbb"), SECOND_IN_NEW);
	ck_assert_int_eq(harness_exists("spool/" IN_NEW), _i == 0);
	ck_assert(!harness_exists("spool/amd64/tmp/" SECOND));
}
END_TEST

START_TEST(the_next_minute_has_a_bucket_of_its_own)
{
	struct fail f = { 0 };

	set_scene();
	ck_assert_msg(put_two(do_nothing, MINUTE_1 + 60, &f) == 0, "%s",
	    f.text);
	ck_assert_str_eq(harness_token("bbbbbbbbbbbb"),
	    "amd64/new/05-20261122T1602/" SECOND);
}
END_TEST

static struct fault second_fault;

static void
begin_fault(void)
{
	fault_on(&second_fault);
}

START_TEST(whatever_fails_with_a_bucket_held_is_told)
{
	struct fail f = { 0 };
	int rc;

	for (second_fault = (struct fault){ 0 }; fault_next(&second_fault); ) {
		set_scene();
		rc = put_two(begin_fault, MINUTE_1, &f);
		fault_off();
		ck_assert_msg(rc != 0 || harness_exists("spool/"
		    SECOND_IN_NEW), "%s", second_fault.what);
		ck_assert_msg(rc == 0 || f.text[0], "%s", second_fault.what);
		ck_assert_uint_le(harness_tokens("bbbbbbbbbbbb"), 1);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool", &f),
		    0);
	}
}
END_TEST

START_TEST(a_link_in_the_place_of_a_bucket_is_not_followed)
{
	struct fail f = { 0 };

	set_scene();
	harness_write("elsewhere/x", "");
	ck_assert_int_eq(fs_symlink("../../../elsewhere", q->fresh, BUCKET),
	    0);
	ck_assert_int_eq(put(&f), -1);
	harness_write("spool/amd64/cur/" NAME "@here", "hello\n");
	ck_assert_int_eq(submit_rename(q, q->cur, NAME "@here", &t, MINUTE_1,
	    &f), -1);
	ck_assert(harness_exists("spool/amd64/cur/" NAME "@here"));
	ck_assert(!harness_exists("elsewhere/" NAME));
}
END_TEST

START_TEST(a_bucket_is_as_open_as_new_whatever_the_umask)
{
	mode_t before = umask(077);
	struct stat st;

	set_scene();
	ck_assert_int_eq(fchmod(q->fresh, 02775), 0);
	must_put();
	(void)umask(before);
	ck_assert_int_eq(fstatat(q->fresh, BUCKET, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02775);
}
END_TEST

START_TEST(puts_the_text_into_its_bucket)
{
	set_scene();
	must_put();
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"), IN_NEW);
	ck_assert_str_eq(harness_read("spool/" IN_NEW), "hello\n");
	ck_assert(!harness_exists("spool/amd64/tmp/" NAME));
}
END_TEST

START_TEST(a_bucket_that_is_there_is_used)
{
	set_scene();
	must_put();
	must_put_next("put");
	ck_assert_str_eq(harness_token("bbbbbbbbbbbb"), SECOND_IN_NEW);
}
END_TEST

START_TEST(rings_the_bell_in_place_each_time)
{
	int64_t before_ms;

	set_scene();
	harness_write("spool/amd64/new/.bell", "");
	before_ms = clock_now_ms();
	must_put();
	ck_assert_int_ge(strtoll(harness_read("spool/amd64/new/.bell"), NULL,
	    10), before_ms);
}
END_TEST

START_TEST(what_another_is_writing_is_not_touched)
{
	struct fail f = { 0 };

	set_scene();
	harness_write("spool/amd64/tmp/" NAME, "hel");
	ck_assert_int_eq(put(&f), -1);
	ck_assert_int_eq(f.err, EEXIST);
	ck_assert_str_eq(harness_read("spool/amd64/tmp/" NAME), "hel");
}
END_TEST

static void
remove_bucket(void)
{
	(void)fs_rmdir(q->fresh, BUCKET);
}

START_TEST(a_bucket_that_a_claimer_removes_meanwhile_is_made_again)
{
	set_scene();
	for (unsigned nth = 1; nth < 12; nth++) {
		struct fail f = { 0 };
		int rc;

		nothing_there();
		ck_assert_int_eq(fs_mkdir(q->fresh, BUCKET), 0);
		fault_meddle_at(nth, remove_bucket);
		rc = put(&f);
		fault_off();
		ck_assert_msg(rc == 0, "%u: %s", nth, f.text);
		ck_assert_str_eq(harness_token("aaaaaaaaaaaa"), IN_NEW);
	}
}
END_TEST

static void
claim_it(void)
{
	(void)fs_rename(q->fresh, BUCKET "/" NAME, q->cur, NAME "@here");
	(void)fs_rmdir(q->fresh, BUCKET);
}

START_TEST(a_claimer_that_is_faster_than_the_sync_is_no_failure)
{
	set_scene();
	for (unsigned nth = 1; nth < 12; nth++) {
		struct fail f = { 0 };
		int rc;

		nothing_there();
		fault_meddle_at(nth, claim_it);
		rc = put(&f);
		fault_off();
		ck_assert_msg(rc == 0, "%u: %s", nth, f.text);
		ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 1);
	}
}
END_TEST

START_TEST(a_source_that_is_gone_is_told_and_leaves_no_bucket)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(submit_rename(q, q->cur, NAME "@here", &t, MINUTE_1,
	    &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
	ck_assert(!harness_exists("spool/amd64/new/" BUCKET));
}
END_TEST

/* An acknowledged request is there, once; one that failed at most once. */
START_TEST(whatever_fails_what_is_acknowledged_is_there_once)
{
	bool acknowledged_lost = false;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		nothing_there();
		fault_on(&x);
		rc = put(&f);
		fault_off();
		if (rc == 0)
			ck_assert_msg(harness_tokens("aaaaaaaaaaaa") == 1 &&
			    strcmp(harness_read("spool/" IN_NEW), "hello\n")
			    == 0, "%s", x.what);
		else
			ck_assert_msg(f.text[0] &&
			    harness_tokens("aaaaaaaaaaaa") <= 1, "%s", x.what);
		if (strstr(x.what, "lost reply") &&
		    strstr(x.what, "renameat"))
			acknowledged_lost = rc == 0;
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		if (rc == 0)
			continue;
		/* Whole or not at all, and never in the way of the next. */
		if (harness_tokens("aaaaaaaaaaaa"))
			ck_assert_str_eq(harness_read("spool/" IN_NEW),
			    "hello\n");
		must_put_next(x.what);
	}
	ck_assert(acknowledged_lost);
}
END_TEST

START_TEST(who_dies_at_any_call_leaves_one_whole_request_or_none)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		int status;
		pid_t pid;

		nothing_there();
		pid = fork();
		if (pid == 0) {
			struct fail f;

			fault_crash_at(nth);
			_exit(put(&f) == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		ck_assert_uint_le(harness_tokens("aaaaaaaaaaaa"), 1);
		if (!died || harness_tokens("aaaaaaaaaaaa"))
			ck_assert_str_eq(harness_read("spool/" IN_NEW),
			    "hello\n");
		must_put_next("died");
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, puts_the_text_into_its_bucket);
	tcase_add_test(tc, a_bucket_is_as_open_as_new_whatever_the_umask);
	tcase_add_test(tc, a_link_in_the_place_of_a_bucket_is_not_followed);
	tcase_add_test(tc, a_bucket_that_is_there_is_used);
	tcase_add_loop_test(tc, a_bucket_that_is_held_may_go, 0,
	    (int)(sizeof meddling / sizeof *meddling));
	tcase_add_test(tc, the_next_minute_has_a_bucket_of_its_own);
	tcase_add_test(tc, whatever_fails_with_a_bucket_held_is_told);
	tcase_add_test(tc, rings_the_bell_in_place_each_time);
	tcase_add_test(tc, what_another_is_writing_is_not_touched);
	tcase_add_test(tc,
	    a_bucket_that_a_claimer_removes_meanwhile_is_made_again);
	tcase_add_test(tc,
	    a_claimer_that_is_faster_than_the_sync_is_no_failure);
	tcase_add_test(tc,
	    a_source_that_is_gone_is_told_and_leaves_no_bucket);
	tcase_add_test(tc,
	    whatever_fails_what_is_acknowledged_is_there_once);
	tcase_add_test(tc,
	    who_dies_at_any_call_leaves_one_whole_request_or_none);
}
