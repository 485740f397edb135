/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "mirror.h"

#define RUN_OF(source, id) "autopkgtest/sid/amd64/h/" source "/202611" id \
	"_000000@"
#define RUN(id) RUN_OF("hello", id)
#define INDEX "britney/sid/debci.json"
#define PAGE "packages/sid/amd64/h/hello/history.json"

static struct mirror_report report;
static struct fail f;

static void
put(const char *path, const char *text)
{
	char below[512];

	(void)snprintf(below, sizeof below, "src/%s", path);
	harness_write(below, text);
}

static void
put_run(const char *run)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/result.json", run);
	put(path, "{\"package\": \"hello\", \"suite\": \"sid\", \"arch\": "
	    "\"amd64\", \"status\": \"pass\", \"exit_code\": 0, \"version\": "
	    "\"1.0\"}");
	(void)snprintf(path, sizeof path, "%s/log.gz", run);
	put(path, run);
}

static void
remove_from(const char *tree, const char *path)
{
	char below[512];

	(void)snprintf(below, sizeof below, "%s/%s", tree, path);
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), below, &f), 0);
}

static bool
is_here(const char *path)
{
	char below[512];

	(void)snprintf(below, sizeof below, "dst/%s", path);
	return harness_exists(below);
}

static int
go(bool full, int64_t grace_s)
{
	struct mirror_options o = { .source = harness_path("src"),
	    .dest = harness_path("dst"), .full = full, .grace_s = grace_s };

	return mirror(&o, &report, &f);
}

static void
must_go(bool full, int64_t grace_s)
{
	ck_assert_msg(go(full, grace_s) == 0, "%s", f.text);
}

static void
set_scene(void)
{
	put_run(RUN("01"));
	put("manifests/20261101T00", "+ " RUN("01") "\n");
	put(INDEX, "one");
	put(PAGE, "one");
	must_go(false, 0);
}

START_TEST(the_first_time_all_is_fetched)
{
	set_scene();
	ck_assert(report.whole);
	ck_assert_uint_eq(report.came, 1);
	ck_assert(is_here(RUN("01") "/log.gz"));
	ck_assert(is_here("by-version/sid/amd64/hello/1.0/20261101_000000@"));
	ck_assert_str_eq(harness_read("dst/" INDEX), "one");
	ck_assert_str_eq(harness_read("dst/" PAGE), "one");
	ck_assert(is_here("manifests/20261101T00"));
}
END_TEST

START_TEST(then_only_what_manifests_tell)
{
	set_scene();
	put_run(RUN("02"));
	put_run(RUN_OF("hidden", "02"));
	put("manifests/20261101T00", "+ " RUN("01") "\n+ " RUN("02") "\n");
	put(INDEX, "two");
	put(PAGE, "two");
	put("packages/sid/amd64/h/hidden/history.json", "two");
	must_go(false, 0);
	ck_assert(!report.whole);
	ck_assert_uint_eq(report.came, 1);
	ck_assert(is_here(RUN("02") "/result.json"));
	ck_assert(!is_here(RUN_OF("hidden", "02")));
	ck_assert_str_eq(harness_read("dst/" INDEX), "two");
	ck_assert_str_eq(harness_read("dst/" PAGE), "two");
	ck_assert(!is_here("packages/sid/amd64/h/hidden"));
	must_go(true, 0);
	ck_assert(is_here(RUN_OF("hidden", "02") "/log.gz"));
	ck_assert(is_here("packages/sid/amd64/h/hidden/history.json"));
}
END_TEST

/* The two steps of the source: out of the indexes, and then away. */
START_TEST(a_run_goes_when_the_source_has_it_no_more)
{
	set_scene();
	put("manifests/20261102T00", "- " RUN("01") "\n");
	must_go(false, 0);
	ck_assert(is_here(RUN("01") "/log.gz"));
	ck_assert_uint_eq(report.waiting, 1);
	remove_from("src", RUN("01"));
	must_go(false, 3600);
	ck_assert(is_here(RUN("01") "/log.gz"));
	ck_assert_uint_eq(report.waiting, 1);
	must_go(false, 0);
	ck_assert(!is_here(RUN("01")));
	ck_assert(!is_here("by-version/sid/amd64/hello/1.0"));
	ck_assert_uint_eq(report.went, 1);
	ck_assert_uint_eq(report.waiting, 0);
}
END_TEST

START_TEST(a_run_that_the_source_lacks_without_a_line_stays)
{
	set_scene();
	remove_from("src", RUN("01"));
	must_go(false, 0);
	ck_assert(is_here(RUN("01") "/log.gz"));
	must_go(true, 0);
	ck_assert(!is_here(RUN("01")));
}
END_TEST

START_TEST(a_run_that_came_back_stays)
{
	set_scene();
	put("manifests/20261102T00", "- " RUN("01") "\n");
	must_go(false, 0);
	put("manifests/20261102T00", "- " RUN("01") "\n+ " RUN("01") "\n");
	must_go(false, 0);
	ck_assert_uint_eq(report.waiting, 0);
	remove_from("src", RUN("01"));
	must_go(false, 0);
	ck_assert(is_here(RUN("01") "/log.gz"));
}
END_TEST

START_TEST(what_came_and_went_meanwhile_is_no_error)
{
	set_scene();
	put("manifests/20261102T00", "+ " RUN("02") "\n- " RUN("02") "\n");
	put(INDEX, "two");
	must_go(false, 0);
	ck_assert_uint_eq(report.came, 0);
	ck_assert_str_eq(harness_read("dst/" INDEX), "two");
}
END_TEST

START_TEST(no_index_comes_without_a_run_that_it_may_name)
{
	set_scene();
	put("manifests/20261102T00", "+ " RUN("02") "\n");
	put(INDEX, "two");
	ck_assert_int_eq(go(false, 0), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_msg(strstr(f.text, RUN("02")) != NULL, "%s", f.text);
	ck_assert_str_eq(harness_read("dst/" INDEX), "one");
	ck_assert(!is_here("manifests/20261102T00"));
	put_run(RUN("02"));
	must_go(false, 0);
	ck_assert_str_eq(harness_read("dst/" INDEX), "two");
	ck_assert(is_here(RUN("02") "/log.gz"));
}
END_TEST

/* The source is faster: the run goes between its index and its manifest. */
START_TEST(an_index_from_before_a_run_went_is_fetched_again)
{
	char script[2048], path[1024];

	set_scene();
	(void)snprintf(script, sizeof script, "#!/bin/sh\n"
	    "path=${PATH#*:}\n"
	    "case $* in */.mirror/new/manifests/)\n"
	    "\tif [ -e %s/once ]; then cd %s/src && rm -r ../once " RUN("02")
	    " &&\n"
	    "\techo '- " RUN("02") "' >>manifests/20261102T00 &&\n"
	    "\techo three >" INDEX "; fi ;;\n"
	    "esac\n"
	    "PATH=$path exec rsync \"$@\"\n", harness_dir(), harness_dir());
	harness_write("bin/rsync", script);
	ck_assert_int_eq(fchmodat(harness_dirfd(), "bin/rsync", 0755, 0), 0);
	(void)snprintf(path, sizeof path, "%s:%s", harness_path("bin"),
	    getenv("PATH"));
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	harness_write("once", "");
	put_run(RUN("02"));
	put("manifests/20261102T00", "+ " RUN("02") "\n");
	put(INDEX, "two");
	must_go(false, 0);
	ck_assert(!harness_exists("once"));
	ck_assert_str_eq(harness_read("dst/" INDEX), "three\n");
	ck_assert(!is_here(RUN("02")));
}
END_TEST

START_TEST(nothing_outside_is_asked_for)
{
	harness_write("secret/20261101_000000@/log.gz", "secret");
	put_run(RUN("01"));
	put("manifests/20261101T00", "+ ../secret/20261101_000000@\n"
	    "+ /etc/passwd\n"
	    "+ autopkgtest/../../secret/20261101_000000@\n"
	    "+ autopkgtest/sid/amd64/x/hello/20261101_000000@\n"
	    "- britney\n"
	    "+ " RUN("01") "\n");
	put(INDEX, "one");
	must_go(false, 0);
	put("manifests/20261102T00", "- ../dst/" RUN("01") "\n- .mirror\n");
	must_go(false, 0);
	ck_assert_uint_eq(report.waiting, 0);
	ck_assert(is_here(RUN("01")));
	ck_assert(!is_here("secret"));
	ck_assert(is_here(INDEX));
}
END_TEST

START_TEST(no_link_is_taken_or_followed)
{
	set_scene();
	harness_write("secret", "secret");
	put_run(RUN("02"));
	ck_assert_int_eq(symlinkat("/etc", harness_dirfd(), "src/etc"), 0);
	ck_assert_int_eq(symlinkat("../../../secret", harness_dirfd(),
	    "src/britney/sid/link"), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", harness_dirfd(),
	    "src/" RUN("02") "/link"), 0);
	put("manifests/20261101T00", "+ " RUN("01") "\n+ " RUN("02") "\n");
	must_go(false, 0);
	ck_assert(is_here(RUN("02") "/log.gz"));
	ck_assert(!is_here(RUN("02") "/link"));
	ck_assert(!is_here("britney/sid/link"));
	ck_assert(!is_here("etc"));
}
END_TEST

START_TEST(names_with_a_dot_are_nobodys_business)
{
	set_scene();
	put(".index/notices/x", "");
	put("britney/sid/.debci.json.1", "");
	put(".mirror/mark", "20261101T00 1 000000000000");
	must_go(true, 0);
	ck_assert(!is_here(".index"));
	ck_assert(!is_here("britney/sid/.debci.json.1"));
}
END_TEST

START_TEST(an_index_that_the_source_gave_up_goes)
{
	set_scene();
	put("britney/kali/debci.json", "");
	must_go(false, 0);
	ck_assert(is_here("britney/kali/debci.json"));
	remove_from("src", "britney/kali");
	must_go(false, 0);
	ck_assert(!is_here("britney/kali"));
	ck_assert(is_here(INDEX));
	ck_assert(is_here(PAGE));
}
END_TEST

START_TEST(manifests_that_do_not_go_on_make_it_compare_all)
{
	set_scene();
	put_run(RUN("03"));
	put("manifests/20261101T00", "+ " RUN("03") "\n+ " RUN("01") "\n");
	must_go(false, 0);
	ck_assert(report.whole);
	ck_assert(is_here(RUN("03") "/log.gz"));
	must_go(false, 0);
	ck_assert(!report.whole);
	remove_from("src", "manifests/20261101T00");
	put("manifests/20270101T00", "+ " RUN("03") "\n");
	must_go(false, 0);
	ck_assert(report.whole);
	ck_assert(!is_here("manifests/20261101T00"));
}
END_TEST

/* A part of a run that was cut off, and is gone at the source since. */
START_TEST(what_came_in_part_never_gets_to_its_place)
{
	set_scene();
	harness_write("dst/.mirror/runs/" RUN("02") "/log.gz", "");
	put("manifests/20261102T00", "+ " RUN("02") "\n- " RUN("02") "\n");
	must_go(false, 0);
	ck_assert(!is_here(RUN("02")));
	ck_assert(!is_here(".mirror/runs"));
}
END_TEST

START_TEST(what_came_in_part_is_completed)
{
	set_scene();
	put_run(RUN("02"));
	harness_write("dst/.mirror/runs/" RUN("02") "/log.gz", "half");
	put("manifests/20261102T00", "+ " RUN("02") "\n");
	must_go(false, 0);
	ck_assert_str_eq(harness_read("dst/" RUN("02") "/log.gz"), RUN("02"));
	ck_assert(is_here(RUN("02") "/result.json"));
}
END_TEST

/* As by one that had to begin again, or was killed before it put it there. */
START_TEST(what_came_as_a_whole_is_put_in_place)
{
	char command[1024];

	set_scene();
	put_run(RUN("02"));
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(),
	    "dst/.mirror/runs/autopkgtest/sid/amd64/h/hello", &f), 0);
	(void)snprintf(command, sizeof command, "cp -a %s %s",
	    harness_path("src/" RUN("02")),
	    harness_path("dst/.mirror/runs/" RUN("02")));
	ck_assert_int_eq(system(command), 0);
	put("manifests/20261102T00", "+ " RUN("02") "\n");
	must_go(false, 0);
	ck_assert(is_here(RUN("02") "/log.gz"));
}
END_TEST

START_TEST(an_index_of_the_same_size_in_the_same_second_is_seen)
{
	set_scene();
	for (int i = 0; i < 3; i++) {
		put(INDEX, i % 2 ? "odd" : "two");
		must_go(false, 0);
		ck_assert_str_eq(harness_read("dst/" INDEX),
		    i % 2 ? "odd" : "two");
	}
}
END_TEST

START_TEST(a_mirror_can_be_mirrored)
{
	struct mirror_options o = { .source = harness_path("dst"),
	    .dest = harness_path("third") };

	set_scene();
	ck_assert_msg(mirror(&o, &report, &f) == 0, "%s", f.text);
	ck_assert(harness_exists("third/" RUN("01") "/log.gz"));
	ck_assert(harness_exists("third/" INDEX));
}
END_TEST

START_TEST(a_tree_without_manifests_is_no_source)
{
	put_run(RUN("01"));
	put("manifests/README", "");
	ck_assert_int_eq(go(false, 0), -1);
	ck_assert_int_eq(f.status, EX_UNAVAILABLE);
}
END_TEST

void
add_tests(TCase *tc)
{
	/* Each mirror syncs the whole filesystem, which others write to. */
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, the_first_time_all_is_fetched);
	tcase_add_test(tc, then_only_what_manifests_tell);
	tcase_add_test(tc, a_run_goes_when_the_source_has_it_no_more);
	tcase_add_test(tc, a_run_that_the_source_lacks_without_a_line_stays);
	tcase_add_test(tc, a_run_that_came_back_stays);
	tcase_add_test(tc, what_came_and_went_meanwhile_is_no_error);
	tcase_add_test(tc, no_index_comes_without_a_run_that_it_may_name);
	tcase_add_test(tc,
	    an_index_from_before_a_run_went_is_fetched_again);
	tcase_add_test(tc, nothing_outside_is_asked_for);
	tcase_add_test(tc, no_link_is_taken_or_followed);
	tcase_add_test(tc, names_with_a_dot_are_nobodys_business);
	tcase_add_test(tc, an_index_that_the_source_gave_up_goes);
	tcase_add_test(tc,
	    manifests_that_do_not_go_on_make_it_compare_all);
	tcase_add_test(tc, what_came_in_part_never_gets_to_its_place);
	tcase_add_test(tc, what_came_in_part_is_completed);
	tcase_add_test(tc, what_came_as_a_whole_is_put_in_place);
	tcase_add_test(tc,
	    an_index_of_the_same_size_in_the_same_second_is_seen);
	tcase_add_test(tc, a_mirror_can_be_mirrored);
	tcase_add_test(tc, a_tree_without_manifests_is_no_source);
}
