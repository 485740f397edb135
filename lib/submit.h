/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing -> new/: tmp, fsync, rename, fsync of the directory, ring. */
#ifndef SUBMIT_H
#define SUBMIT_H

#include <stdint.h>
#include <sys/types.h>

#include "bucket.h"
#include "token.h"

struct buf;
struct fail;
struct queue;

/*
 * Puts a request's text into its bucket.  When this returns 0 the request
 * survives a power cut.  t says its name, which was never used; due_s when it
 * may be taken (now or earlier: at once).
 */
int submit_put(const struct queue *q, const struct token *t, int64_t due_s,
	const struct buf *text, struct fail *f);

/*
 * The same for many, one after the other: as they go to one bucket, this holds
 * it, and new/ is synced once.  Begins as { .q = q, .bucket = -1 }.
 */
struct submit {
	const struct queue *q;
	int bucket;			/* -1: none */
	char name[BUCKET_NAME_MAX];	/* its name */
	dev_t dev;			/* and which it is */
	ino_t ino;
};

int submit_next(struct submit *s, const struct token *t, int64_t due_s,
	const struct buf *text, struct fail *f);
void submit_end(struct submit *s);

/*
 * Renames into new/'s bucket for t, making the bucket when it is missing: the
 * last step of submit and of each way back from cur/.  Syncs nothing.  Returns
 * 0; or -1, with f->err ENOENT where `from` is gone.
 */
int submit_rename(const struct queue *q, int from_dir, const char *from,
	const struct token *t, int64_t due_s, struct fail *f);

/*
 * Writes new/.bell.  It wakes the workers of this host, whose watch is on new/
 * and not on its buckets, and changes the file for other hosts to see.  A bell
 * that fails is no loss: workers look from time to time.
 */
void submit_ring(const struct queue *q);

#endif
