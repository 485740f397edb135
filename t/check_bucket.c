/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "bucket.h"
#include "harness.h"

#define MINUTE_1 1795363260	/* 2026-11-22T16:01Z */

static const struct {
	unsigned priority;
	int64_t due_s;
	const char *name;
} buckets[] = {
	{ 5, MINUTE_1, "05-20261122T1601" },
	{ 5, MINUTE_1 + 59, "05-20261122T1601" },
	{ 10, MINUTE_1 + 60, "00-20261122T1602" },
	{ 0, MINUTE_1, "10-20261122T1601" },
	{ 99, MINUTE_1, "00-20261122T1601" },
};

START_TEST(what_is_formatted_is_parsed)
{
	char name[BUCKET_NAME_MAX];
	int64_t due_s = 0;

	bucket_format(name, buckets[_i].priority, buckets[_i].due_s);
	ck_assert_str_eq(name, buckets[_i].name);
	ck_assert_int_eq(bucket_parse(name, &due_s), 0);
	ck_assert_int_eq(due_s, buckets[_i].due_s / 60 * 60);
}
END_TEST

START_TEST(names_sort_in_the_order_of_service)
{
	char a[BUCKET_NAME_MAX], b[BUCKET_NAME_MAX];

	bucket_format(a, 10, MINUTE_1 + 3600);
	bucket_format(b, 9, MINUTE_1);
	ck_assert_str_lt(a, b);
	bucket_format(a, 5, MINUTE_1);
	bucket_format(b, 5, MINUTE_1 + 60);
	ck_assert_str_lt(a, b);
	bucket_format(a, 1, MINUTE_1);
	bucket_format(b, 0, MINUTE_1);
	ck_assert_str_lt(a, b);
}
END_TEST

START_TEST(a_number_behind_it_is_one_more_of_that_minute)
{
	int64_t due_s = 0;

	ck_assert_int_eq(bucket_parse("05-20261122T1601.3", &due_s), 0);
	ck_assert_int_eq(due_s, MINUTE_1);
	ck_assert_int_eq(bucket_parse("05-20261122T1601.99999", &due_s), 0);
}
END_TEST

static const char *const strangers[] = { "", ".", "5-20261122T1601",
	"05-20261122", "05-20261122T160", "05-20261122T16011",
	"05-20261122T1601.", "05-20261122T1601.x", "05-20261122T1601.1x",
	"05-20261122T1601.123456", "05-20261122T2501", "05-20261322T1601",
	"0x-20261122T1601", "05_20261122T1601", "05-20261122t1601",
	"05-20261122T1601 ", "new" };

START_TEST(other_names_are_no_buckets)
{
	int64_t due_s;

	ck_assert_msg(bucket_parse(strangers[_i], &due_s) == -1, "%s",
	    strangers[_i]);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, what_is_formatted_is_parsed, 0,
	    (int)(sizeof buckets / sizeof *buckets));
	tcase_add_test(tc, names_sort_in_the_order_of_service);
	tcase_add_test(tc, a_number_behind_it_is_one_more_of_that_minute);
	tcase_add_loop_test(tc, other_names_are_no_buckets, 0,
	    (int)(sizeof strangers / sizeof *strangers));
}
