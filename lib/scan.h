/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the state directories.  What a listing shows is a hint (another host
 * may be moving the token at this moment); only a rename's result is truth.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token.h"

struct fail;
struct queue;
struct strs;

struct scan_entry {
	const char *bucket;	/* "" for a file dropped into new/ itself */
	const char *name;
	int64_t due_s;		/* its bucket's time; 0 for a dropped file */
	bool is_token;		/* false: dropped by hand, token is not set */
	struct token token;
};

/*
 * Calls each for everything that waits, in no order, until it returns
 * non-zero.  Memory does not grow with the queue.
 */
int scan_waiting(const struct queue *q,
	int (*each)(void *context, const struct scan_entry *e),
	void *context, struct fail *f);

/* What waits in a bucket, or was dropped into new/ itself. */
struct scan_bucket {
	int64_t due_s;		/* 0: new/ itself */
	size_t n;
};

/*
 * Counts what waits, reading many buckets at the same time and looking closely
 * at no name: new/ itself comes first.  free() the buckets.
 */
int scan_count(const struct queue *q, struct scan_bucket **buckets, size_t *n,
	struct fail *f);

/* Appends the names of the tokens in cur/; strangers' files are left out. */
int scan_claimed(const struct queue *q, struct strs *names, struct fail *f);

/* Appends the days in done/, sorted. */
int scan_days(const struct queue *q, struct strs *days, struct fail *f);

/* Whether directory at/path lists name: 1, 0, or -1 on an error. */
int scan_lists(int at, const char *path, const char *name, struct fail *f);

/* Whether the request waits, or is claimed: 1, 0, or -1 on an error. */
int scan_is_pending(const struct queue *q, const char *id, struct fail *f);

#endif
