/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "strs.h"

static struct json_tree *
parse(const char *text)
{
	struct fail f;
	struct json_tree *t = json_tree_parse("t", text, strlen(text), &f);

	ck_assert_msg(t != NULL, "%s", f.text);
	return t;
}

static void
refuses(const char *text, const char *reason)
{
	struct fail f = { 0 };

	ck_assert_ptr_null(json_tree_parse("t", text, strlen(text), &f));
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_msg(strstr(f.text, reason) != NULL, "%s", f.text);
}

/* What a string looks like when it was written. */
static void
writes(const char *value, const char *json)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };

	json_put_string(&w, NULL, value);
	ck_assert_str_eq(b.s, json);
	buf_free(&b);
}

START_TEST(a_line_has_a_blank_behind_colons_and_commas)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	struct strs l = { 0 };

	strs_split(&l, "hello/1 foo/2", " ");
	json_put_object(&w, NULL);
	json_put_strings(&w, "triggers", &l);
	json_put_number(&w, "n", -3);
	json_put_bool(&w, "yes", true);
	json_put_null(&w, "no");
	json_put_array(&w, "none");
	json_put_array_end(&w);
	json_put_object_end(&w);
	ck_assert_str_eq(b.s, "{\"triggers\": [\"hello/1\", \"foo/2\"], "
	    "\"n\": -3, \"yes\": true, \"no\": null, \"none\": []}");
	strs_free(&l);
	buf_free(&b);
}
END_TEST

START_TEST(pretty_has_an_item_a_line)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b, .pretty = true };

	json_put_object(&w, NULL);
	json_put_array(&w, "a");
	json_put_number(&w, NULL, 1);
	json_put_number(&w, NULL, 2);
	json_put_array_end(&w);
	json_put_object(&w, "b");
	json_put_object_end(&w);
	json_put_object_end(&w);
	ck_assert_str_eq(b.s,
	    "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
	buf_free(&b);
}
END_TEST

START_TEST(escapes_what_json_wants_escaped)
{
	writes("a\"b\\c\n\x01", "\"a\\\"b\\\\c\\n\\u0001\"");
	writes("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
	writes("", "\"\"");
	writes(NULL, "null");
}
END_TEST

START_TEST(bytes_that_are_not_utf8_become_u_fffd)
{
	writes("\xff", "\"\xef\xbf\xbd\"");
	writes("a\x80z", "\"a\xef\xbf\xbdz\"");
	writes("\xc3", "\"\xef\xbf\xbd\"");
	writes("\xe2\x82\xac\xfe", "\"\xe2\x82\xac\xef\xbf\xbd\"");
	/* A surrogate and an overlong slash are no characters, either. */
	writes("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	writes("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}
END_TEST

START_TEST(keys_are_escaped_too)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };

	json_put_object(&w, NULL);
	json_put_null(&w, "\"\xff");
	json_put_object_end(&w);
	ck_assert_str_eq(b.s, "{\"\\\"\xef\xbf\xbd\": null}");
	buf_free(&b);
}
END_TEST

START_TEST(reads_every_kind_of_member)
{
	struct json_tree *t = parse("{\"s\": \"x\", \"n\": 7, \"b\": true, "
	    "\"l\": [\"a\", 1, \"b\"], \"z\": null, \"r\": 1.5, \"o\": {}}");
	struct strs l = { 0 };

	ck_assert_str_eq(json_tree_get_string(t, "s"), "x");
	ck_assert_int_eq(json_tree_get_number(t, "n", 0), 7);
	ck_assert(json_tree_get_bool(t, "b", false));
	json_tree_get_strings(t, "l", &l);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.v[1], "b");
	ck_assert_uint_eq(json_tree_length(json_tree_get(t, "l")), 3);
	ck_assert_int_eq(json_tree_kind(json_tree_get(t, "z")),
	    JSON_KIND_NULL);
	ck_assert_int_eq(json_tree_kind(json_tree_get(t, "r")),
	    JSON_KIND_REAL);
	ck_assert_int_eq(json_tree_kind(json_tree_get(t, "o")),
	    JSON_KIND_OBJECT);
	strs_free(&l);
	json_tree_free(t);
}
END_TEST

START_TEST(what_is_absent_or_of_another_kind_is_the_fallback)
{
	struct json_tree *t = parse("{\"s\": 1, \"n\": \"7\", \"b\": 0, "
	    "\"l\": {}}");
	struct strs l = { 0 };

	ck_assert_ptr_null(json_tree_get_string(t, "s"));
	ck_assert_ptr_null(json_tree_get_string(t, "absent"));
	ck_assert_int_eq(json_tree_get_number(t, "n", 42), 42);
	ck_assert(json_tree_get_bool(t, "b", true));
	json_tree_get_strings(t, "l", &l);
	ck_assert_uint_eq(l.n, 0);
	ck_assert_ptr_null(json_tree_item(json_tree_get(t, "l"), 0));
	ck_assert_int_eq(json_tree_kind(NULL), JSON_KIND_NONE);
	ck_assert_ptr_null(json_tree_get(NULL, "s"));
	json_tree_free(t);
}
END_TEST

START_TEST(a_mistake_is_told_with_its_line)
{
	refuses("{\n\"a\": 1,\n}", "t:3: ");
	refuses("{\"a\": 1, \"a\": 2}", "t:1: ");
	refuses("{\"a\": \"\\u0000\"}", "t:1: ");
	refuses("\"\xff\"", "t:1: ");
	refuses("{} x", "t:1: ");
	refuses("", "t:1: ");
}
END_TEST

START_TEST(depth_is_bounded)
{
	char text[2 * (JSON_TREE_DEPTH_MOST + 1) + 1] = "";

	memset(text, '[', JSON_TREE_DEPTH_MOST + 1);
	memset(text + JSON_TREE_DEPTH_MOST + 1, ']', JSON_TREE_DEPTH_MOST + 1);
	json_tree_free(parse(text));
	memset(text, '[', JSON_TREE_DEPTH_MOST + 1);
	text[JSON_TREE_DEPTH_MOST + 1] = '[';
	refuses(text, "t:1: ");
}
END_TEST

START_TEST(a_tree_too_deep_is_refused_however_it_nests)
{
	struct buf b = { 0 };

	for (int i = 0; i <= JSON_TREE_DEPTH_MOST; i++)
		buf_add(&b, i % 2 ? "[" : "{\"a\": ");
	buf_add(&b, "1");
	for (int i = JSON_TREE_DEPTH_MOST; i >= 0; i--)
		buf_add(&b, i % 2 ? "]" : "}");
	refuses(b.s, "nested more than 16 deep");
	buf_free(&b);
}
END_TEST

START_TEST(a_tree_is_written_as_it_was_read)
{
	static const char text[] = "{\"b\": [1, 2.5, \"x\\n\", null], "
	    "\"a\": {\"t\": true, \"f\": false}, \"e\": {}}";
	struct json_tree *t = parse(text);
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };

	json_put_tree(&w, NULL, t);
	ck_assert_str_eq(b.s, text);
	json_tree_free(t);
	buf_free(&b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_line_has_a_blank_behind_colons_and_commas);
	tcase_add_test(tc, pretty_has_an_item_a_line);
	tcase_add_test(tc, escapes_what_json_wants_escaped);
	tcase_add_test(tc, bytes_that_are_not_utf8_become_u_fffd);
	tcase_add_test(tc, keys_are_escaped_too);
	tcase_add_test(tc, reads_every_kind_of_member);
	tcase_add_test(tc, what_is_absent_or_of_another_kind_is_the_fallback);
	tcase_add_test(tc, a_mistake_is_told_with_its_line);
	tcase_add_test(tc, depth_is_bounded);
	tcase_add_test(tc, a_tree_too_deep_is_refused_however_it_nests);
	tcase_add_test(tc, a_tree_is_written_as_it_was_read);
}
