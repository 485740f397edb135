/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "buf.h"
#include "harness.h"

START_TEST(text_is_appended_and_ends_with_a_nul)
{
	struct buf b = { 0 };

	buf_add(&b, "a");
	buf_addn(&b, "bcd", 2);
	buf_addf(&b, "-%d-%s", 42, "x");
	ck_assert_str_eq(b.s, "abc-42-x");
	ck_assert_uint_eq(b.len, 8);
	buf_free(&b);
}
END_TEST

START_TEST(a_nul_inside_counts_like_any_byte)
{
	struct buf b = { 0 };

	buf_addn(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.s, "a\0b", 4);
	buf_free(&b);
}
END_TEST

START_TEST(grows_past_any_room)
{
	struct buf b = { 0 };

	for (int i = 0; i < 10000; i++)
		buf_addf(&b, "%04d", i);
	ck_assert_uint_eq(b.len, 40000);
	ck_assert_mem_eq(b.s + 4 * 1234, "1234", 4);
	ck_assert_str_eq(b.s + 4 * 9999, "9999");
	buf_free(&b);
}
END_TEST

START_TEST(adding_nothing_makes_an_empty_string)
{
	struct buf b = { 0 };

	buf_addn(&b, NULL, 0);
	ck_assert_str_eq(b.s, "");
	buf_free(&b);
}
END_TEST

START_TEST(reset_empties_but_keeps_the_memory)
{
	struct buf b = { 0 };

	buf_reset(&b);
	buf_add(&b, "something");
	buf_reset(&b);
	ck_assert_str_eq(b.s, "");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_uint_gt(b.room, 9);
	buf_free(&b);
}
END_TEST

START_TEST(free_can_be_called_twice)
{
	struct buf b = { 0 };

	buf_add(&b, "x");
	buf_free(&b);
	ck_assert_ptr_null(b.s);
	buf_free(&b);
}
END_TEST

START_TEST(each_blank_is_filled_in)
{
	const struct buf_blank blanks[] = { { "{a}", "{b}" }, { "{b}", "" } };
	struct buf b = { 0 };

	buf_add(&b, "begins ");
	buf_fill_in(&b, "{a} {a}{b}{c} {", blanks, 2);
	ck_assert_str_eq(b.s, "begins {b} {b}{c} {");
	buf_free(&b);
	buf_fill_in(&b, "", blanks, 2);
	ck_assert_str_eq(b.s, "");
	buf_free(&b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, each_blank_is_filled_in);
	tcase_add_test(tc, text_is_appended_and_ends_with_a_nul);
	tcase_add_test(tc, a_nul_inside_counts_like_any_byte);
	tcase_add_test(tc, grows_past_any_room);
	tcase_add_test(tc, adding_nothing_makes_an_empty_string);
	tcase_add_test(tc, reset_empties_but_keeps_the_memory);
	tcase_add_test(tc, free_can_be_called_twice);
}
