/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"
#include "harness.h"
#include "known.h"
#include "spool.h"

static struct known k;

static void
read_scene(void)
{
	const struct spool *s = harness_spool("amd64");
	struct fail f;

	harness_write("spool/amd64/new/05-20200101T0000/a,"
	    "000000000001,p5,e1,a0", "a");
	harness_write("spool/amd64/new/dropped", "b");
	harness_write("spool/amd64/cur/c,000000000003,p5,e1,a0@w", "c");
	harness_write("spool/amd64/bad/d,000000000004,p5,e1,a0@w", "d");
	harness_write("spool/amd64/done/20200101/"
	    "e,000000000005,p5,e1,a0@w", "e");
	k = (struct known){ 0 };
	ck_assert_int_eq(known_read(&k, s, &f), 0);
}

START_TEST(what_waits_or_runs_is_pending)
{
	read_scene();
	ck_assert(known_is_pending(&k, "000000000001"));
	ck_assert(known_is_pending(&k, "000000000003"));
	ck_assert(!known_is_pending(&k, "000000000004"));
	ck_assert(!known_is_pending(&k, "000000000005"));
	ck_assert(!known_is_pending(&k, "000000000009"));
	known_free(&k);
}
END_TEST

START_TEST(what_is_added_is_pending_once)
{
	k = (struct known){ 0 };
	known_add(&k, "000000000007");
	known_add(&k, "000000000007");
	ck_assert(known_is_pending(&k, "000000000007"));
	known_free(&k);
	ck_assert(!known_is_pending(&k, "000000000007"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_waits_or_runs_is_pending);
	tcase_add_test(tc, what_is_added_is_pending_once);
}
