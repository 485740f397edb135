/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The buckets of new/: <rank>-<yyyymmddThhmm>[.<n>], for example
 * 05-20261122T1601.  rank is 10 less the priority, in two digits, so that the
 * names sort in the order of service: priority first, then age.  The time is
 * UTC; a bucket whose time is to come is left alone until then.  Readers take
 * a number .n behind it for one more bucket of that minute.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdint.h>

enum { BUCKET_NAME_MAX = 32 };

void bucket_format(char out[BUCKET_NAME_MAX], unsigned priority,
	int64_t due_s);

/* Returns 0 and when it is due; -1 where name is no bucket's. */
int bucket_parse(const char *name, int64_t *due_s);

/* The time of the first bucket that is not before s: buckets are minutes. */
int64_t bucket_not_before(int64_t s);

#endif
