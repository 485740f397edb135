/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "commit.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "lease.h"
#include "scan.h"
#include "spool.h"
#include "status.h"

#define TOKEN(letters) "hello," letters ",p5,e1,a0"

static const struct spool *s;

static char here[] = "here", running[] = "running", problem[] = "disk full";

static void
beat(const char *recent)
{
	struct worker_state w = { .worker = here, .state = running,
	    .problem = problem, .slots = 4, .heartbeat_s = 10 };
	struct lease l;
	struct fail f;

	strs_add(&w.running, TOKEN("cccccccccccc") "@here");
	strs_add(&w.recent, recent);
	ck_assert_int_eq(lease_take(&l, s, here, &f), 0);
	ck_assert_int_eq(lease_beat(&l, s, &w, &f),
	    LEASE_KEPT);
	lease_release(&l);
	strs_free(&w.running);
	strs_free(&w.recent);
}

static void
set_scene(void)
{
	char day[CLOCK_TEXT_MAX], path[128];

	s = harness_spool("amd64 arm64");
	harness_write("spool/amd64/new/05-20261122T1602/"
	    TOKEN("aaaaaaaaaaaa"), "hello\n");
	harness_write("spool/amd64/new/06-20200101T0000/"
	    TOKEN("bbbbbbbbbbbb"), "hello\n");
	harness_write("spool/amd64/new/dropped", "hello\n");
	harness_write("spool/amd64/new/.swp", "");
	harness_write("spool/amd64/new/05-29991122T1602/"
	    TOKEN("dddddddddddd"), "hello\n");
	harness_write("spool/amd64/cur/" TOKEN("cccccccccccc") "@here", "x\n");
	harness_write("spool/amd64/bad/" TOKEN("eeeeeeeeeeee") "@here", "x\n");
	harness_write("spool/amd64/bad/" TOKEN("eeeeeeeeeeee") "@here.why",
	    "x\n");
	harness_write("spool/bad/line,ffffffffffff", "x\n");
	harness_write("spool/bad/line,ffffffffffff.why", "x\n");
	commit_day(day);
	(void)snprintf(path, sizeof path, "spool/amd64/done/%s/"
	    TOKEN("ffffffffffff") "@here", day);
	harness_write(path, "x\n");
	harness_write("spool/amd64/done/20200101/" TOKEN("ffffffffffff")
	    "@here", "x\n");
	beat("2026-11-22T16:01:02Z pass 0 sid amd64 hello 20261122_160102@ "
	    "ffffffffffff");
}

static struct status
read_status(void)
{
	struct status st;
	struct fail f;

	ck_assert_msg(status_read(s, &st, &f) == 0, "%s", f.text);
	return st;
}

START_TEST(each_state_is_counted)
{
	struct status st;

	set_scene();
	st = read_status();
	ck_assert_uint_eq(st.n_queues, 2);
	ck_assert_str_eq(st.queues[0].name, "amd64");
	ck_assert_uint_eq(st.queues[0].waiting, 3);
	ck_assert_uint_eq(st.queues[0].delayed, 1);
	ck_assert_uint_eq(st.queues[0].running, 1);
	ck_assert_uint_eq(st.queues[0].bad, 1);
	ck_assert_uint_eq(st.queues[0].done_today, 1);
	ck_assert_int_eq(st.queues[0].oldest_s, 1577836800);
	ck_assert_str_eq(st.queues[1].name, "arm64");
	ck_assert_uint_eq(st.queues[1].waiting, 0);
	ck_assert_int_eq(st.queues[1].oldest_s, 0);
	ck_assert_uint_eq(st.bad_lines, 1);
	ck_assert_uint_eq(st.running.n, 1);
	ck_assert_str_eq(st.running.v[0], "amd64 " TOKEN("cccccccccccc")
	    "@here");
	status_free(&st);
}
END_TEST

START_TEST(many_buckets_are_counted)
{
	enum { BUCKETS = 100 };
	struct status st;

	s = harness_spool("amd64");
	for (int i = 0; i < BUCKETS; i++)
		for (int k = 0; k <= i % 3; k++) {
			char path[128];

			(void)snprintf(path, sizeof path, "spool/amd64/new/"
			    "05-20261122T1602.%d/" TOKEN("aaaaaaaaaa%02d"), i,
			    k);
			harness_write(path, "hello\n");
		}
	st = read_status();
	ck_assert_uint_eq(st.queues[0].waiting, 34 * 1 + 33 * 2 + 33 * 3);
	status_free(&st);
}
END_TEST

START_TEST(a_bucket_that_cannot_be_read_is_no_empty_one)
{
	bool root = geteuid() == 0;
	const struct queue *q;
	struct scan_bucket *buckets;
	size_t n;
	struct fail f = { 0 };

	s = harness_spool("amd64");
	q = harness_queue("amd64");
	harness_write("spool/amd64/new/05-20261122T1602/"
	    TOKEN("aaaaaaaaaaaa"), "hello\n");
	harness_write("spool/amd64/new/05-20261122T1603/"
	    TOKEN("bbbbbbbbbbbb"), "hello\n");
	ck_assert_int_eq(fchmodat(q->fresh, "05-20261122T1602", 0, 0), 0);
	ck_assert(!root || seteuid(65534) == 0);
	ck_assert_int_eq(scan_count(q, &buckets, &n, &f), -1);
	ck_assert_int_eq(f.err, EACCES);
	ck_assert_str_eq(f.text, "05-20261122T1602: Permission denied");
	ck_assert(!root || seteuid(0) == 0);
	free(buckets);
}
END_TEST

START_TEST(workers_tell_of_themselves)
{
	struct status st;

	set_scene();
	harness_write("spool/workers/torn", "{\"worker\": ");
	st = read_status();
	ck_assert_uint_eq(st.n_workers, 1);
	ck_assert_str_eq(st.workers[0].worker, "here");
	ck_assert_str_eq(st.workers[0].problem, "disk full");
	ck_assert_uint_eq(st.recent.n, 1);
	status_free(&st);
}
END_TEST

START_TEST(the_text_says_it_in_80_columns)
{
	static const char *const words[] = { "amd64", "arm64", "here",
	    "running", "disk full", "cccccccccccc", "20261122_160102@",
	    "1 imported lines" };
	struct buf out = { 0 };
	struct status st;

	set_scene();
	st = read_status();
	status_text(&st, &out);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		ck_assert_msg(strstr(out.s, words[i]) != NULL, "%s: %s",
		    words[i], out.s);
	for (const char *p = out.s; *p; p += strcspn(p, "\n") + 1)
		ck_assert_msg(strcspn(p, "\n") <= 80, "%s", p);
	buf_free(&out);
	status_free(&st);
}
END_TEST

/* What is printed of the running one, when it runs for so long of so much. */
static void
expect_left(int64_t for_s, int64_t usual_s, const char *left)
{
	struct buf out = { 0 };
	struct status st;
	const char *line;

	st = read_status();
	st.claims[0].since_s = clock_now_s() - for_s;
	st.claims[0].expect_s = usual_s;
	status_text(&st, &out);
	ck_assert_ptr_nonnull(strstr(out.s, " FOR     ENDS IN\n"));
	line = strstr(out.s, "\ncccccccccccc ");
	ck_assert_ptr_nonnull(line);
	line++;
	ck_assert_msg(strcspn(line, "\n") == 73 + strlen(left) &&
	    strncmp(line + 73, left, strlen(left)) == 0, "%s", line);
	buf_free(&out);
	status_free(&st);
}

START_TEST(the_text_says_when_a_test_should_end)
{
	set_scene();
	expect_left(90, 90 + 2 * 3600 + 59 * 60 + 30, "2h 59m");
	expect_left(86400, 86400 + 23 * 3600 + 59 * 60 + 30, "23h 59m");
	expect_left(7200, 60, "overdue");
	expect_left(60, 0, "-");
}
END_TEST

START_TEST(the_json_says_when_a_test_should_end)
{
	struct buf out = { 0 };
	struct status st;

	set_scene();
	st = read_status();
	st.claims[0].since_s = 1000;
	st.claims[0].expect_s = 234;
	status_json(&st, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "\"since\": 1000,"));
	ck_assert_ptr_nonnull(strstr(out.s, "\"usual_duration\": 234,"));
	ck_assert_ptr_nonnull(strstr(out.s, "\"expected_end\": 1234\n"));
	buf_reset(&out);
	st.claims[0].expect_s = 0;
	status_json(&st, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "\"expected_end\": null\n"));
	buf_free(&out);
	status_free(&st);
}
END_TEST

START_TEST(a_worker_that_does_not_beat_is_silent)
{
	struct buf out = { 0 };
	struct status st;

	set_scene();
	st = read_status();
	st.workers[0].beat_s -= 31;
	status_text(&st, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "silent"));
	buf_free(&out);
	status_free(&st);
}
END_TEST

START_TEST(the_json_says_the_same)
{
	const struct json_tree *q, *w, *r;
	struct buf out = { 0 };
	struct json_tree *t;
	struct status st;
	struct fail f;

	set_scene();
	st = read_status();
	status_json(&st, &out);
	t = json_tree_parse("status", out.s, out.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	q = json_tree_item(json_tree_get(t, "queues"), 0);
	ck_assert_str_eq(json_tree_get_string(q, "queue"), "amd64");
	ck_assert_int_eq(json_tree_get_number(q, "waiting", -1), 3);
	ck_assert_int_eq(json_tree_get_number(q, "later", -1), 1);
	ck_assert_int_eq(json_tree_get_number(q, "oldest", -1), 1577836800);
	w = json_tree_item(json_tree_get(t, "workers"), 0);
	ck_assert_str_eq(json_tree_get_string(w, "state"), "running");
	r = json_tree_item(json_tree_get(t, "running"), 0);
	ck_assert_str_eq(json_tree_get_string(r, "id"), "cccccccccccc");
	ck_assert_int_eq(json_tree_get_number(r, "attempt", -1), 1);
	r = json_tree_item(json_tree_get(t, "results"), 0);
	ck_assert_str_eq(json_tree_get_string(r, "run_id"),
	    "20261122_160102@");
	ck_assert_int_eq(json_tree_get_number(r, "exit_code", -1), 0);
	ck_assert_int_eq(json_tree_get_number(t, "bad_lines", -1), 1);
	json_tree_free(t);
	buf_free(&out);
	status_free(&st);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, each_state_is_counted);
	tcase_add_test(tc, many_buckets_are_counted);
	tcase_add_test(tc, a_bucket_that_cannot_be_read_is_no_empty_one);
	tcase_add_test(tc, workers_tell_of_themselves);
	tcase_add_test(tc, the_text_says_it_in_80_columns);
	tcase_add_test(tc, the_text_says_when_a_test_should_end);
	tcase_add_test(tc, the_json_says_when_a_test_should_end);
	tcase_add_test(tc, a_worker_that_does_not_beat_is_silent);
	tcase_add_test(tc, the_json_says_the_same);
}
