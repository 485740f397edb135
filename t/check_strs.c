/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "harness.h"
#include "mem.h"
#include "strs.h"

START_TEST(keeps_copies_and_ends_with_a_null)
{
	struct strs l = { 0 };
	char text[] = "one";

	strs_add(&l, text);
	text[0] = 'x';
	strs_addf(&l, "%s-%d", "two", 2);
	strs_take(&l, mem_dup("three"));
	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_eq(l.v[0], "one");
	ck_assert_str_eq(l.v[1], "two-2");
	ck_assert_str_eq(l.v[2], "three");
	ck_assert_ptr_null(l.v[3]);
	strs_free(&l);
}
END_TEST

START_TEST(splits_at_any_run_of_separators)
{
	struct strs l = { 0 };

	strs_split(&l, ", a,b  c,", ", ");
	strs_split(&l, "", ", ");
	strs_split(&l, ",,", ", ");
	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_eq(l.v[0], "a");
	ck_assert_str_eq(l.v[2], "c");
	strs_free(&l);
}
END_TEST

START_TEST(joins_what_it_split)
{
	struct strs l = { 0 };
	char *s = strs_join(&l, "+");

	ck_assert_str_eq(s, "");
	free(s);
	strs_split(&l, "a b c", " ");
	s = strs_join(&l, "--");
	ck_assert_str_eq(s, "a--b--c");
	free(s);
	strs_free(&l);
}
END_TEST

START_TEST(sorts_by_bytes)
{
	struct strs l = { 0 };
	char *s;

	strs_sort(&l);
	strs_split(&l, "b a B 10 9", " ");
	strs_sort(&l);
	s = strs_join(&l, " ");
	ck_assert_str_eq(s, "10 9 B a b");
	free(s);
	strs_free(&l);
}
END_TEST

START_TEST(has_only_whole_strings)
{
	struct strs l = { 0 };

	ck_assert(!strs_has(&l, "hello"));
	strs_add(&l, "hello");
	ck_assert(strs_has(&l, "hello"));
	ck_assert(!strs_has(&l, "hell"));
	strs_free(&l);
}
END_TEST

START_TEST(adds_all_of_another_and_owns_its_copies)
{
	struct strs a = { 0 }, b = { 0 };

	for (int i = 0; i < 100; i++)
		strs_addf(&a, "%d", i);
	strs_add_all(&b, &a);
	strs_free(&a);
	ck_assert_uint_eq(b.n, 100);
	ck_assert_str_eq(b.v[99], "99");
	strs_free(&b);
	strs_free(&b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, keeps_copies_and_ends_with_a_null);
	tcase_add_test(tc, splits_at_any_run_of_separators);
	tcase_add_test(tc, joins_what_it_split);
	tcase_add_test(tc, sorts_by_bytes);
	tcase_add_test(tc, has_only_whole_strings);
	tcase_add_test(tc, adds_all_of_another_and_owns_its_copies);
}
