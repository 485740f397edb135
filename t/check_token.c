/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "harness.h"
#include "token.h"

#define ID "k3f9a2x7m1qd"

static void
labels(const char *text, const char *want)
{
	struct token t;

	token_label(&t, text);
	ck_assert_str_eq(t.label, want);
}

START_TEST(a_name_is_read_and_written_back)
{
	static const char *const names[] = { "hello," ID ",p5,e1,a0",
	    "hello," ID ",p10,e12,a3@ci-host1.example.org",
	    "gtk+3.0_x-Y.yaml," ID ",p0,e999999,a0" };
	char out[TOKEN_NAME_MAX];
	struct token t;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ck_assert_msg(token_parse(&t, names[i]) == 0, "%s", names[i]);
		token_format(out, &t);
		ck_assert_str_eq(out, names[i]);
	}
}
END_TEST

START_TEST(the_parts_of_a_name_are_told)
{
	struct token t;

	ck_assert_int_eq(token_parse(&t, "hello," ID ",p7,e2,a1@host"), 0);
	ck_assert_str_eq(t.label, "hello");
	ck_assert_str_eq(t.id, ID);
	ck_assert_uint_eq(t.priority, 7);
	ck_assert_uint_eq(t.epoch, 2);
	ck_assert_uint_eq(t.attempt, 1);
	ck_assert_str_eq(t.worker, "host");
}
END_TEST

START_TEST(what_is_no_tokens_name_is_refused)
{
	static const char *const names[] = { "", "hello", "hello.yaml",
	    "hello," ID ",p5,e1", "hello," ID ",p5,e1,a0@",
	    "hello," ID ",p5,e1,a0,", "hello," ID ",p5,e1,a0@h@h",
	    "hello," ID ",p11,e1,a0", "hello," ID ",p05,e1,a0",
	    "hello," ID ",p-5,e1,a0", "hello," ID ",p5,e1,a1234567",
	    "hello,short,p5,e1,a0", "hello,K3F9A2X7M1QD,p5,e1,a0",
	    "hello,k3f9a2x7m1ql,p5,e1,a0", "," ID ",p5,e1,a0",
	    ".hello," ID ",p5,e1,a0", "hel/lo," ID ",p5,e1,a0",
	    "hello," ID ",p5,e1,a0@../x", "hello," ID ",e1,p5,a0" };
	struct token t;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(token_parse(&t, names[i]) == -1, "%s",
		    names[i]);
}
END_TEST

START_TEST(a_token_that_is_refused_changes_nothing)
{
	struct token t;

	ck_assert_int_eq(token_parse(&t, "hello," ID ",p7,e2,a1"), 0);
	ck_assert_int_eq(token_parse(&t, "other," ID ",p7,e2,b1"), -1);
	ck_assert_str_eq(t.label, "hello");
}
END_TEST

START_TEST(new_tokens_have_ids_of_their_own)
{
	char name[TOKEN_NAME_MAX];
	struct token a, b, c;

	token_new(&a, "hello", 5);
	token_new(&b, "hello", 5);
	ck_assert(token_id_ok(a.id));
	ck_assert_str_ne(a.id, b.id);
	ck_assert_uint_eq(a.epoch, 1);
	ck_assert_uint_eq(a.attempt, 0);
	token_format(name, &a);
	ck_assert_int_eq(token_parse(&c, name), 0);
	ck_assert_str_eq(c.id, a.id);
}
END_TEST

START_TEST(any_text_becomes_a_label)
{
	labels("hello", "hello");
	labels("hello world.yaml", "hello-world.yaml");
	labels("hello,k3f9,p5", "hello");
	labels("..", "x..");
	labels("", "x");
	labels("\xc3\xa4", "x--");
	labels(",@", "x--");
}
END_TEST

START_TEST(the_longest_names_fit)
{
	char text[2000], name[TOKEN_NAME_MAX];
	struct token t, again;

	memset(text, '.', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	token_new(&t, text, TOKEN_PRIORITY_MOST);
	ck_assert_uint_eq(strlen(t.label), TOKEN_LABEL_MAX - 1);
	t.epoch = t.attempt = 999999;
	memset(t.worker, 'h', sizeof t.worker - 1);
	t.worker[sizeof t.worker - 1] = '\0';
	token_format(name, &t);
	ck_assert_int_eq(token_parse(&again, name), 0);
	ck_assert_str_eq(again.worker, t.worker);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_name_is_read_and_written_back);
	tcase_add_test(tc, the_parts_of_a_name_are_told);
	tcase_add_test(tc, what_is_no_tokens_name_is_refused);
	tcase_add_test(tc, a_token_that_is_refused_changes_nothing);
	tcase_add_test(tc, new_tokens_have_ids_of_their_own);
	tcase_add_test(tc, any_text_becomes_a_label);
	tcase_add_test(tc, the_longest_names_fit);
}
