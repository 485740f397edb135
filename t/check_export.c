/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "export.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "spool.h"

static const struct spool *s;

/* What is exported; json_tree_free it. */
static struct json_tree *
export_since(int64_t since_s)
{
	const struct conf *c = harness_conf("");
	struct export_query q = { .suite = "sid", .ppa = "",
	    .since_s = since_s };
	struct buf out = { 0 };
	struct json_tree *t;
	struct fail f;

	ck_assert_msg(export_debci(c, s, &q, &out, &f) == 0, "%s", f.text);
	t = json_tree_parse("debci.json", out.s, out.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	ck_assert_int_le(llabs(json_tree_get_number(t, "until", 0) -
	    clock_now_s()), 5);
	buf_free(&out);
	return t;
}

static size_t
count(const struct json_tree *t)
{
	return json_tree_length(json_tree_get(t, "results"));
}

/* The only result of that package. */
static const struct json_tree *
find(const struct json_tree *t, const char *package)
{
	const struct json_tree *all = json_tree_get(t, "results"), *found;

	found = NULL;
	for (size_t i = 0; i < json_tree_length(all); i++) {
		const struct json_tree *r = json_tree_item(all, i);

		if (strcmp(json_tree_get_string(r, "package"), package))
			continue;
		ck_assert_ptr_null(found);
		found = r;
	}
	ck_assert_ptr_nonnull(found);
	return found;
}

static void
expect(const struct json_tree *r, const char *key, const char *want)
{
	const char *got = json_tree_get_string(r, key);

	if (want)
		ck_assert_ptr_nonnull(got);
	else
		ck_assert_int_eq(json_tree_kind(json_tree_get(r, key)),
		    JSON_KIND_NULL);
	if (want)
		ck_assert_str_eq(got, want);
}

static void
publish(const char *suite, const char *run_id, const char *more)
{
	char path[128], text[512];

	(void)snprintf(path, sizeof path, "results/autopkgtest/%s/amd64/g/"
	    "green/%s/result.json", suite, run_id);
	(void)snprintf(text, sizeof text, "{\"package\": \"green\", "
	    "\"suite\": \"%s\", \"arch\": \"amd64\", \"status\": \"fail\", "
	    "\"message\": \"Tests failed\", \"exit_code\": 4%s}", suite,
	    more);
	harness_write(path, text);
}

START_TEST(an_empty_spool_exports_no_results)
{
	struct json_tree *t;

	s = harness_spool("amd64");
	t = export_since(0);
	ck_assert_uint_eq(count(t), 0);
	ck_assert_int_eq(json_tree_kind(json_tree_get(t, "results")),
	    JSON_KIND_ARRAY);
	json_tree_free(t);
}
END_TEST

START_TEST(a_result_is_told_as_britney_reads_it)
{
	const struct json_tree *r;
	struct json_tree *t;

	s = harness_spool("amd64");
	publish("sid", "20261122_160102@", ", \"version\": \"1:2-3\", "
	    "\"triggers\": [\"red/2\", \"blue/1\"], \"requester\": \"joe\", "
	    "\"started\": \"2026-11-22T16:00:00Z\", "
	    "\"finished\": \"2026-11-22T16:01:00Z\"");
	t = export_since(0);
	r = find(t, "green");
	expect(r, "run_id", "20261122_160102@");
	expect(r, "suite", "sid");
	expect(r, "arch", "amd64");
	expect(r, "version", "1:2-3");
	expect(r, "trigger", "red/2 blue/1");
	expect(r, "status", "fail");
	expect(r, "requestor", "joe");
	/* britney cuts the last five characters off. */
	expect(r, "updated_at", "2026-11-22T16:01:02.000Z");
	expect(r, "date", "2026-11-22T16:01:00.000Z");
	ck_assert_int_eq(json_tree_get_number(r, "duration_seconds", 0), 60);
	json_tree_free(t);
}
END_TEST

START_TEST(a_version_that_is_not_known_is_not_null)
{
	struct json_tree *t;

	s = harness_spool("amd64");
	publish("sid", "20261122_160102@", "");
	t = export_since(0);
	expect(find(t, "green"), "version", "n/a");
	expect(find(t, "green"), "trigger", NULL);
	json_tree_free(t);
}
END_TEST

START_TEST(only_the_suites_results_since_then_are_told)
{
	struct json_tree *t;

	s = harness_spool("amd64");
	publish("sid", "20261122_160102@", "");
	publish("sid", "20261122_160101@", "");
	publish("trixie", "20261122_160103@", "");
	t = export_since(1795363262);
	ck_assert_uint_eq(count(t), 1);
	expect(find(t, "green"), "run_id", "20261122_160102@");
	json_tree_free(t);
}
END_TEST

static const char *const places[] = {
	"new/05-20261122T1601/green,aaaaaaaaaaaa,p5,e1,a0",
	"new/05-29991122T1601/green,aaaaaaaaaaaa,p5,e2,a1",
	"cur/green,aaaaaaaaaaaa,p5,e1,a0@here",
	"new/dropped",
};

START_TEST(what_waits_or_runs_has_status_null_and_is_new)
{
	const struct json_tree *r;
	struct json_tree *t;
	char path[128];
	int64_t updated_s;

	s = harness_spool("amd64");
	(void)snprintf(path, sizeof path, "spool/amd64/%s", places[_i]);
	harness_write(path, "{\"package\": \"green\", \"suite\": \"sid\", "
	    "\"triggers\": [\"red/2\"], \"submit-time\": 1577836800}");
	t = export_since(clock_now_s() - 3600);
	ck_assert_uint_eq(count(t), 1);
	r = find(t, "green");
	expect(r, "status", NULL);
	expect(r, "arch", "amd64");
	expect(r, "trigger", "red/2");
	expect(r, "run_id", strstr(places[_i], "aaaa") ? "aaaaaaaaaaaa" : "");
	expect(r, "created_at", "2020-01-01T00:00:00.000Z");
	ck_assert_int_eq(clock_parse(json_tree_get_string(r, "updated_at"),
	    &updated_s), 0);
	ck_assert_int_le(llabs(updated_s - clock_now_s()), 5);
	json_tree_free(t);
}
END_TEST

START_TEST(what_is_of_no_interest_is_left_out)
{
	struct json_tree *t;

	s = harness_spool("amd64");
	harness_write("spool/amd64/new/a", "debci-trixie-amd64:other {}\n");
	harness_write("spool/amd64/new/b", "no request\n");
	harness_write("spool/amd64/new/.c", "debci-sid-amd64:green {}\n");
	harness_write("spool/amd64/bad/x,aaaaaaaaaaaa,p5,e1,a0@here",
	    "debci-sid-amd64:green {}\n");
	harness_write("spool/amd64/done/20261122/x,aaaaaaaaaaaa,p5,e1,a0@here",
	    "debci-sid-amd64:green {}\n");
	t = export_since(0);
	ck_assert_uint_eq(count(t), 0);
	json_tree_free(t);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, an_empty_spool_exports_no_results);
	tcase_add_test(tc, a_result_is_told_as_britney_reads_it);
	tcase_add_test(tc, a_version_that_is_not_known_is_not_null);
	tcase_add_test(tc, only_the_suites_results_since_then_are_told);
	tcase_add_loop_test(tc,
	    what_waits_or_runs_has_status_null_and_is_new, 0,
	    (int)(sizeof places / sizeof *places));
	tcase_add_test(tc, what_is_of_no_interest_is_left_out);
}
