/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expire.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "notice.h"
#include "spool.h"
#include "strs.h"

static const struct spool *s;
static struct expire_report report;

/* A run of sid/amd64 on a day of 2026-12, at noon; text is its result.json. */
static void
put_text(const char *suite, const char *source, int day, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof path, "results/autopkgtest/%s/amd64/%c/%s/"
	    "202612%02d_120000@/result.json", suite, source[0], source, day);
	harness_write(path, text);
}

static void
put_in(const char *suite, const char *source, int day, const char *status)
{
	char text[256];

	(void)snprintf(text, sizeof text, "{\"package\": \"%s\", \"suite\": "
	    "\"%s\", \"arch\": \"amd64\", \"status\": \"%s\", \"exit_code\": "
	    "0}", source, suite, status);
	put_text(suite, source, day, text);
}

static void
put(const char *source, int day, const char *status)
{
	put_in("sid", source, day, status);
}

static int
keep_short(void *context, const char *name, unsigned char type)
{
	struct notice n;

	(void)type;
	if (notice_parse(&n, name) == 0 && n.kind == NOTICE_GONE)
		strs_addf(context, "%s:%.2s", n.source, n.run_id + 6);
	return 0;
}

/* What is marked, as SOURCE:DAY. */
static void
expect_marked(const char *want)
{
	struct strs names = { 0 };
	struct fail f;
	char *got;

	ck_assert_int_eq(notice_each(s, keep_short, &names, &f), 0);
	strs_sort(&names);
	got = strs_join(&names, " ");
	ck_assert_str_eq(got, want);
	free(got);
	strs_free(&names);
}

/* All before noon of that day of 2026-12 is old. */
static void
run(int day, struct expire_options o, const char *want)
{
	struct fail f;

	o.before_s = 1796083200 + (int64_t)(day - 1) * 86400 + 43200;
	ck_assert_msg(expire(s, &o, &report, &f) == 0, "%s", f.text);
	expect_marked(want);
}

#define NO_MORE (struct expire_options){ 0 }

START_TEST(what_is_old_goes_and_the_newest_and_the_newest_pass_stay)
{
	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 2, "pass");
	put("aa", 3, "fail");
	put("aa", 4, "fail");
	run(9, NO_MORE, "aa:01 aa:03");
	ck_assert_uint_eq(report.runs, 2);
	ck_assert_uint_eq(report.packages, 1);
	ck_assert_uint_eq(report.kept, 2);
	ck_assert_int_gt(report.bytes, 2 * 60);
}
END_TEST

START_TEST(what_was_published_at_the_time_itself_stays)
{
	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 2, "pass");
	put("aa", 3, "pass");
	run(1, NO_MORE, "");
	run(2, NO_MORE, "aa:01");
}
END_TEST

START_TEST(the_last_of_a_package_stays_whatever_it_is)
{
	s = harness_spool("amd64");
	put("aa", 1, "tmpfail");
	put("bb", 1, "fail");
	put("bb", 2, "neutral");
	run(30, NO_MORE, "bb:01");
}
END_TEST

START_TEST(a_pass_that_is_not_old_is_the_newest_one)
{
	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 5, "pass");
	put("aa", 6, "fail");
	run(3, NO_MORE, "aa:01");
}
END_TEST

START_TEST(so_many_as_are_asked_for_stay)
{
	s = harness_spool("amd64");
	for (int day = 1; day <= 5; day++)
		put("aa", day, day == 1 ? "pass" : "fail");
	run(30, (struct expire_options){ .keep_last = 3 }, "aa:02");
	run(30, (struct expire_options){ .keep_last = 2 }, "aa:02 aa:03");
}
END_TEST

START_TEST(suites_are_looked_at_each_for_itself)
{
	s = harness_spool("amd64");
	put("aa", 1, "fail");
	put("aa", 2, "pass");
	put_in("kali-rolling", "bb", 1, "fail");
	put_in("kali-rolling", "bb", 2, "pass");
	put_in("kali-rolling", "aa", 1, "pass");
	run(30, (struct expire_options){ .suite = "kali-rolling" }, "bb:01");
	run(30, (struct expire_options){ .suite = "none" }, "bb:01");
	run(30, NO_MORE, "aa:01 bb:01");
}
END_TEST

START_TEST(a_dry_run_marks_nothing)
{
	s = harness_spool("amd64");
	put("aa", 1, "fail");
	put("aa", 2, "pass");
	run(30, (struct expire_options){ .dry_run = true }, "");
	ck_assert_uint_eq(report.runs, 1);
}
END_TEST

START_TEST(again_it_finds_what_it_marked_and_no_more)
{
	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 2, "fail");
	put("aa", 3, "pass");
	put("aa", 4, "fail");
	run(30, NO_MORE, "aa:01 aa:02");
	ck_assert_uint_eq(report.waiting, 0);
	run(30, NO_MORE, "aa:01 aa:02");
	ck_assert_uint_eq(report.runs, 0);
	ck_assert_uint_eq(report.waiting, 2);
}
END_TEST

/* Where somebody has marked the newest pass, the one before it is the last. */
START_TEST(what_is_marked_already_keeps_nothing)
{
	struct fail f;

	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 2, "pass");
	put("aa", 3, "fail");
	ck_assert_int_eq(notice_drop(s, NOTICE_GONE, "sid", "amd64", "aa",
	    "20261202_120000@", &f), 0);
	run(30, NO_MORE, "aa:02");
}
END_TEST

START_TEST(what_is_no_result_is_no_pass_and_goes)
{
	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put_text("sid", "aa", 2, "{");
	harness_write("results/autopkgtest/sid/amd64/a/aa/20261203_120000@/x",
	    "");
	put("aa", 4, "fail");
	run(30, NO_MORE, "aa:02 aa:03");
}
END_TEST

START_TEST(what_cannot_be_read_now_keeps_its_package_alone)
{
	struct fail f;

	s = harness_spool("amd64");
	put("aa", 1, "pass");
	put("aa", 2, "fail");
	put("bb", 1, "fail");
	put("bb", 2, "pass");
	/* Not a file that can be opened, nor one that is missing. */
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "results/autopkgtest/sid/"
	    "amd64/a/aa/20261203_120000@/result.json", &f), 0);
	put("aa", 4, "fail");
	run(30, NO_MORE, "bb:01");
	ck_assert_uint_eq(report.unread, 1);
	ck_assert(strstr(report.why, "20261203_120000@") != NULL);
}
END_TEST

START_TEST(results_are_read_only_where_something_is_old)
{
	struct fail f;

	s = harness_spool("amd64");
	put("aa", 8, "fail");
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "results/autopkgtest/sid/"
	    "amd64/a/aa/20261209_120000@/result.json", &f), 0);
	run(5, NO_MORE, "");
	ck_assert_uint_eq(report.unread, 0);
}
END_TEST

START_TEST(an_empty_tree_has_nothing_to_go)
{
	s = harness_spool("amd64");
	run(30, NO_MORE, "");
	ck_assert_uint_eq(report.runs, 0);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc,
	    what_is_old_goes_and_the_newest_and_the_newest_pass_stay);
	tcase_add_test(tc, what_was_published_at_the_time_itself_stays);
	tcase_add_test(tc, the_last_of_a_package_stays_whatever_it_is);
	tcase_add_test(tc, a_pass_that_is_not_old_is_the_newest_one);
	tcase_add_test(tc, so_many_as_are_asked_for_stay);
	tcase_add_test(tc, suites_are_looked_at_each_for_itself);
	tcase_add_test(tc, a_dry_run_marks_nothing);
	tcase_add_test(tc, again_it_finds_what_it_marked_and_no_more);
	tcase_add_test(tc, what_is_marked_already_keeps_nothing);
	tcase_add_test(tc, what_is_no_result_is_no_pass_and_goes);
	tcase_add_test(tc, what_cannot_be_read_now_keeps_its_package_alone);
	tcase_add_test(tc, results_are_read_only_where_something_is_old);
	tcase_add_test(tc, an_empty_tree_has_nothing_to_go);
}
