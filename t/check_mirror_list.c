/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"
#include "harness.h"
#include "mirror_inside.h"

START_TEST(the_latest_time_of_a_text_stays)
{
	struct mirror_list l = { 0 };

	mirror_list_add(&l, "b", 0);
	mirror_list_add(&l, "a", 5);
	mirror_list_add(&l, "b", 7);
	mirror_list_add(&l, "a", 3);
	mirror_list_settle(&l);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.v[0].text, "a");
	ck_assert_int_eq(l.v[0].s, 5);
	ck_assert_int_eq(l.v[1].s, 7);
	mirror_list_free(&l);
}
END_TEST

START_TEST(a_time_below_zero_takes_a_text_away)
{
	struct mirror_list l = { 0 };

	mirror_list_add(&l, "a", 1);
	mirror_list_add(&l, "b", 1);
	mirror_list_settle(&l);
	mirror_list_find(&l, "a")->s = -1;
	mirror_list_settle(&l);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_ptr_null(mirror_list_find(&l, "a"));
	ck_assert_ptr_nonnull(mirror_list_find(&l, "b"));
	mirror_list_free(&l);
}
END_TEST

START_TEST(a_list_is_written_and_read)
{
	struct mirror_list l = { 0 }, again = { 0 };
	struct fail f;

	mirror_list_add(&l, "x/y", 0);
	mirror_list_add(&l, "z", 1795363262);
	ck_assert_int_eq(mirror_list_write(&l, harness_dirfd(), "list", &f),
	    0);
	ck_assert_str_eq(harness_read("list"), "x/y 0\nz 1795363262\n");
	ck_assert_int_eq(mirror_list_read(&again, harness_dirfd(), "list",
	    &f), 0);
	ck_assert_uint_eq(again.n, 2);
	ck_assert_int_eq(mirror_list_find(&again, "z")->s, 1795363262);
	mirror_list_free(&l);
	mirror_list_free(&again);
}
END_TEST

START_TEST(a_missing_list_is_empty_and_wrong_lines_are_passed_over)
{
	struct mirror_list l = { 0 };
	struct fail f;

	ck_assert_int_eq(mirror_list_read(&l, harness_dirfd(), "none", &f),
	    0);
	ck_assert_uint_eq(l.n, 0);
	ck_assert_ptr_null(mirror_list_find(&l, "a"));
	harness_write("list", "a\nb x\nc 1 2\nd -5\n\ne 7\n");
	ck_assert_int_eq(mirror_list_read(&l, harness_dirfd(), "list", &f),
	    0);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_str_eq(l.v[0].text, "e");
	mirror_list_free(&l);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_latest_time_of_a_text_stays);
	tcase_add_test(tc, a_time_below_zero_takes_a_text_away);
	tcase_add_test(tc, a_list_is_written_and_read);
	tcase_add_test(tc,
	    a_missing_list_is_empty_and_wrong_lines_are_passed_over);
}
