/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "address.h"
#include "buf.h"
#include "harness.h"

START_TEST(a_path_is_read_and_made)
{
	static const char path[] =
	    "autopkgtest/kali-rolling/amd64/libx/libxyz/20261122_160102@";
	char again[ADDRESS_PATH_MAX];
	struct address a;

	ck_assert_int_eq(address_parse(&a, path), 0);
	ck_assert_str_eq(a.suite, "kali-rolling");
	ck_assert_str_eq(a.arch, "amd64");
	ck_assert_str_eq(a.source, "libxyz");
	ck_assert_str_eq(a.run_id, "20261122_160102@");
	address_path(again, &a);
	ck_assert_str_eq(again, path);
}
END_TEST

START_TEST(no_other_shape_is_a_path)
{
	static const char *const wrong[] = { "",
	    "/autopkgtest/sid/amd64/h/hello/20261122_160102@",
	    "autopkgtest/sid/amd64/h/hello/20261122_160102@/",
	    "autopkgtest/sid/amd64/h/hello/20261122_160102@/log.gz",
	    "autopkgtest/sid/amd64//h/hello/20261122_160102@",
	    "autopkgtest/./sid/amd64/h/hello/20261122_160102@",
	    "autopkgtest/../amd64/h/hello/20261122_160102@",
	    "autopkgtest/sid/amd64/h/../20261122_160102@",
	    "autopkgtest/sid/amd64/x/hello/20261122_160102@",
	    "autopkgtest/sid/amd64/h/hello/20261122_160102",
	    "autopkgtest/sid/amd64/h/hello/..",
	    "autopkgtest/sid/am*64/h/hello/20261122_160102@",
	    "by-version/sid/amd64/h/hello/20261122_160102@",
	    "autopkgtest/.sid/amd64/h/hello/20261122_160102@" };
	struct address a;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(address_parse(&a, wrong[i]) == -1, "%s",
		    wrong[i]);
}
END_TEST

START_TEST(hours_are_told_from_other_names)
{
	ck_assert(address_hour_ok("20261122T16"));
	ck_assert(!address_hour_ok("20261122T160"));
	ck_assert(!address_hour_ok("20261122T1x"));
	ck_assert(!address_hour_ok(".0261122T16"));
	ck_assert(!address_hour_ok("20261122_16"));
	ck_assert(!address_hour_ok(""));
}
END_TEST

static void
keep(void *context, const struct address *a, bool came)
{
	buf_addf(context, "%c%s ", came ? '+' : '-', a->source);
}

#define LINE(sign, source) sign " autopkgtest/sid/amd64/h/" source \
	"/20261122_160102@\n"

START_TEST(lines_of_a_manifest_are_read_in_order)
{
	static const char text[] = LINE("+", "hello") LINE("-", "hello")
	    LINE("+", "hi");
	struct buf b = { 0 };

	ck_assert_uint_eq(address_each(text, strlen(text), keep, &b), 0);
	ck_assert_str_eq(b.s, "+hello -hello +hi ");
	buf_free(&b);
}
END_TEST

START_TEST(wrong_lines_are_counted_and_one_that_is_cut_off_is_no_line)
{
	static const char text[] = LINE("+", "hello") "\n" LINE("*", "hello")
	    "+ ../../etc/passwd\n" LINE("+", "..") "+\n"
	    "+ autopkgtest/sid/amd64/h/hi/20261122_160102@\0\n"
	    LINE("+", "hi") "+ autopkgtest/sid/amd64/h/hu/20261122_160102@";
	struct buf b = { 0 };

	ck_assert_uint_eq(address_each(text, sizeof text - 1, keep, &b), 7);
	ck_assert_str_eq(b.s, "+hello +hi ");
	buf_free(&b);
}
END_TEST

START_TEST(a_line_longer_than_any_path_is_wrong)
{
	struct buf b = { 0 }, seen = { 0 };

	buf_add(&b, "+ autopkgtest/");
	for (int i = 0; i < 5000; i++)
		buf_add(&b, "x");
	buf_add(&b, "\n" LINE("+", "hi"));
	ck_assert_uint_eq(address_each(b.s, b.len, keep, &seen), 1);
	ck_assert_str_eq(seen.s, "+hi ");
	buf_free(&b);
	buf_free(&seen);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_path_is_read_and_made);
	tcase_add_test(tc, no_other_shape_is_a_path);
	tcase_add_test(tc, hours_are_told_from_other_names);
	tcase_add_test(tc, lines_of_a_manifest_are_read_in_order);
	tcase_add_test(tc,
	    wrong_lines_are_counted_and_one_that_is_cut_off_is_no_line);
	tcase_add_test(tc, a_line_longer_than_any_path_is_wrong);
}
