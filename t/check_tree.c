/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

#define AT(suite, arch, h, source, run_id) "results/autopkgtest/" suite "/" \
	arch "/" h "/" source "/" run_id "/result.json"
#define RESULT(suite, arch, source) "{\"package\": \"" source "\", " \
	"\"suite\": \"" suite "\", \"arch\": \"" arch "\", \"status\": " \
	"\"pass\", \"exit_code\": 0}"
#define PUT(suite, arch, h, source, run_id) harness_write( \
	AT(suite, arch, h, source, run_id), RESULT(suite, arch, source))

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64");
	PUT("sid", "amd64", "h", "hello", "20261122_160102@");
	PUT("sid", "amd64", "h", "hello", "20261121_160102@");
	PUT("sid", "amd64", "libx", "libxyz", "20261120_000000@");
	PUT("sid", "arm64", "h", "hello", "20261123_160102@");
	PUT("kali-rolling", "amd64", "h", "hello", "20261122_160102@");
	harness_write("results/autopkgtest/.hidden/x", "");
	harness_write("results/autopkgtest/sid/README!/x", "");
	harness_write("results/autopkgtest/sid/amd64/h/hello/latest/x", "");
}

static void
expect(struct strs *names, int rc, const char *want)
{
	char *got = strs_join(names, " ");

	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(got, want);
	free(got);
	strs_free(names);
}

START_TEST(suites_archs_and_runs_are_listed_in_order)
{
	struct strs names = { 0 };
	struct fail f;

	set_scene();
	expect(&names, tree_suites(s, &names, &f), "kali-rolling sid");
	expect(&names, tree_archs(s, "sid", &names, &f), "amd64 arm64");
	expect(&names, tree_runs(s, "sid", "amd64", "hello", &names, &f),
	    "20261121_160102@ 20261122_160102@");
}
END_TEST

START_TEST(what_is_not_there_is_empty_and_no_error)
{
	struct strs names = { 0 };
	struct fail f;

	s = harness_spool("amd64");
	expect(&names, tree_suites(s, &names, &f), "");
	expect(&names, tree_archs(s, "sid", &names, &f), "");
	expect(&names, tree_runs(s, "sid", "amd64", "hello", &names, &f), "");
}
END_TEST

START_TEST(a_result_is_read)
{
	struct result r;
	struct fail f;

	set_scene();
	ck_assert_msg(tree_result(s, "sid", "amd64", "libxyz",
	    "20261120_000000@", &r, &f) == 0, "%s", f.text);
	ck_assert_str_eq(r.package, "libxyz");
	ck_assert_str_eq(r.status, "pass");
	result_free(&r);
}
END_TEST

START_TEST(a_result_that_retention_removed_says_enoent)
{
	struct result r;
	struct fail f;

	set_scene();
	ck_assert_int_eq(tree_result(s, "sid", "amd64", "hello",
	    "20200101_000000@", &r, &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
	result_free(&r);
}
END_TEST

static int
keep(void *context, const struct result *r, const char *run_id)
{
	strs_addf(context, "%s/%s/%s", r->arch, r->package, run_id);
	return 0;
}

static int
keep_one(void *context, const struct result *r, const char *run_id)
{
	(void)keep(context, r, run_id);
	return 1;
}

START_TEST(each_run_of_the_suite_is_visited_and_no_others)
{
	struct strs seen = { 0 };
	struct fail f;

	set_scene();
	expect(&seen, tree_each(s, "sid", 0, keep, &seen, &f),
	    "amd64/hello/20261121_160102@ amd64/hello/20261122_160102@ "
	    "amd64/libxyz/20261120_000000@ arm64/hello/20261123_160102@");
}
END_TEST

START_TEST(strangers_files_and_links_are_passed_over)
{
	struct strs seen = { 0 };
	struct fail f;

	s = harness_spool("amd64");
	PUT("sid", "amd64", "h", "hello", "20261121_160102@");
	harness_write("results/autopkgtest/notes", "x");
	harness_write("results/autopkgtest/sid/i386", "x");
	ck_assert_int_eq(fs_symlink("amd64", s->results,
	    "autopkgtest/sid/arm64"), 0);
	expect(&seen, tree_each(s, "sid", 0, keep, &seen, &f),
	    "amd64/hello/20261121_160102@");
	expect(&seen, tree_each(s, "notes", 0, keep, &seen, &f), "");
}
END_TEST

START_TEST(runs_before_the_time_are_left_out_and_those_at_it_are_not)
{
	struct strs seen = { 0 };
	struct fail f;

	set_scene();
	expect(&seen, tree_each(s, "sid", 1795363262, keep, &seen, &f),
	    "amd64/hello/20261122_160102@ arm64/hello/20261123_160102@");
	expect(&seen, tree_each(s, "sid", 1795363263, keep, &seen, &f),
	    "arm64/hello/20261123_160102@");
}
END_TEST

START_TEST(who_has_seen_enough_is_not_asked_again)
{
	struct strs seen = { 0 };
	struct fail f;

	set_scene();
	expect(&seen, tree_each(s, "sid", 0, keep_one, &seen, &f),
	    "amd64/hello/20261121_160102@");
}
END_TEST

START_TEST(a_result_that_cannot_be_read_is_passed_over)
{
	struct strs seen = { 0 };
	struct fail f;

	set_scene();
	harness_write(AT("sid", "amd64", "h", "hello", "20261121_160102@"),
	    "{");
	harness_write("results/autopkgtest/sid/amd64/h/hello/"
	    "20261121_160103@/log.gz", "");
	expect(&seen, tree_each(s, "sid", 0, keep, &seen, &f),
	    "amd64/hello/20261122_160102@ amd64/libxyz/20261120_000000@ "
	    "arm64/hello/20261123_160102@");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, suites_archs_and_runs_are_listed_in_order);
	tcase_add_test(tc, what_is_not_there_is_empty_and_no_error);
	tcase_add_test(tc, a_result_is_read);
	tcase_add_test(tc, a_result_that_retention_removed_says_enoent);
	tcase_add_test(tc, each_run_of_the_suite_is_visited_and_no_others);
	tcase_add_test(tc,
	    runs_before_the_time_are_left_out_and_those_at_it_are_not);
	tcase_add_test(tc, strangers_files_and_links_are_passed_over);
	tcase_add_test(tc, who_has_seen_enough_is_not_asked_again);
	tcase_add_test(tc, a_result_that_cannot_be_read_is_passed_over);
}
