/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "hook_message.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "token.h"

static char folder[] = "/etc/adtspool/hooks", file[] = "/etc/a.yaml";

static struct hook_message
sent(const struct hook_event *e)
{
	const struct conf c = { .hooks = folder, .file = file,
	    .hook_timeout_s = 7 };
	struct hook_message m;
	struct buf b = { 0 };

	hook_message_write(&c, e, &b);
	ck_assert_uint_le(b.len, HOOK_MESSAGE_MOST);
	ck_assert_int_eq(hook_message_read(&m, b.s, b.len), 0);
	buf_free(&b);
	return m;
}

static const struct token token = { .id = "aaaaaaaaaaaa", .attempt = 1,
    .worker = "here" };

START_TEST(brings_what_is_known)
{
	struct hook_message m = sent(&(struct hook_event){
	    .kind = HOOK_PUBLISHED, .token = &token, .queue = "amd64",
	    .package = "hello", .suite = "sid", .arch = "amd64",
	    .run_id = "20261122_160102@",
	    .run = "/srv/r/20261122_160102@" });
	const char *program = hook_message_get(&m, "ADTSPOOL_PROGRAM");

	ck_assert_ptr_nonnull(strrchr(program, '/'));
	ck_assert_str_eq(strrchr(program, '/'), "/adtspool");
	ck_assert_str_eq(m.folder, folder);
	ck_assert_str_eq(m.id, "aaaaaaaaaaaa");
	ck_assert_int_eq(m.timeout_ms, 7000);
	ck_assert_str_eq(m.input, "/srv/r/20261122_160102@/result.json");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_EVENT"), "published");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_ATTEMPT"), "2");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_CONF"), file);
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_RUN"),
	    "/srv/r/20261122_160102@");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_WHY"), "");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_RU"), "");
	hook_message_free(&m);
}
END_TEST

static struct json_tree *
read_input(const struct hook_message *m)
{
	struct fail f;
	struct json_tree *t = json_tree_parse("input", m->input,
	    strlen(m->input), &f);

	ck_assert_msg(t != NULL, "%s", f.text);
	return t;
}

START_TEST(brings_a_result_without_a_status_where_there_is_none)
{
	struct request r = { .package = mem_dup("hello"), .priority = -1,
	    .requester = mem_dup("a \"name\"") };
	struct hook_message m = sent(&(struct hook_event){
	    .kind = HOOK_FAILED, .token = &token, .request = &r,
	    .is_over = true, .why = "adtspool: it\nbroke\a\n" });
	struct json_tree *t = read_input(&m);

	ck_assert_str_eq(json_tree_get_string(t, "id"), token.id);
	ck_assert_str_eq(json_tree_get_string(t, "package"), "hello");
	ck_assert_str_eq(json_tree_get_string(t, "requester"), "a \"name\"");
	ck_assert_str_eq(json_tree_get_string(t, "worker"), "here");
	ck_assert_str_eq(json_tree_get_string(t, "message"),
	    "adtspool: it broke");
	ck_assert_ptr_nonnull(strstr(m.input, "\"status\": null"));
	ck_assert_ptr_nonnull(strstr(m.input, "\"exit_code\": null"));
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_NEXT"), "bad");
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_WHY"),
	    "adtspool: it broke");
	json_tree_free(t);
	hook_message_free(&m);
	request_free(&r);
}
END_TEST

START_TEST(brings_the_attempts_own_result)
{
	struct hook_message m = sent(&(struct hook_event){
	    .kind = HOOK_FAILED, .token = &token,
	    .result = "{\"status\": \"tmpfail\"}\n" });

	ck_assert_str_eq(m.input, "{\"status\": \"tmpfail\"}\n");
	hook_message_free(&m);
}
END_TEST

START_TEST(says_null_where_nothing_is_known)
{
	struct hook_message m = sent(&(struct hook_event){
	    .kind = HOOK_LOST, .token = &token });

	ck_assert_ptr_nonnull(strstr(m.input, "\"package\": null"));
	ck_assert_ptr_nonnull(strstr(m.input, "\"request\": null"));
	ck_assert_str_eq(hook_message_get(&m, "ADTSPOOL_NEXT"), "back");
	hook_message_free(&m);
}
END_TEST

START_TEST(does_not_pass_on_a_request_that_is_too_large)
{
	struct request r = { .package = mem_dup("hello"), .priority = -1,
	    .arch = mem_dup("amd64") };
	struct hook_message m;
	struct json_tree *t;

	for (int i = 0; i < HOOK_INPUT_MOST / 8; i++)
		strs_add(&r.triggers, "hello/1.0");
	m = sent(&(struct hook_event){ .kind = HOOK_CLAIMED, .token = &token,
	    .request = &r });
	t = read_input(&m);
	ck_assert_str_eq(json_tree_get_string(t, "package"), "hello");
	ck_assert_str_eq(json_tree_get_string(t, "arch"), "amd64");
	ck_assert_ptr_nonnull(strstr(m.input, "\"triggers\": []"));
	json_tree_free(t);
	hook_message_free(&m);
	request_free(&r);
}
END_TEST

START_TEST(cuts_a_variable)
{
	static char why[100000];
	struct hook_message m;

	memset(why, 'x', sizeof why - 1);
	m = sent(&(struct hook_event){ .kind = HOOK_FAILED,
	    .token = &token, .why = why });
	ck_assert_uint_eq(strlen(hook_message_get(&m, "ADTSPOOL_WHY")), 1024);
	hook_message_free(&m);
}
END_TEST

START_TEST(refuses_what_is_cut_short)
{
	static const char text[] = "/folder\0" "1000\0" "id\0" "A=b\0" "\0";
	struct hook_message m;

	for (size_t n = 0; n < sizeof text; n++) {
		ck_assert_int_eq(hook_message_read(&m, text, n), -1);
		hook_message_free(&m);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, brings_what_is_known);
	tcase_add_test(tc,
	    brings_a_result_without_a_status_where_there_is_none);
	tcase_add_test(tc, brings_the_attempts_own_result);
	tcase_add_test(tc, says_null_where_nothing_is_known);
	tcase_add_test(tc, does_not_pass_on_a_request_that_is_too_large);
	tcase_add_test(tc, cuts_a_variable);
	tcase_add_test(tc, refuses_what_is_cut_short);
}
