/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "pending.h"
#include "spool.h"

#define DIGEST "0123456789ab"
#define LINK "spool/amd64/pending/" DIGEST
#define A "aaaaaaaaaaaa"
#define B "bbbbbbbbbbbb"
#define A_WAITS "spool/amd64/new/05-20261122T1601/hello," A ",p5,e1,a0"
#define A_RUNS "spool/amd64/cur/hello," A ",p5,e1,a0@here"

static const struct queue *q;

static void
set_scene(void)
{
	(void)harness_spool("amd64");
	q = harness_queue("amd64");
}

static void
enter(const char *id, int want)
{
	char other[TOKEN_ID_MAX] = "";
	struct fail f = { 0 };

	ck_assert_msg(pending_enter(q, DIGEST, id, other, &f) == want, "%s",
	    f.text);
	if (want == 1)
		ck_assert_str_eq(other, A);
}

/* Who is entered; "" where nobody is. */
static void
expect(const char *id)
{
	char got[64] = "";

	(void)!readlinkat(harness_dirfd(), LINK, got, sizeof got - 1);
	ck_assert_str_eq(got, id);
}

START_TEST(the_first_is_entered)
{
	set_scene();
	enter(A, 0);
	expect(A);
}
END_TEST

START_TEST(entering_again_is_fine)
{
	set_scene();
	enter(A, 0);
	enter(A, 0);
	expect(A);
}
END_TEST

START_TEST(one_that_waits_keeps_its_place)
{
	set_scene();
	enter(A, 0);
	harness_write(A_WAITS, "hello\n");
	enter(B, 1);
	expect(A);
}
END_TEST

START_TEST(one_that_waits_for_a_later_time_keeps_its_place)
{
	set_scene();
	enter(A, 0);
	harness_write("spool/amd64/new/05-99991122T1601/hello," A ",p5,e2,a1",
	    "hello\n");
	enter(B, 1);
	expect(A);
}
END_TEST

START_TEST(one_that_runs_keeps_its_place)
{
	set_scene();
	enter(A, 0);
	harness_write(A_RUNS, "hello\n");
	enter(B, 1);
	expect(A);
}
END_TEST

START_TEST(a_stale_one_makes_way)
{
	set_scene();
	enter(A, 0);
	harness_write("spool/amd64/done/20261122/hello," A ",p5,e1,a0@here",
	    "hello\n");
	enter(B, 0);
	expect(B);
}
END_TEST

START_TEST(nonsense_makes_way)
{
	set_scene();
	ck_assert_int_eq(fs_symlink("../../etc/passwd", q->pending, DIGEST),
	    0);
	enter(B, 0);
	expect(B);
}
END_TEST

START_TEST(who_insists_takes_the_place)
{
	struct fail f;

	set_scene();
	enter(A, 0);
	harness_write(A_WAITS, "hello\n");
	ck_assert_int_eq(pending_insist(q, DIGEST, B, &f), 0);
	expect(B);
}
END_TEST

START_TEST(leaving_takes_away_ones_own_only)
{
	set_scene();
	enter(A, 0);
	pending_leave(q, DIGEST, B);
	expect(A);
	pending_leave(q, DIGEST, A);
	expect("");
	pending_leave(q, DIGEST, A);
}
END_TEST

START_TEST(whatever_fails_it_can_be_entered_again)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		char other[TOKEN_ID_MAX];
		struct fail f = { 0 };
		int rc;

		(void)fs_unlink(q->pending, DIGEST);
		enter(A, 0);	/* stale */
		fault_on(&x);
		rc = pending_enter(q, DIGEST, B, other, &f);
		fault_off();
		ck_assert_msg(rc == 0 || (rc == -1 && x.struck && f.text[0]),
		    "%s: %d", x.what, rc);
		if (rc == 0)
			expect(B);
		else
			enter(B, 0);
		expect(B);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_first_is_entered);
	tcase_add_test(tc, entering_again_is_fine);
	tcase_add_test(tc, one_that_waits_keeps_its_place);
	tcase_add_test(tc, one_that_waits_for_a_later_time_keeps_its_place);
	tcase_add_test(tc, one_that_runs_keeps_its_place);
	tcase_add_test(tc, a_stale_one_makes_way);
	tcase_add_test(tc, nonsense_makes_way);
	tcase_add_test(tc, who_insists_takes_the_place);
	tcase_add_test(tc, leaving_takes_away_ones_own_only);
	tcase_add_test(tc, whatever_fails_it_can_be_entered_again);
}
