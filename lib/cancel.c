/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file in control/ comes first: whatever becomes of the rename, or of us,
 * the next worker to have the request refuses it.  The rename only spares it
 * the way through a claim.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "cancel.h"
#include "commit.h"
#include "conf.h"
#include "control.h"
#include "fail.h"
#include "mem.h"
#include "pending.h"
#include "scan.h"
#include "spool.h"
#include "tries.h"

enum { TRIES = 4 };	/* looks at what moves on between look and rename */

const char *
cancel_word(enum cancel_outcome o)
{
	static const char *const words[] = { "cancelled", "asked", "late",
	    "failed" };

	return words[o];
}

/* What only points to a request that has ended. */
static void
leave(const struct conf *c, const struct spool *s, const struct queue *q,
	const struct found *found)
{
	char digest[DIGEST_ID_MAX];
	struct fail passed;
	struct request r;

	if (find_read(c, s, found, &r, &passed) == 0) {
		request_digest(&r, digest);
		pending_leave(q, digest, found->token.id);
	}
	request_free(&r);
	tries_forget(q, found->token.id, found->token.attempt);
}

/*
 * Like a worker's name, and used once: after a rename that found nothing its
 * target is not to be named again, by whoever comes next with an old listing
 * either.
 */
static void
name_refuser(const struct conf *c, char name[NAME_WORKER_MAX + 1])
{
	enum { DRAWN = 6 };
	char drawn[TOKEN_ID_MAX];

	token_draw_id(drawn);
	(void)snprintf(name, NAME_WORKER_MAX + 1, "%.*s-%.*s",
	    NAME_WORKER_MAX - DRAWN - 1, c->worker, DRAWN, drawn);
}

static enum commit_outcome
refuse_waiting(const struct conf *c, const struct spool *s,
	const struct queue *q, const struct found *found, struct fail *f)
{
	char bucket[BUCKET_NAME_MAX], *what;
	struct found there = *found;
	struct buf why = { 0 };
	enum commit_outcome o;

	(void)snprintf(bucket, sizeof bucket, "%.*s",
	    (int)strcspn(found->path + strlen("new/"), "/"),
	    found->path + strlen("new/"));
	name_refuser(c, there.token.worker);
	what = control_tell(s, CONTROL_CANCEL, found->token.id, "cancelled");
	buf_addf(&why, "adtspool: %s/%s: %s. To try again: mv this file into "
	    "%s/new\n", q->name, found->path, what, q->name);
	tries_tell(q, found->token.id, found->token.attempt, &why);
	o = commit_bad_waiting(q, bucket, &there.token, why.s, f);
	if (o == COMMIT_WON) {
		char name[TOKEN_NAME_MAX];

		token_format(name, &there.token);
		(void)snprintf(there.path, sizeof there.path, "bad/%s", name);
		leave(c, s, q, &there);
	}
	free(what);
	buf_free(&why);
	return o;
}

/* It has ended, so nobody needs to be asked any more. */
static enum cancel_outcome
take_back(const struct spool *s, const char *id, enum cancel_outcome o)
{
	struct fail passed;

	(void)control_drop(s, CONTROL_CANCEL, id, &passed);
	return o;
}

static enum cancel_outcome
try_all(const struct conf *c, const struct spool *s, const struct queue *q,
	struct found *now, struct fail *f)
{
	char id[TOKEN_ID_MAX];

	memcpy(id, now->token.id, sizeof id);
	for (int i = 0; i < TRIES; i++) {
		switch (now->state) {
		case FIND_BAD:
			return take_back(s, id, CANCEL_DONE);
		case FIND_DONE:
			return take_back(s, id, CANCEL_LATE);
		case FIND_RUNNING:
			return CANCEL_ASKED;
		case FIND_WAITING:
			/* May we not, the next to claim it may. */
			switch (refuse_waiting(c, s, q, now, f)) {
			case COMMIT_WON:
				return take_back(s, id, CANCEL_DONE);
			case COMMIT_FAILED:
				return CANCEL_ASKED;
			case COMMIT_LOST:
				break;
			}
			break;
		case FIND_NOWHERE:
			break;
		}
		if (find_in_queue(q, id, now, f) != 0)
			break;
	}
	return CANCEL_ASKED;
}

enum cancel_outcome
cancel(const struct conf *c, const struct spool *s, const struct found *found,
	const char *why, struct fail *f)
{
	enum cancel_outcome o = CANCEL_ASKED;
	struct found now = *found;
	struct fail passed;
	struct queue q;

	if (control_put(s, CONTROL_CANCEL, found->token.id, why, f) != 0)
		return CANCEL_FAILED;
	if (queue_open(&q, s, found->queue, &passed) == 0)
		o = try_all(c, s, &q, &now, &passed);
	queue_close(&q);
	return o;
}

enum cancel_outcome
cancel_look(const struct spool *s, const struct found *found, struct fail *f)
{
	enum cancel_outcome o = CANCEL_FAILED;
	struct found now;
	struct queue q;

	if (queue_open(&q, s, found->queue, f) == 0 &&
	    find_in_queue(&q, found->token.id, &now, f) == 0) {
		o = CANCEL_ASKED;
		if (now.state == FIND_BAD)
			o = take_back(s, found->token.id, CANCEL_DONE);
		else if (now.state == FIND_DONE)
			o = take_back(s, found->token.id, CANCEL_LATE);
	}
	queue_close(&q);
	return o;
}

enum cancel_outcome
cancel_attempt(const struct spool *s, const struct found *found,
	const char *why, struct fail *f)
{
	char name[TOKEN_NAME_MAX];

	token_format(name, &found->token);
	return control_put(s, CONTROL_KILL, name, why, f) == 0 ?
	    CANCEL_ASKED : CANCEL_FAILED;
}

enum cancel_outcome
cancel_look_attempt(const struct spool *s, const struct found *found,
	struct fail *f)
{
	char name[TOKEN_NAME_MAX];
	int there = -1;
	struct queue q;

	token_format(name, &found->token);
	if (queue_open(&q, s, found->queue, f) == 0)
		there = scan_lists(q.cur, ".", name, f);
	queue_close(&q);
	return there < 0 ? CANCEL_FAILED : there ? CANCEL_ASKED : CANCEL_DONE;
}
