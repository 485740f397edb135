/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new/ -> cur/, for one worker and one queue.  The claimer reads the names in
 * new/ and then a window of the first bucket that is due, remembers them, and
 * takes one after the other from a random place: so a claim costs the same
 * however many wait, and claimers rarely meet.
 *
 * What is remembered grows old: others take it, and what is more urgent comes.
 * So it is read afresh after CLAIM_FRESH_MS, and at the first loss after a win.
 * Whoever comes back before that claims quickly, and so do others, perhaps:
 * each time it remembers twice as many names, and loses the more seldom.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "bucket.h"
#include "strs.h"
#include "token.h"

struct fail;
struct queue;

enum {
	CLAIM_WINDOW_LEAST = 96,	/* names remembered */
	CLAIM_WINDOW_MOST = 768,
	CLAIM_FRESH_MS = 1000,
	CLAIM_LOSSES_MOST = 8,	/* straight losses before a fresh look */
};

struct claimer {
	const struct queue *queue;
	const char *worker;
	struct strs window;	/* names in `bucket` not tried yet */
	size_t window_most;	/* how many of them are remembered */
	int64_t looked_ms;	/* when it was filled, on the boot clock */
	bool has_won;		/* something from it */
	char bucket[BUCKET_NAME_MAX];	/* "": new/ itself */
	int dir;		/* the bucket's; -1: none is open */
	char after[BUCKET_NAME_MAX];	/* buckets up to this are passed over */
	bool cut_off;		/* the last look ended at its limit */
	bool skip_dropped;	/* one cannot be renamed: buckets next */
	bool no_dropped;	/* set by the caller: buckets only */
	/* Whether the worker has a claim of this name; set by the caller. */
	bool (*is_held)(const void *holder, const char *name);
	const void *holder;
	/* Whether that name is left to others now; set by the caller. */
	bool (*is_for_others)(const void *others, const char *name);
	const void *others;
	int64_t lost;		/* renames that others were faster with */
	int64_t next_due_s;	/* the earliest bucket to come; 0: none */
};

struct claim {
	struct token token;
	char name[TOKEN_NAME_MAX];	/* in cur/ */
};

enum claim_outcome {
	CLAIM_WON,
	CLAIM_NONE,	/* nothing is due, or others were always faster */
	CLAIM_FAILED	/* the filesystem said no: f tells */
};

/* Without is_held nothing is taken to be held. */
void claim_init(struct claimer *c, const struct queue *q, const char *worker);
void claim_free(struct claimer *c);

enum claim_outcome claim_next(struct claimer *c, struct claim *won,
	struct fail *f);

#endif
