/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "fail.h"
#include "strs.h"
#include "tree.h"

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int64_t
expect_duration_s(const struct spool *s, const char *suite, const char *arch,
	const char *source)
{
	int64_t took_s[EXPECT_RUNS] = { 0 };
	struct strs runs = { 0 };
	struct fail passed;
	size_t n = 0, looks = 0;

	if (tree_runs(s, suite, arch, source, &runs, &passed) != 0)
		runs.n = 0;
	while (n < EXPECT_RUNS && looks < EXPECT_LOOKS_MOST &&
	    looks < runs.n) {
		const char *run = runs.v[runs.n - ++looks];
		struct result r;

		if (tree_result(s, suite, arch, source, run, &r,
		    &passed) == 0 && r.status && strcmp(r.status, "tmpfail") &&
		    r.started_s && r.finished_s >= r.started_s)
			took_s[n++] = r.finished_s - r.started_s;
		result_free(&r);
	}
	strs_free(&runs);
	qsort(took_s, n, sizeof *took_s, compare);
	if (n == 0)
		return 0;
	return took_s[n / 2] > 0 ? took_s[n / 2] : 1;
}
