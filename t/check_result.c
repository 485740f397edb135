/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "mem.h"
#include "result.h"

#define NAMED "\"package\": \"hello\", \"suite\": \"sid\", " \
	"\"arch\": \"amd64\", \"status\": \"pass\""

static void
fill(struct result *r)
{
	*r = (struct result){
		.id = "k3f9a2x7m1qd",
		.package = mem_dup("hello"),
		.suite = mem_dup("sid"),
		.arch = mem_dup("amd64"),
		.version = mem_dup("2.10-3"),
		.requester = mem_dup("somebody \"x\""),
		.worker = mem_dup("ci-host1"),
		.status = mem_dup("fail"),
		.message = result_message(4),
		.failure = mem_dup("no-space"),
		.exit_code = 4,
		.attempt = 2,
		.created_s = 1795363000,
		.started_s = 1795363262,
		.finished_s = 1795363300,
		.log_cut = true,
		.request = mem_dup("{\"package\": \"hello\", \"env\": []}"),
	};
	strs_split(&r->triggers, "hello/2.10-3 foo/1", " ");
	strs_split(&r->command, "autopkgtest|hello world|--", "|");
	strs_split(&r->virt_server, "null", " ");
	strs_split(&r->read_by, "alice", " ");
}

static int
read_text(struct result *r, const char *text, struct fail *f)
{
	return result_read(r, "result.json", text, strlen(text), f);
}

static void
reads(struct result *r, const char *text)
{
	struct fail f;

	ck_assert_msg(read_text(r, text, &f) == 0, "%s", f.text);
}

static void
refuses(const char *text, const char *reason)
{
	struct result r;
	struct fail f = { 0 };

	ck_assert_int_eq(read_text(&r, text, &f), -1);
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_str_eq(f.text, reason);
	ck_assert_ptr_null(r.package);
}

START_TEST(what_was_written_is_read_back)
{
	struct result in, out;
	struct buf b = { 0 }, again = { 0 };

	fill(&in);
	result_write(&in, &b);
	reads(&out, b.s);
	ck_assert_str_eq(out.id, in.id);
	ck_assert_str_eq(out.package, "hello");
	ck_assert_str_eq(out.version, "2.10-3");
	ck_assert_str_eq(out.requester, in.requester);
	ck_assert_int_eq(out.exit_code, 4);
	ck_assert_uint_eq(out.attempt, 2);
	ck_assert_int_eq(out.started_s, in.started_s);
	ck_assert(out.log_cut && !out.artifacts_cut);
	ck_assert_uint_eq(out.triggers.n, 2);
	ck_assert_str_eq(out.command.v[1], "hello world");
	ck_assert_str_eq(out.request, in.request);
	result_write(&out, &again);
	ck_assert_str_eq(b.s, again.s);
	result_free(&in);
	result_free(&out);
	buf_free(&b);
	buf_free(&again);
}
END_TEST

START_TEST(times_are_utc_text_and_the_duration_is_seconds)
{
	struct result r;
	struct buf b = { 0 };

	fill(&r);
	r.started_s = 1795363262;
	r.finished_s = 1795363300;
	result_write(&r, &b);
	ck_assert_ptr_nonnull(strstr(b.s,
	    "\n  \"started\": \"2026-11-22T16:01:02Z\",\n"));
	ck_assert_ptr_nonnull(strstr(b.s,
	    "\n  \"duration_seconds\": 38,\n"));
	result_free(&r);
	buf_free(&b);
}
END_TEST

START_TEST(what_is_unknown_is_null)
{
	struct result r = { .package = mem_dup("hello"),
	    .suite = mem_dup("sid"), .arch = mem_dup("amd64"),
	    .status = mem_dup("tmpfail"), .exit_code = 16 };
	struct result out;
	struct buf b = { 0 };

	result_write(&r, &b);
	ck_assert_ptr_nonnull(strstr(b.s, "\"version\": null,"));
	ck_assert_ptr_nonnull(strstr(b.s, "\"finished\": null,"));
	ck_assert_ptr_nonnull(strstr(b.s, "\"duration_seconds\": null,"));
	ck_assert_ptr_nonnull(strstr(b.s, "\"request\": null\n}\n"));
	reads(&out, b.s);
	ck_assert_ptr_null(out.version);
	ck_assert_ptr_null(out.request);
	ck_assert_int_eq(out.finished_s, 0);
	result_free(&r);
	result_free(&out);
	buf_free(&b);
}
END_TEST

START_TEST(the_pattern_of_a_failure_is_kept_and_shown)
{
	struct result in, out;
	struct buf b = { 0 }, shown = { 0 };
	struct json_writer w = { .out = &shown };

	fill(&in);
	result_write(&in, &b);
	reads(&out, b.s);
	ck_assert_str_eq(out.failure, "no-space");
	json_put_object(&w, NULL);
	result_put_outcome(&w, &out);
	json_put_object_end(&w);
	ck_assert_ptr_nonnull(strstr(shown.s, "\"failure\": \"no-space\""));
	result_free(&in);
	result_free(&out);
	buf_free(&b);
	buf_free(&shown);
}
END_TEST

START_TEST(a_rejected_package_says_why)
{
	struct result in, out;
	struct buf b = { 0 };

	fill(&in);
	result_write(&in, &b);
	ck_assert_ptr_null(strstr(b.s, "rejected"));
	buf_reset(&b);
	in.rejected = mem_dup("it eats disks");
	result_write(&in, &b);
	reads(&out, b.s);
	ck_assert_str_eq(out.rejected, "it eats disks");
	result_free(&in);
	result_free(&out);
	buf_free(&b);
}
END_TEST

START_TEST(the_request_is_an_object_inside)
{
	struct result r;
	struct buf b = { 0 };

	fill(&r);
	result_write(&r, &b);
	ck_assert_ptr_nonnull(strstr(b.s,
	    "\"request\": {\n    \"package\": \"hello\",\n"));
	result_free(&r);
	buf_free(&b);
}
END_TEST

START_TEST(a_request_that_is_no_json_is_kept_as_text)
{
	struct result r, out;
	struct buf b = { 0 };

	fill(&r);
	r.request[0] = 'x';
	result_write(&r, &b);
	reads(&out, b.s);
	ck_assert_str_eq(out.request, r.request);
	result_free(&r);
	result_free(&out);
	buf_free(&b);
}
END_TEST

START_TEST(unknown_keys_are_passed_over)
{
	struct result r;

	reads(&r, "{" NAMED ", \"colour\": \"blue\"}");
	ck_assert_str_eq(r.status, "pass");
	result_free(&r);
}
END_TEST

START_TEST(a_wrong_type_is_named_with_its_key)
{
	refuses("{" NAMED ", \"exit_code\": \"0\"}",
	    "result.json: exit_code: must be a number");
	refuses("{" NAMED ", \"exit_code\": 0.5}",
	    "result.json: exit_code: must be a number");
	refuses("{" NAMED ", \"attempt\": -1}",
	    "result.json: attempt: is out of range");
	refuses("{" NAMED ", \"triggers\": \"hello/1\"}",
	    "result.json: triggers: must be a list of strings");
	refuses("{" NAMED ", \"triggers\": [\"hello/1\", 2]}",
	    "result.json: triggers: must be a list of strings");
	refuses("{" NAMED ", \"worker\": []}",
	    "result.json: worker: must be a string");
	refuses("{" NAMED ", \"log_cut\": 1}",
	    "result.json: log_cut: must be true or false");
	refuses("{" NAMED ", \"created\": \"yesterday\"}", "result.json: "
	    "created: must be a time like 2026-11-22T16:01:02Z");
	refuses("[]", "result.json:1: must be an object");
}
END_TEST

START_TEST(no_path_can_be_built_from_a_name_that_is_none)
{
	refuses("{\"package\": \"../etc\"}",
	    "result.json: package: is not a name that can be one");
	refuses("{\"package\": \"hello\", \"suite\": \"sid\"}",
	    "result.json: arch: is missing");
	refuses("{" NAMED ", \"version\": \"1/2\"}",
	    "result.json: version: is not a package's version");
	refuses("{" NAMED ", \"id\": \"../../x\"}",
	    "result.json: id: is not a request's id");
	refuses("{\"package\": \"hello\", \"suite\": \"sid\", "
	    "\"arch\": \"amd64\", \"status\": \"passed\"}",
	    "result.json: status: is not a name that can be one");
}
END_TEST

START_TEST(statuses_are_those_of_debci)
{
	static const struct { int code; const char *status; } table[] = {
	    { 0, "pass" }, { 2, "pass" }, { 4, "fail" }, { 6, "fail" },
	    { 8, "neutral" }, { 12, "fail" }, { 14, "fail" },
	    { 16, "tmpfail" }, { 20, "tmpfail" }, { 1, "tmpfail" },
	    { 137, "tmpfail" } };

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		ck_assert_str_eq(result_status(table[i].code),
		    table[i].status);
}
END_TEST

START_TEST(messages_are_those_of_debci)
{
	char *known = result_message(0), *other = result_message(20);

	ck_assert_str_eq(known, "All tests passed");
	ck_assert_str_eq(other, "Unexpected autopkgtest exit code 20");
	free(known);
	free(other);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_was_written_is_read_back);
	tcase_add_test(tc, times_are_utc_text_and_the_duration_is_seconds);
	tcase_add_test(tc, what_is_unknown_is_null);
	tcase_add_test(tc, the_pattern_of_a_failure_is_kept_and_shown);
	tcase_add_test(tc, a_rejected_package_says_why);
	tcase_add_test(tc, the_request_is_an_object_inside);
	tcase_add_test(tc, a_request_that_is_no_json_is_kept_as_text);
	tcase_add_test(tc, unknown_keys_are_passed_over);
	tcase_add_test(tc, a_wrong_type_is_named_with_its_key);
	tcase_add_test(tc, no_path_can_be_built_from_a_name_that_is_none);
	tcase_add_test(tc, statuses_are_those_of_debci);
	tcase_add_test(tc, messages_are_those_of_debci);
}
