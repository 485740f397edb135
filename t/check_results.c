/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "results.h"
#include "spool.h"

enum { NOON = 1795348800 };	/* 2026-11-22T12:00:00Z */

#define RUN(suite, arch, h, source, run_id) "autopkgtest/" suite "/" arch "/" \
	h "/" source "/" run_id
#define PUT(suite, arch, h, source, run_id, status, trigger) harness_write( \
	"results/" RUN(suite, arch, h, source, run_id) "/result.json", \
	"{\"package\": \"" source "\", \"suite\": \"" suite "\", \"arch\": \"" \
	arch "\", \"status\": \"" status "\", \"exit_code\": 0, \"version\": " \
	"\"1.0-1\", \"triggers\": [\"" trigger "\", \"other/3\"]}")

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64");
	PUT("sid", "amd64", "h", "hello", "20261122_120000@", "pass",
	    "glibc/2.41-1");
	PUT("sid", "amd64", "h", "hello", "20261120_120000@", "fail",
	    "glibc/2.40-1");
	PUT("sid", "arm64", "h", "hello", "20261122_120001@", "neutral",
	    "hello/1.0-1");
	PUT("sid", "amd64", "libx", "libxyz", "20261121_120000@", "tmpfail",
	    "glib/1-1");
	PUT("kali-rolling", "amd64", "h", "hello", "20261122_120000@", "fail",
	    "hello/1.0-1");
}

static void
keep(void *context, const struct notice *a, const struct result *r)
{
	buf_addf(context, "%s%s/%s/%s:%.8s=%s", ((struct buf *)context)->len ?
	    " " : "", a->suite, a->arch, a->source, a->run_id, r->status);
}

static struct results_seen seen;

static void
expect(const struct results_query *q, const char *want)
{
	struct buf got = { 0 };
	struct fail f;

	buf_add(&got, "");
	ck_assert_msg(results_each(s, q, keep, &got, &seen, &f) == 0, "%s",
	    f.text);
	ck_assert_str_eq(got.s, want);
	buf_free(&got);
}

START_TEST(all_results_come_newest_first)
{
	set_scene();
	expect(&(struct results_query){ 0 },
	    "sid/arm64/hello:20261122=neutral "
	    "kali-rolling/amd64/hello:20261122=fail "
	    "sid/amd64/hello:20261122=pass "
	    "sid/amd64/libxyz:20261121=tmpfail "
	    "sid/amd64/hello:20261120=fail");
	ck_assert_uint_eq(seen.found, 5);
	ck_assert(seen.walked);
}
END_TEST

START_TEST(a_limit_ends_the_reading)
{
	set_scene();
	harness_write("results/" RUN("sid", "amd64", "h", "hello",
	    "20261119_120000@") "/result.json", "{");
	expect(&(struct results_query){ .limit = 2 },
	    "sid/arm64/hello:20261122=neutral "
	    "kali-rolling/amd64/hello:20261122=fail");
	ck_assert_uint_eq(seen.unread, 0);
}
END_TEST

START_TEST(names_narrow)
{
	set_scene();
	expect(&(struct results_query){ .package = "libxyz" },
	    "sid/amd64/libxyz:20261121=tmpfail");
	ck_assert(!seen.walked);
	expect(&(struct results_query){ .suite = "kali-rolling" },
	    "kali-rolling/amd64/hello:20261122=fail");
	expect(&(struct results_query){ .arch = "arm64" },
	    "sid/arm64/hello:20261122=neutral");
	expect(&(struct results_query){ .package = "hello", .suite = "sid",
	    .arch = "amd64" }, "sid/amd64/hello:20261122=pass "
	    "sid/amd64/hello:20261120=fail");
	expect(&(struct results_query){ .package = "none" }, "");
	expect(&(struct results_query){ .suite = "none" }, "");
}
END_TEST

START_TEST(statuses_narrow_and_the_limit_counts_what_matches)
{
	struct results_query q = { .limit = 2 };

	set_scene();
	strs_add(&q.statuses, "fail");
	strs_add(&q.statuses, "tmpfail");
	expect(&q, "kali-rolling/amd64/hello:20261122=fail "
	    "sid/amd64/libxyz:20261121=tmpfail");
	strs_free(&q.statuses);
}
END_TEST

START_TEST(a_trigger_is_a_source_or_a_version_of_it)
{
	set_scene();
	expect(&(struct results_query){ .trigger = "glibc" },
	    "sid/amd64/hello:20261122=pass sid/amd64/hello:20261120=fail");
	expect(&(struct results_query){ .trigger = "glibc/2.40-1" },
	    "sid/amd64/hello:20261120=fail");
	expect(&(struct results_query){ .trigger = "glibc/2.4" }, "");
	expect(&(struct results_query){ .trigger = "other/3", .limit = 1 },
	    "sid/arm64/hello:20261122=neutral");
}
END_TEST

START_TEST(without_manifests_a_time_narrows_by_walking)
{
	set_scene();
	expect(&(struct results_query){ .since_s = NOON },
	    "sid/arm64/hello:20261122=neutral "
	    "kali-rolling/amd64/hello:20261122=fail "
	    "sid/amd64/hello:20261122=pass");
	ck_assert(seen.walked);
	expect(&(struct results_query){ .since_s = NOON + 1 },
	    "sid/arm64/hello:20261122=neutral");
	expect(&(struct results_query){ .since_s = NOON + 1,
	    .package = "hello" }, "sid/arm64/hello:20261122=neutral");
	ck_assert(!seen.walked);
}
END_TEST

/* kali's is in none of these: who finds it has walked. */
static void
set_manifests(void)
{
	set_scene();
	harness_write("results/manifests/20261120T23", "");
	harness_write("results/manifests/20261121T12", "+ " RUN("sid", "amd64",
	    "libx", "libxyz", "20261121_120000@") "\n");
	harness_write("results/manifests/20261122T12",
	    "+ " RUN("sid", "amd64", "h", "hello", "20261122_120000@") "\n"
	    "+ " RUN("sid", "amd64", "h", "hello", "20261122_115959@") "\n"
	    "+ ../../../../etc/passwd\n"
	    "+ " RUN("sid", "amd64", "h", "hello", "20261122_120000@") "\n"
	    "- " RUN("sid", "amd64", "h", "hello", "20261122_115959@") "\n");
	harness_write("results/manifests/README", "");
}

START_TEST(manifests_tell_what_is_new_without_a_walk)
{
	set_manifests();
	expect(&(struct results_query){ .since_s = NOON },
	    "sid/amd64/hello:20261122=pass");
	ck_assert(!seen.walked);
	expect(&(struct results_query){ .since_s = NOON - 86400 },
	    "sid/amd64/hello:20261122=pass sid/amd64/libxyz:20261121=tmpfail");
	expect(&(struct results_query){ .since_s = NOON - 86400,
	    .arch = "arm64" }, "");
	expect(&(struct results_query){ .since_s = NOON + 90000 }, "");
	ck_assert(!seen.walked);
}
END_TEST

START_TEST(what_waits_for_the_indexer_is_found)
{
	set_manifests();
	harness_write("results/.index/notices/"
	    "new,sid,arm64,hello,20261122_120001@", "");
	harness_write("results/.index/notices/"
	    "gone,sid,arm64,hello,20261122_120001@", "");
	harness_write("results/.index/notices/new,..,..,..,..", "");
	expect(&(struct results_query){ .since_s = NOON },
	    "sid/arm64/hello:20261122=neutral sid/amd64/hello:20261122=pass");
	ck_assert(!seen.walked);
}
END_TEST

START_TEST(manifests_that_do_not_reach_back_are_no_reason_to_miss_any)
{
	set_manifests();
	expect(&(struct results_query){ .since_s = NOON - 2 * 86400 },
	    "sid/arm64/hello:20261122=neutral "
	    "kali-rolling/amd64/hello:20261122=fail "
	    "sid/amd64/hello:20261122=pass "
	    "sid/amd64/libxyz:20261121=tmpfail "
	    "sid/amd64/hello:20261120=fail");
	ck_assert(seen.walked);
}
END_TEST

START_TEST(what_cannot_be_read_is_counted)
{
	set_scene();
	harness_write("results/" RUN("sid", "amd64", "h", "hello",
	    "20261123_120000@") "/result.json", "{");
	harness_write("results/" RUN("sid", "amd64", "h", "hello",
	    "20261124_120000@") "/log.gz", "");
	expect(&(struct results_query){ .package = "libxyz" },
	    "sid/amd64/libxyz:20261121=tmpfail");
	ck_assert_uint_eq(seen.unread, 0);
	expect(&(struct results_query){ .arch = "arm64" },
	    "sid/arm64/hello:20261122=neutral");
	expect(&(struct results_query){ .suite = "sid", .limit = 2 },
	    "sid/arm64/hello:20261122=neutral sid/amd64/hello:20261122=pass");
	ck_assert_uint_eq(seen.unread, 1);
}
END_TEST

static void
table_of(size_t width, const char *want)
{
	struct results_table t = { 0 };
	struct buf b = { 0 };
	struct fail f;

	ck_assert_int_eq(results_each(s, &(struct results_query){ .limit = 2 },
	    results_table_add, &t, &seen, &f), 0);
	results_table_print(&t, width, &b);
	ck_assert_str_eq(b.s, want);
	results_table_free(&t);
	buf_free(&b);
}

START_TEST(a_table_is_as_wide_as_it_needs_to_be)
{
	set_scene();
	table_of(0,
	    "RUN               STATUS   SUITE         ARCH   PACKAGE  VERSION\n"
	    "20261122_120001@  neutral  sid           arm64  hello    1.0-1\n"
	    "20261122_120000@  fail     kali-rolling  amd64  hello    1.0-1\n");
}
END_TEST

START_TEST(a_table_that_is_too_wide_is_cut)
{
	set_scene();
	PUT("sid", "amd64", "libx", "libxyz-perl-with-a-long-name",
	    "20261124_120000@", "pass", "perl/5");
	table_of(60,
	    "RUN               STATUS   SUITE  ARCH   PACKAGE     VERSION\n"
	    "20261124_120000@  pass     sid    amd64  libxyz-pe>  1.0-1\n"
	    "20261122_120001@  neutral  sid    arm64  hello       1.0-1\n");
}
END_TEST

START_TEST(json_has_all_that_a_program_asks_for)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	struct json_tree *t;
	struct fail f;

	set_scene();
	ck_assert_int_eq(results_each(s, &(struct results_query){
	    .package = "libxyz" }, results_put, &w, &seen, &f), 0);
	t = json_tree_parse("out", b.s, b.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	ck_assert_str_eq(json_tree_get_string(t, "run_id"),
	    "20261121_120000@");
	ck_assert_str_eq(json_tree_get_string(t, "package"), "libxyz");
	ck_assert_str_eq(json_tree_get_string(t, "published"),
	    "2026-11-21T12:00:00Z");
	ck_assert_str_eq(json_tree_get_string(t, "path"), RUN("sid", "amd64",
	    "libx", "libxyz", "20261121_120000@"));
	ck_assert_uint_eq(json_tree_length(json_tree_get(t, "triggers")), 2);
	json_tree_free(t);
	buf_free(&b);
}
END_TEST

START_TEST(four_words_are_a_status)
{
	ck_assert(results_status_ok("pass"));
	ck_assert(results_status_ok("tmpfail"));
	ck_assert(!results_status_ok("passed"));
	ck_assert(!results_status_ok(""));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, all_results_come_newest_first);
	tcase_add_test(tc, a_limit_ends_the_reading);
	tcase_add_test(tc, names_narrow);
	tcase_add_test(tc, statuses_narrow_and_the_limit_counts_what_matches);
	tcase_add_test(tc, a_trigger_is_a_source_or_a_version_of_it);
	tcase_add_test(tc, without_manifests_a_time_narrows_by_walking);
	tcase_add_test(tc, manifests_tell_what_is_new_without_a_walk);
	tcase_add_test(tc, what_waits_for_the_indexer_is_found);
	tcase_add_test(tc,
	    manifests_that_do_not_reach_back_are_no_reason_to_miss_any);
	tcase_add_test(tc, what_cannot_be_read_is_counted);
	tcase_add_test(tc, a_table_is_as_wide_as_it_needs_to_be);
	tcase_add_test(tc, a_table_that_is_too_wide_is_cut);
	tcase_add_test(tc, json_has_all_that_a_program_asks_for);
	tcase_add_test(tc, four_words_are_a_status);
}
