/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "result.h"
#include "strs.h"

static struct entry e;
static struct json_tree *t;

static const struct json_tree *
parse(const char *text)
{
	struct fail f;

	t = json_tree_parse("entry", text, strlen(text), &f);
	ck_assert_msg(t != NULL, "%s: %s", f.text, text);
	return t;
}

/* The entry of a result with more of result.json in it. */
static const struct json_tree *
entry(const char *more)
{
	struct result r;
	struct fail f;
	char *text = mem_printf("{\"package\": \"libx\", \"suite\": \"sid\", "
	    "\"arch\": \"amd64\", \"status\": \"pass\"%s}", more);

	ck_assert_msg(result_read(&r, "result.json", text, strlen(text),
	    &f) == 0, "%s", f.text);
	entry_make(&e, &r, "20261122_160102@");
	result_free(&r);
	free(text);
	text = mem_printf("%s}", e.json.s);
	(void)parse(text);
	free(text);
	return t;
}

static void
is(const char *key, const char *wanted)
{
	const char *got = json_tree_get_string(t, key);

	ck_assert_msg(got && strcmp(got, wanted) == 0, "%s: %s", key,
	    got ? got : "null");
}

static void
is_null(const char *key)
{
	ck_assert_int_eq(json_tree_kind(json_tree_get(t, key)),
	    JSON_KIND_NULL);
}

static void
done(void)
{
	json_tree_free(t);
	entry_free(&e);
}

START_TEST(what_is_not_known_is_null_but_for_the_version)
{
	entry("");
	is("run_id", "20261122_160102@");
	is("updated_at", "2026-11-22T16:01:02.000Z");
	is("version", "n/a");
	is_null("created_at");
	is_null("trigger");
	is_null("date");
	is_null("duration_seconds");
	is_null("duration_human");
	is_null("requestor");
	ck_assert_str_eq(e.ppa, "");
	ck_assert_str_eq(e.env, "");
	ck_assert(e.plain);
	done();
}
END_TEST

START_TEST(all_that_is_known_is_told)
{
	entry(", \"version\": \"1:2-3\", \"triggers\": [\"a/1\", \"b/2:1\"], "
	    "\"message\": \"All \\\"tests\\\" passed\", \"worker\": \"w\", "
	    "\"requester\": \"joe\", \"created\": \"2026-11-22T15:00:00Z\", "
	    "\"started\": \"2026-11-22T15:00:01Z\", "
	    "\"finished\": \"2026-11-22T16:01:00Z\"");
	is("version", "1:2-3");
	is("trigger", "a/1 b/2:1");
	is("message", "All \"tests\" passed");
	is("worker", "w");
	is("requestor", "joe");
	is("created_at", "2026-11-22T15:00:00.000Z");
	is("date", "2026-11-22T16:01:00.000Z");
	is("duration_human", "1h 0m 59s");
	ck_assert_int_eq(json_tree_get_number(t, "duration_seconds", 0),
	    3659);
	done();
}
END_TEST

START_TEST(a_rejected_package_failed_without_a_version)
{
	entry(", \"version\": \"1\", \"message\": \"x\", "
	    "\"rejected\": \"it eats disks\"");
	is_null("version");
	is("status", "fail");
	is("message", "it eats disks");
	done();
}
END_TEST

START_TEST(pins_are_pairs)
{
	const struct json_tree *pins;

	entry(", \"request\": {\"pin-packages\": "
	    "[\"sid=src:a,src:b\", \"exp=c\"]}");
	pins = json_tree_get(t, "pin_packages");
	ck_assert_uint_eq(json_tree_length(pins), 2);
	ck_assert_str_eq(json_tree_string(json_tree_item(
	    json_tree_item(pins, 0), 0)), "src:a,src:b");
	ck_assert_str_eq(json_tree_string(json_tree_item(
	    json_tree_item(pins, 0), 1)), "sid");
	ck_assert_str_eq(json_tree_string(json_tree_item(
	    json_tree_item(pins, 1), 0)), "c");
	done();
}
END_TEST

static const char *const special[] = {
	"\"pin-packages\": [\"sid=src:a\"]", "\"ppas\": [\"a/b\"]",
	"\"extra-apt-sources\": [\"deb http://x sid main\"]",
	"\"all-proposed\": true",
};

START_TEST(a_run_with_more_than_the_suite_is_not_plain)
{
	char *more = mem_printf(", \"request\": {%s}", special[_i]);

	entry(more);
	ck_assert(!e.plain);
	free(more);
	done();
}
END_TEST

START_TEST(the_last_ppa_names_the_list)
{
	entry(", \"request\": {\"ppas\": [\"a/b\", \"joe/me:0123456789AB\"]}");
	ck_assert_str_eq(e.ppa, "joe/me");
	done();
}
END_TEST

START_TEST(ubuntus_env_has_what_is_special)
{
	entry(", \"request\": {\"env\": [\"A=b\"], \"all-proposed\": true, "
	    "\"test-name\": [\"x\", \"y\"]}");
	ck_assert_str_eq(e.env, "all-proposed=1,testname=x,testname=y,A=b");
	done();
}
END_TEST

START_TEST(a_request_that_is_no_json_is_passed_over)
{
	entry(", \"request\": \"package: x\"");
	ck_assert(e.plain);
	is("package", "libx");
	done();
}
END_TEST

START_TEST(a_pending_one_has_no_status_and_is_of_now)
{
	struct buf out = { 0 };
	struct request r;
	struct fail f;
	static const char text[] = "package: libx\nsuite: sid\narch: amd64\n"
	    "triggers: [aa/1, bb/2]\nsubmit-time: 2020-01-01T00:00:00Z\n";

	ck_assert_msg(request_parse(&r, "r", text, strlen(text), &f) == 0,
	    "%s", f.text);
	entry_pending(&out, &r, "k3f9a2x7m1qd", 1795363262);
	(void)parse(out.s);
	is("run_id", "k3f9a2x7m1qd");
	is_null("status");
	is_null("version");
	is("trigger", "aa/1 bb/2");
	is("created_at", "2020-01-01T00:00:00.000Z");
	is("updated_at", "2026-11-22T16:01:02.000Z");
	request_free(&r);
	buf_free(&out);
	done();
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_is_not_known_is_null_but_for_the_version);
	tcase_add_test(tc, all_that_is_known_is_told);
	tcase_add_test(tc, a_rejected_package_failed_without_a_version);
	tcase_add_test(tc, pins_are_pairs);
	tcase_add_loop_test(tc, a_run_with_more_than_the_suite_is_not_plain,
	    0, (int)(sizeof special / sizeof *special));
	tcase_add_test(tc, the_last_ppa_names_the_list);
	tcase_add_test(tc, ubuntus_env_has_what_is_special);
	tcase_add_test(tc, a_request_that_is_no_json_is_passed_over);
	tcase_add_test(tc, a_pending_one_has_no_status_and_is_of_now);
}
