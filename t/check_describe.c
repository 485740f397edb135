/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "describe.h"
#include "fail.h"
#include "find.h"
#include "harness.h"
#include "json.h"
#include "spool.h"

#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define REQUEST "{\"package\": \"hello\", \"suite\": \"sid\", " \
	"\"triggers\": [\"red/2\"], \"requester\": \"joe\"}"

static const struct spool *s;
static const struct conf *c;

static void
set_scene(const char *path)
{
	s = harness_spool("amd64");
	c = harness_conf("");
	harness_write(path, REQUEST);
}

static void
publish(const char *suite, const char *run_id)
{
	char path[128], text[512];

	(void)snprintf(path, sizeof path, "results/autopkgtest/%s/amd64/h/"
	    "hello/%s/result.json", suite, run_id);
	(void)snprintf(text, sizeof text, "{\"id\": \"aaaaaaaaaaaa\", "
	    "\"package\": \"hello\", \"suite\": \"%s\", \"arch\": \"amd64\", "
	    "\"status\": \"pass\", \"message\": \"All tests passed\", "
	    "\"exit_code\": 0, \"version\": \"2.10-3\", \"worker\": \"here\", "
	    "\"attempt\": 1}", suite);
	harness_write(path, text);
}

/* What is said of the request; buf_free it. */
static struct buf
describe(bool json)
{
	struct buf out = { 0 };
	struct found found;
	struct fail f;

	ck_assert_int_eq(find_request(s, "aaaaaaaaaaaa", &found, &f), 0);
	ck_assert_msg(describe_request(c, s, &found, json, &out, &f) == 0,
	    "%s", f.text);
	return out;
}

static void
says(const struct buf *out, const char *what)
{
	ck_assert_msg(strstr(out->s, what) != NULL, "%s: %s", what, out->s);
}

START_TEST(what_runs_is_told_with_its_worker)
{
	struct buf out;

	set_scene("spool/amd64/cur/" NAME);
	out = describe(false);
	says(&out, "aaaaaaaaaaaa");
	says(&out, "hello in sid on amd64");
	says(&out, "red/2");
	says(&out, "joe");
	says(&out, "running (amd64/cur/" NAME ")");
	says(&out, "here, attempt 1");
	buf_free(&out);
}
END_TEST

START_TEST(what_is_done_is_told_with_its_result)
{
	struct buf out;

	set_scene("spool/amd64/done/20261122/" NAME);
	publish("sid", "20261122_160102@");
	out = describe(false);
	says(&out, "pass, exit 0 (All tests passed)");
	says(&out, "autopkgtest/sid/amd64/h/hello/20261122_160102@");
	buf_free(&out);
}
END_TEST

START_TEST(what_is_done_but_not_published_has_no_result_yet)
{
	struct buf out;

	set_scene("spool/amd64/done/20261122/" NAME);
	out = describe(false);
	says(&out, "done (");
	ck_assert_ptr_null(strstr(out.s, "result:"));
	buf_free(&out);
}
END_TEST

START_TEST(what_was_refused_says_why_though_it_is_no_request)
{
	struct buf out;

	set_scene("spool/amd64/bad/" NAME);
	harness_write("spool/amd64/bad/" NAME, "no request\n");
	out = describe(false);
	says(&out, "bad (amd64/bad/" NAME ")");
	buf_free(&out);
}
END_TEST

START_TEST(the_json_says_the_same)
{
	const struct json_tree *r;
	struct json_tree *t;
	struct buf out;
	struct fail f;

	set_scene("spool/amd64/done/20261122/" NAME);
	publish("sid", "20261122_160102@");
	out = describe(true);
	t = json_tree_parse("out", out.s, out.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	ck_assert_str_eq(json_tree_get_string(t, "id"), "aaaaaaaaaaaa");
	ck_assert_str_eq(json_tree_get_string(t, "state"), "done");
	ck_assert_str_eq(json_tree_get_string(t, "package"), "hello");
	r = json_tree_get(t, "result");
	ck_assert_str_eq(json_tree_get_string(r, "run_id"),
	    "20261122_160102@");
	ck_assert_str_eq(json_tree_get_string(r, "status"), "pass");
	ck_assert_int_eq(json_tree_get_number(r, "exit_code", -1), 0);
	json_tree_free(t);
	buf_free(&out);
}
END_TEST

START_TEST(a_package_is_told_newest_first_in_every_suite)
{
	struct buf out = { 0 };
	struct fail f;

	set_scene("spool/amd64/cur/" NAME);
	publish("sid", "20261122_160102@");
	publish("sid", "20261122_160103@");
	publish("trixie", "20261121_160102@");
	ck_assert_int_eq(describe_package(s, "hello", false, &out, &f), 0);
	says(&out, "20261121_160102@  trixie");
	ck_assert_ptr_nonnull(strstr(strstr(out.s, "20261122_160103@"),
	    "20261122_160102@"));
	buf_free(&out);
}
END_TEST

START_TEST(a_package_without_results_is_told_so)
{
	struct buf out = { 0 };
	struct fail f;

	set_scene("spool/amd64/cur/" NAME);
	ck_assert_int_eq(describe_package(s, "hello", false, &out, &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	buf_free(&out);
	ck_assert_int_eq(describe_package(s, "hello", true, &out, &f), 0);
	ck_assert_str_eq(out.s, "[]\n");
	buf_free(&out);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_runs_is_told_with_its_worker);
	tcase_add_test(tc, what_is_done_is_told_with_its_result);
	tcase_add_test(tc,
	    what_is_done_but_not_published_has_no_result_yet);
	tcase_add_test(tc,
	    what_was_refused_says_why_though_it_is_no_request);
	tcase_add_test(tc, the_json_says_the_same);
	tcase_add_test(tc, a_package_is_told_newest_first_in_every_suite);
	tcase_add_test(tc, a_package_without_results_is_told_so);
}
