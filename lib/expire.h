/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which runs are to go: those that were published before some time, but for
 * the newest ones of each package on each architecture of a suite, and its
 * newest pass.  Nothing is removed here: a notice "gone" is left for each, and
 * the indexer takes the run out of the indexes first.  What is kept by one is
 * kept by any other that asks for as much, so many may do this at once, or
 * again.
 */
#ifndef EXPIRE_H
#define EXPIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;
struct notice;
struct spool;

struct expire_options {
	int64_t before_s;
	unsigned keep_last;	/* 0 is as good as 1 */
	const char *suite;	/* NULL: all */
	bool dry_run;		/* leave no notices */
	/* Told while it looks, and of each run that is to go; may be NULL. */
	void (*progress)(void *context, const char *what, size_t part,
		size_t of);
	void (*going)(void *context, const struct notice *run);
	void *context;
};

struct expire_report {
	size_t packages;	/* with runs that are to go */
	size_t runs;
	int64_t bytes;		/* of these */
	size_t kept;		/* that are as old */
	size_t unread;		/* packages left alone, with why in the last */
	size_t waiting;		/* notices "gone" that were there before */
	char why[256];
};

int expire(const struct spool *s, const struct expire_options *o,
	struct expire_report *r, struct fail *f);

#endif
