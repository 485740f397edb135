/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "serve_url.h"

static struct serve_url u;
static struct fail f;

/* The parts of a path with bars between them. */
static const char *
parts(const char *target)
{
	static char *all;

	free(all);
	ck_assert_msg(serve_url_parse(&u, target, &f) == 0, "%s", target);
	all = strs_join(&u.parts, "|");
	return all;
}

START_TEST(a_path_is_split_and_decoded)
{
	ck_assert_str_eq(parts("/a/b%40c+d"), "a|b@c+d");
	ck_assert(!u.slash);
	serve_url_free(&u);
	ck_assert_str_eq(parts("/a%2Fb/"), "a|b");
	ck_assert(u.slash);
	serve_url_free(&u);
	ck_assert_str_eq(parts("/"), "");
	ck_assert(u.slash);
	serve_url_free(&u);
	ck_assert_str_eq(parts("/a?b=/../c#/d"), "a");
	serve_url_free(&u);
}
END_TEST

START_TEST(a_query_is_decoded_as_forms_are)
{
	(void)parts("/a?x=1+2%2B%C3%A9&x=3%26&y&=z&&prefix=a%2Fb=c");
	ck_assert_str_eq(serve_url_value(&u, "x"), "3&");
	ck_assert_str_eq(u.values.v[0], "1 2+\xc3\xa9");
	ck_assert_str_eq(serve_url_value(&u, "y"), "");
	ck_assert_str_eq(serve_url_value(&u, "prefix"), "a/b=c");
	ck_assert_str_eq(serve_url_value(&u, "none"), "");
	serve_url_free(&u);
}
END_TEST

static const char *const bad[] = { "", "a", "*", "http://x/a", "//", "//a",
    "/a//b", "/a//", "/.", "/./a", "/a/..", "/../a", "/%2e%2e/a", "/a%2f..%2fb",
    "/a%2f%2fb", "/a%00", "/a%0ab", "/a\tb", "/a%7f", "/a%", "/a%4", "/a%zz",
    "/a%4z", "/a?x=%00", "/a?%0d=1", "/a?x=%",
    "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
    "/?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17" };

START_TEST(what_is_no_path_is_refused)
{
	ck_assert_msg(serve_url_parse(&u, bad[_i], &f) == -1, "%s", bad[_i]);
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_uint_eq(u.parts.n + u.names.n, 0);
}
END_TEST

START_TEST(a_long_part_is_refused)
{
	char text[SERVE_URL_MOST + 2];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	text[0] = '/';
	ck_assert_int_eq(serve_url_parse(&u, text, &f), -1);
	text[SERVE_URL_PART_MOST + 1] = '\0';
	ck_assert_int_eq(serve_url_parse(&u, text, &f), 0);
	serve_url_free(&u);
	text[SERVE_URL_PART_MOST + 1] = 'a';
	text[SERVE_URL_PART_MOST + 2] = '\0';
	ck_assert_int_eq(serve_url_parse(&u, text, &f), -1);
}
END_TEST

START_TEST(nothing_gets_out_of_a_link_or_a_text)
{
	struct buf b = { 0 };

	serve_url_encode(&b, "a/\"<&'> %:?#@~\xc3");
	ck_assert_str_eq(b.s, "a%2F%22%3C%26%27%3E%20%25%3A%3F%23@~%C3");
	buf_reset(&b);
	serve_url_html(&b, "a<b>&\"'c");
	ck_assert_str_eq(b.s, "a&lt;b&gt;&amp;&quot;&#39;c");
	buf_free(&b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_path_is_split_and_decoded);
	tcase_add_test(tc, a_query_is_decoded_as_forms_are);
	tcase_add_loop_test(tc, what_is_no_path_is_refused, 0,
	    (int)(sizeof bad / sizeof *bad));
	tcase_add_test(tc, a_long_part_is_refused);
	tcase_add_test(tc, nothing_gets_out_of_a_link_or_a_text);
}
