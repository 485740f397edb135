/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a test may take, by what it took before. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdint.h>

struct spool;

enum { EXPECT_RUNS = 3, EXPECT_LOOKS_MOST = 6 };

/*
 * Seconds: the median of a package's newest EXPECT_RUNS runs that were not
 * tmpfail, of which it reads EXPECT_LOOKS_MOST at most, and 1 for what took
 * less; 0: nothing is known.
 */
int64_t expect_duration_s(const struct spool *s, const char *suite,
	const char *arch, const char *source);

#endif
