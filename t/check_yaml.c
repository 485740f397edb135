/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "yaml.h"

static struct fail f;

static struct yaml *
parse(const char *text)
{
	return yaml_tree_parse("x", text, strlen(text), &f);
}

static struct yaml *
must_parse(const char *text)
{
	struct yaml *y = parse(text);

	ck_assert_msg(y, "%s", f.text);
	return y;
}

static void
must_refuse(const char *text, size_t n, const char *reason)
{
	f = (struct fail){ 0 };
	ck_assert_ptr_null(yaml_tree_parse("x", text, n, &f));
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_msg(strstr(f.text, reason) == f.text, "%s\nnot %s", f.text,
	    reason);
}

START_TEST(reads_a_mapping_with_its_lines)
{
	struct yaml *y = must_parse("a: b\nc:\n  - d\n  - 'e f'\n");

	ck_assert_int_eq(y->kind, YAML_MAP);
	ck_assert_uint_eq(y->n, 2);
	ck_assert_str_eq(y->items[0].text, "a");
	ck_assert_str_eq(y->items[1].text, "b");
	ck_assert_uint_eq(y->items[2].line, 2);
	ck_assert_int_eq(y->items[3].kind, YAML_LIST);
	ck_assert_uint_eq(y->items[3].n, 2);
	ck_assert_str_eq(y->items[3].items[1].text, "e f");
	ck_assert_uint_eq(y->items[3].items[1].line, 4);
	yaml_tree_free(y);
}
END_TEST

START_TEST(reads_json)
{
	struct yaml *y = must_parse("{\"a\": [\"b\", 1, true],\n"
	    "\t\"c\": {\"d\": \"\\u00e9\\/\"}}");

	ck_assert_str_eq(y->items[1].items[2].text, "true");
	ck_assert_str_eq(y->items[3].items[1].text, "\xc3\xa9/");
	yaml_tree_free(y);
}
END_TEST

START_TEST(tells_null_from_text)
{
	struct yaml *y = must_parse("[~, null]");

	ck_assert_int_eq(y->items[0].kind, YAML_NULL);
	ck_assert_int_eq(y->items[1].kind, YAML_NULL);
	yaml_tree_free(y);
	y = must_parse("a:\nb: 'null'\nc: \"\"\nd: nullable\n");
	ck_assert_int_eq(y->items[1].kind, YAML_NULL);
	ck_assert_str_eq(y->items[3].text, "null");
	ck_assert_str_eq(y->items[5].text, "");
	ck_assert_str_eq(y->items[7].text, "nullable");
	yaml_tree_free(y);
}
END_TEST

START_TEST(reads_crlf_a_missing_last_newline_and_a_byte_order_mark)
{
	struct yaml *y = must_parse("\xef\xbb\xbf" "a: b\r\nc: d");

	ck_assert_str_eq(y->items[0].text, "a");
	ck_assert_str_eq(y->items[1].text, "b");
	ck_assert_str_eq(y->items[3].text, "d");
	ck_assert_uint_eq(y->items[2].line, 2);
	yaml_tree_free(y);
}
END_TEST

static const struct {
	const char *text, *reason;
} bad[] = {
	{ "", "x:1: nothing in it" },
	{ "# only this\n", "x:1: nothing in it" },
	{ "a: &b c\n", "x:1: an anchor" },
	{ "a: 1\nb: [*c]\n", "x:2: an alias" },
	{ "a: !!python/object:os.system x\n", "x:1: a tag" },
	{ "a: 1\nb: !t [1]\n", "x:2: a tag" },
	{ "a: 1\nb: 2\n\na: 3\n",
	  "x:4: \"a\" is said twice, first on line 1" },
	{ "{\"a\": 1, 'a': 2}", "x:1: \"a\" is said twice" },
	{ "? [a]\n: b\n", "x:1: a key that is no word" },
	{ "a: 1\n?\n: b\n", "x:2: a key that is no word" },
	{ "a: 1\n---\nb: 2\n", "x:2: a second document" },
	{ "a: b: c\n", "x:1: not YAML: mapping values are not allowed" },
	{ "a: 1\nb\nc: 2\n", "x:3: not YAML: could not find expected ':'" },
	{ "a: 1\n\tb: 2\n", "x:2: not YAML: found a tab character" },
	{ "a: @b\n", "x:1: not YAML: found character that cannot" },
	{ "{a: 1} b", "x:1: not YAML: did not find expected <document start>" },
	{ "a: [1, 2\n", "x:2: not YAML: " },
	{ "a: \"b\n", "x:2: not YAML: found unexpected end of stream" },
	{ "a: 1\nb: \xff\xfe\n", "x:2: not YAML: invalid leading UTF-8" },
	{ "a: 1\nb: \xc0\xaf\n", "x:2: not YAML: " },
	{ "a: \"\\ud800\"\n", "x:1: not YAML: " },
	{ "a: \"\\0\"\n", "x:1: a NUL byte" },
	{ "a: 1\nb: \x1b[31m\n", "x:2: not YAML: control characters" },
};

START_TEST(refuses_with_a_line_and_a_reason)
{
	must_refuse(bad[_i].text, strlen(bad[_i].text), bad[_i].reason);
}
END_TEST

START_TEST(refuses_a_raw_nul_and_utf16)
{
	must_refuse("a: b\nc: \0d\n", 11, "x:2: not YAML: control");
	must_refuse("\xff\xfe" "a\0:\0 \0b\0", 10, "x:1: not YAML: invalid");
}
END_TEST

START_TEST(refuses_a_bomb_of_aliases)
{
	struct buf b = { 0 };

	buf_add(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++)
		buf_addf(&b, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1,
		    i - 1, i - 1);
	must_refuse(b.s, b.len, "x:1: an anchor");
	buf_free(&b);
}
END_TEST

static char *
nested(size_t depth)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < depth; i++)
		buf_add(&b, "[");
	for (size_t i = 0; i < depth; i++)
		buf_add(&b, "]");
	return b.s;
}

START_TEST(bounds_the_depth)
{
	static const size_t refused[] = { YAML_DEPTH_MOST + 1, 100, 100000 };
	char *s = nested(YAML_DEPTH_MOST);

	yaml_tree_free(must_parse(s));
	free(s);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		s = nested(refused[i]);
		must_refuse(s, strlen(s), "x:1: ");
		free(s);
	}
}
END_TEST

static void
add_keys(struct buf *b, int n)
{
	for (int i = 0; i < n; i++)
		buf_addf(b, "key%d: %d\n", i, i);
}

START_TEST(bounds_the_number_of_nodes)
{
	struct buf b = { 0 };

	add_keys(&b, YAML_NODES_MOST / 2 - 1);
	yaml_tree_free(must_parse(b.s));
	buf_reset(&b);
	add_keys(&b, 20000);
	must_refuse(b.s, b.len, "x:10000: too many keys and values");
	buf_free(&b);
}
END_TEST

START_TEST(finds_a_double_among_very_many_keys)
{
	struct buf b = { 0 };

	add_keys(&b, YAML_NODES_MOST / 2 - 2);
	buf_add(&b, "key7: again\n");
	must_refuse(b.s, b.len, "x:9999: \"key7\" is said twice, first on "
	    "line 8");
	buf_free(&b);
}
END_TEST

static const char *const known[] = { "triggers", "env", "suite", "ppas",
	"priority", NULL };

static const struct {
	const char *word, *nearest;
} words[] = {
	{ "trigers", "triggers" }, { "Suite", "suite" }, { "evn", "env" },
	{ "suit", "suite" }, { "prioritie", "priority" }, { "ppa", "ppas" },
	{ "colour", NULL }, { "", NULL }, { "e", NULL },
	{ "triggerstriggerstriggerstriggerstriggerstriggers", NULL },
};

START_TEST(names_the_nearest_word_only_if_it_is_near)
{
	ck_assert_pstr_eq(yaml_nearest(words[_i].word, known),
	    words[_i].nearest);
}
END_TEST

START_TEST(places_a_message_once)
{
	(void)fail_set(&f, EX_DATAERR, "why");
	ck_assert_int_eq(yaml_place(&f, "a/b.yaml", 3), -1);
	ck_assert_str_eq(f.text, "a/b.yaml:3: why");
	(void)fail_set(&f, EX_DATAERR, "why");
	(void)yaml_place(&f, "requests:17", 1);
	ck_assert_str_eq(f.text, "requests:17: why");
	(void)fail_set(&f, EX_DATAERR, "why");
	(void)yaml_place(&f, "odd:", 1);
	ck_assert_str_eq(f.text, "odd::1: why");
}
END_TEST

START_TEST(masks_control_bytes_in_messages)
{
	(void)fail_set(&f, EX_DATAERR, "a\x1b[2J\nb\xc2\x9b" "c\xc3\xa9");
	(void)yaml_place(&f, "x", 1);
	ck_assert_msg(!strpbrk(f.text, "\x1b\n\x9b"), "%s", f.text);
	ck_assert_ptr_nonnull(strstr(f.text, "\xc3\xa9"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, reads_a_mapping_with_its_lines);
	tcase_add_test(tc, reads_json);
	tcase_add_test(tc, tells_null_from_text);
	tcase_add_test(tc,
	    reads_crlf_a_missing_last_newline_and_a_byte_order_mark);
	tcase_add_loop_test(tc, refuses_with_a_line_and_a_reason, 0,
	    sizeof bad / sizeof *bad);
	tcase_add_test(tc, refuses_a_raw_nul_and_utf16);
	tcase_add_test(tc, refuses_a_bomb_of_aliases);
	tcase_add_test(tc, bounds_the_depth);
	tcase_add_test(tc, bounds_the_number_of_nodes);
	tcase_add_test(tc, finds_a_double_among_very_many_keys);
	tcase_add_loop_test(tc, names_the_nearest_word_only_if_it_is_near, 0,
	    sizeof words / sizeof *words);
	tcase_add_test(tc, places_a_message_once);
	tcase_add_test(tc, masks_control_bytes_in_messages);
}
