/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many requests that come into new/ together: their tokens are written into
 * directories tmp/<id>.<n>, each of which becomes a bucket by one rename.
 *
 *	tmp/<id>.<n>/<token>  ->  new/<bucket>.<number>/<token>
 *
 * The rename has no second source and its target is free, so a batch may be
 * moved again after any crash: a directory that is not there was moved.  The
 * plan tells which there are; nothing is listed.
 *
 * A token is written beside its directory and renamed into it: a creation
 * that the network repeats late must not make it again in the bucket.  A local
 * filesystem repeats none, and there it is written in its directory at once.
 * Many are synced together, while they are open, and then renamed.  What could
 * not be synced may be in a directory, therefore: that is never moved, since no
 * plan is written then.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "bucket.h"
#include "spool.h"
#include "token.h"

struct buf;
struct fail;

enum {
	BATCH_BUCKET_MOST = 1000,	/* tokens in a bucket */
	BATCH_FILES_MOST = 512,		/* open; 1,024 is what a process may */
};

struct batch_bucket {
	char queue[NAME_QUEUE_MAX + 1];
	char name[BUCKET_NAME_MAX];	/* without its number */
	size_t tokens;
	bool is_local;			/* its directory is */
};

/* A token that was written, and is not synced yet. */
struct batch_file {
	int fd;				/* -1: closed */
	size_t queue;			/* which of the batch's */
	char *path;			/* where it is to be, in its tmp/ */
	char *scratch;			/* where it is; NULL: at its path */
};

struct batch {
	const struct spool *spool;
	char id[TOKEN_ID_MAX];		/* used once */
	struct batch_bucket *buckets;	/* the nth is tmp/<id>.<n> */
	struct queue *queues;		/* those that are open */
	struct batch_file *files;
	size_t n, n_queues, n_files, tokens;
};

/* Whether something in tmp/ is called as a batch's directory. */
bool batch_is_name(const char *name);

void batch_init(struct batch *b, const struct spool *s, const char *id);
void batch_free(struct batch *b);

/* Removes what was written and not synced; batch_free does it. */
void batch_forget(struct batch *b);

/* A queue, opened once; the batch's. */
const struct queue *batch_queue(struct batch *b, const char *name,
	struct fail *f);

/*
 * Adds a request's text, for a queue of the batch.  Where it fails the batch is
 * of no use any more: others may be missing with it.
 */
int batch_add(struct batch *b, const struct queue *q, const struct token *t,
	int64_t due_s, const struct buf *text, struct fail *f);

/* Syncs all tokens and directories: after that its plan may be written. */
int batch_sync(struct batch *b, struct fail *f);

void batch_write_plan(const struct batch *b, struct buf *plan);

/* Into a batch without buckets.  Fails where the plan is not whole. */
int batch_read_plan(struct batch *b, const char *plan, struct fail *f);

/* Moves all buckets, syncs that, and rings. */
int batch_move(struct batch *b, struct fail *f);

/* Removes what there is in tmp/ of a batch that never will be moved. */
void batch_discard(const struct spool *s, const char *id);

#endif
