/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>

#include "clock.h"
#include "fail.h"
#include "harness.h"
#include "spool.h"
#include "sweep.h"

static void
make(const char *path, int64_t age_s)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
	    { .tv_sec = clock_now_s() - age_s } };

	harness_write(path, "x");
	ck_assert_int_eq(utimensat(harness_dirfd(), path, times, 0), 0);
}

START_TEST(only_old_scratch_goes)
{
	const struct spool *s = harness_spool("amd64 arm64");
	struct fail f;

	make("spool/amd64/tmp/old", SWEEP_AGE_S + 10);
	make("spool/arm64/tmp/old", SWEEP_AGE_S + 10);
	make("spool/amd64/tmp/young", SWEEP_AGE_S - 60);
	make("spool/amd64/tmp/README", SWEEP_AGE_S + 10);
	make("spool/amd64/new/old", SWEEP_AGE_S + 10);
	make("results/.staging/.gone.x.hello@here/run/log.gz", 0);
	make("results/.staging/hello@here/run/log.gz", SWEEP_AGE_S + 10);
	ck_assert_msg(sweep(s, NULL, &f) == 0, "%s", f.text);
	ck_assert(!harness_exists("spool/amd64/tmp/old"));
	ck_assert(!harness_exists("spool/arm64/tmp/old"));
	ck_assert(harness_exists("spool/amd64/tmp/young"));
	ck_assert(harness_exists("spool/amd64/tmp/README"));
	ck_assert(harness_exists("spool/amd64/new/old"));
	ck_assert(!harness_exists("results/.staging/.gone.x.hello@here"));
	ck_assert(harness_exists("results/.staging/hello@here/run/log.gz"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, only_old_scratch_goes);
}
