/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "harness.h"
#include "spool.h"
#include "token.h"
#include "tries.h"

#define ID "aaaaaaaaaaaa"

static const struct queue *q;

static struct token
claimed(unsigned attempt)
{
	struct token t = { .label = "hello", .id = ID, .epoch = 3,
	    .attempt = attempt, .worker = "here" };

	return t;
}

static void
note(unsigned attempt, const char *what)
{
	struct token t = claimed(attempt);

	tries_note(q, &t, what);
}

START_TEST(lines_are_told_in_the_order_of_attempts)
{
	struct buf b = { 0 };
	const char *one, *two;

	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	note(1, "the second");
	note(0, "the first");
	tries_tell(q, ID, 2, &b);
	one = strstr(b.s, "Z attempt 1, on here: the first\n");
	two = strstr(b.s, "Z attempt 2, on here: the second\n");
	ck_assert_msg(one && two && one < two, "%s", b.s);
	buf_free(&b);
}
END_TEST

START_TEST(a_missing_line_is_left_out)
{
	struct buf b = { 0 };

	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	note(2, "the third");
	tries_tell(q, ID, 4, &b);
	ck_assert_ptr_nonnull(strstr(b.s, "attempt 3, on here: the third\n"));
	ck_assert_ptr_eq(strchr(b.s, '\n'), b.s + strlen(b.s) - 1);
	buf_free(&b);
}
END_TEST

START_TEST(forgetting_takes_all_of_a_request_and_no_other)
{
	struct token other = claimed(0);

	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	memcpy(other.id, "bbbbbbbbbbbb", sizeof other.id);
	tries_note(q, &other, "another's");
	note(0, "x");
	note(1, "x");
	tries_forget(q, ID, 2);
	ck_assert(!harness_exists("spool/amd64/tries/" ID ".a0"));
	ck_assert(!harness_exists("spool/amd64/tries/" ID ".a1"));
	ck_assert(harness_exists("spool/amd64/tries/bbbbbbbbbbbb.a0"));
}
END_TEST

/* Anybody can write a token's name with such a number into new/. */
START_TEST(a_million_attempts_cost_no_more_than_a_hundred)
{
	struct buf b = { 0 };

	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	note(999999, "x");
	ck_assert(!harness_exists("spool/amd64/tries/" ID ".a999999"));
	harness_write("spool/amd64/tries/" ID ".a100", "beyond\n");
	tries_tell(q, ID, 999999, &b);
	ck_assert_ptr_null(b.s);
	tries_forget(q, ID, 999999);
	ck_assert(harness_exists("spool/amd64/tries/" ID ".a100"));
	buf_free(&b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, lines_are_told_in_the_order_of_attempts);
	tcase_add_test(tc, a_missing_line_is_left_out);
	tcase_add_test(tc, forgetting_takes_all_of_a_request_and_no_other);
	tcase_add_test(tc, a_million_attempts_cost_no_more_than_a_hundred);
}
