/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"
#include "sweep.h"

/* The linker leads clock_boot_ms here: time is what the test says. */
int64_t __wrap_clock_boot_ms(void);

static int64_t now_ms = 1000;

int64_t
__wrap_clock_boot_ms(void)
{
	return now_ms;
}

#define LOST "hello,aaaaaaaaaaaa,p5,e2,a0@her"
#define STAGE "results/.staging/" LOST

static struct sweeper w;
static const struct spool *s;
static struct strs unknown;

static void
sweep_after_s(int64_t wait_s)
{
	struct fail f;

	now_ms += wait_s * 1000;
	ck_assert_msg(sweep(&w, s, &unknown, NULL, &f) == 0, "%s", f.text);
}

/* So that it has looked often enough. */
static void
sweep_often(void)
{
	for (unsigned i = 0; i < SWEEP_LOOKS_LEAST; i++)
		sweep_after_s(0);
}

START_TEST(only_what_was_seen_for_long_goes)
{
	s = harness_spool("amd64 arm64");
	harness_write("spool/amd64/tmp/old", "x");
	harness_write("spool/arm64/tmp/old", "x");
	harness_write("spool/amd64/tmp/README", "x");
	harness_write("spool/amd64/new/old", "x");
	sweep_often();
	harness_write("spool/amd64/tmp/young", "x");
	sweep_after_s(60);
	sweep_after_s(SWEEP_AGE_S - 60);
	ck_assert(harness_exists("spool/amd64/tmp/old"));
	sweep_after_s(1);
	ck_assert(!harness_exists("spool/amd64/tmp/old"));
	ck_assert(!harness_exists("spool/arm64/tmp/old"));
	ck_assert(harness_exists("spool/amd64/tmp/young"));
	ck_assert(harness_exists("spool/amd64/tmp/README"));
	ck_assert(harness_exists("spool/amd64/new/old"));
	sweep_often();
	sweep_after_s(60);
	ck_assert(!harness_exists("spool/amd64/tmp/young"));
	sweep_free(&w);
}
END_TEST

/* It knows of no more than it knew when it fell asleep. */
START_TEST(a_host_that_slept_has_not_seen_it_for_long)
{
	s = harness_spool("amd64");
	harness_write("spool/amd64/tmp/x", "x");
	sweep_after_s(0);
	sweep_after_s(SWEEP_AGE_S + 1);
	ck_assert(harness_exists("spool/amd64/tmp/x"));
	sweep_often();
	ck_assert(!harness_exists("spool/amd64/tmp/x"));
	sweep_free(&w);
}
END_TEST

START_TEST(what_went_and_came_again_is_young)
{
	s = harness_spool("amd64");
	harness_write("spool/amd64/tmp/x", "x");
	sweep_often();
	ck_assert_int_eq(fs_unlink(harness_queue("amd64")->tmp, "x"), 0);
	sweep_after_s(SWEEP_AGE_S);
	harness_write("spool/amd64/tmp/x", "x");
	sweep_after_s(60);
	ck_assert(harness_exists("spool/amd64/tmp/x"));
	sweep_free(&w);
}
END_TEST

static void
set_stage(void)
{
	s = harness_spool("amd64");
	strs_free(&unknown);
	strs_add(&unknown, LOST);
	harness_write(STAGE "/run/log.gz", "x");
	sweep_often();
	ck_assert(harness_exists(STAGE "/run/log.gz"));
}

START_TEST(a_stage_goes_whose_request_was_nowhere_for_long)
{
	set_stage();
	sweep_after_s(SWEEP_AGE_S + 1);
	ck_assert(!harness_exists(STAGE));
	sweep_free(&w);
	strs_free(&unknown);
}
END_TEST

START_TEST(a_stage_stays_whose_request_was_seen)
{
	set_stage();
	harness_write("spool/amd64/done/20261122/" LOST, "x");
	sweep_after_s(SWEEP_AGE_S + 1);
	ck_assert(harness_exists(STAGE "/run/log.gz"));
	ck_assert_int_eq(fs_unlink(harness_queue("amd64")->done,
	    "20261122/" LOST), 0);
	sweep_often();
	ck_assert(harness_exists(STAGE "/run/log.gz"));
	sweep_free(&w);
	strs_free(&unknown);
}
END_TEST

START_TEST(a_stage_stays_while_a_queue_cannot_be_read)
{
	set_stage();
	ck_assert_int_eq(fs_rename(s->fd, "amd64/done", s->fd, "away"), 0);
	sweep_after_s(SWEEP_AGE_S + 1);
	ck_assert(harness_exists(STAGE "/run/log.gz"));
	sweep_free(&w);
	strs_free(&unknown);
}
END_TEST

START_TEST(of_directories_only_empty_ones_go)
{
	s = harness_spool("amd64");
	harness_write("spool/amd64/tmp/0123456789ab.0/token", "x");
	harness_write("spool/amd64/tmp/0123456789ab.1/token", "x");
	ck_assert_int_eq(fs_unlink(harness_dirfd(),
	    "spool/amd64/tmp/0123456789ab.1/token"), 0);
	sweep_often();
	sweep_after_s(SWEEP_AGE_S + 1);
	ck_assert(harness_exists("spool/amd64/tmp/0123456789ab.0/token"));
	ck_assert(!harness_exists("spool/amd64/tmp/0123456789ab.1"));
	sweep_free(&w);
}
END_TEST

START_TEST(the_rest_of_stages_goes_at_once)
{
	s = harness_spool("amd64");
	harness_write("results/.staging/.gone.x.hello@here/run/log.gz", "x");
	harness_write("results/.staging/.gone.x.hello@here/making/log.gz",
	    "x");
	harness_write("results/.staging/.gone-run.x.hello@here/log.gz", "x");
	harness_write("results/.staging/hello@here/run/log.gz", "x");
	sweep_after_s(0);
	ck_assert(!harness_exists("results/.staging/.gone.x.hello@here"));
	ck_assert(!harness_exists("results/.staging/.gone-run.x.hello@here"));
	ck_assert(harness_exists("results/.staging/hello@here/run/log.gz"));
	sweep_free(&w);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, only_what_was_seen_for_long_goes);
	tcase_add_test(tc, a_host_that_slept_has_not_seen_it_for_long);
	tcase_add_test(tc, what_went_and_came_again_is_young);
	tcase_add_test(tc, a_stage_goes_whose_request_was_nowhere_for_long);
	tcase_add_test(tc, a_stage_stays_whose_request_was_seen);
	tcase_add_test(tc, a_stage_stays_while_a_queue_cannot_be_read);
	tcase_add_test(tc, of_directories_only_empty_ones_go);
	tcase_add_test(tc, the_rest_of_stages_goes_at_once);
}
