/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "reorder.h"
#include "spool.h"
#include "submit.h"

enum {
	TRIES = 4,	/* looks at what moves on between look and rename */
	SPREAD_MOST = 8,
};

/*
 * After a rename that found nothing its target is not to be named again, by
 * whoever comes next with an old listing either: so targets differ.
 */
static unsigned
spread(void)
{
	unsigned char r = 0;

	if (getrandom(&r, sizeof r, 0) != (ssize_t)sizeof r)
		r = 0;	/* one of the eight, too */
	return r % SPREAD_MOST;
}

/* 0; or -1, with f->err ENOENT where it is not there any more. */
static int
move(const struct queue *q, const struct found *found, unsigned priority,
	struct fail *f)
{
	const char *bucket = found->path + strlen("new/");
	char path[sizeof found->path], name[TOKEN_NAME_MAX];
	struct token to = found->token;
	int dir, rc;

	(void)snprintf(path, sizeof path, "%.*s", (int)strcspn(bucket, "/"),
	    bucket);
	dir = fs_open_dir(q->fresh, path);
	if (dir < 0)
		return fail_errno(f, "%s/new/%s", q->name, path);
	token_format(name, &found->token);
	to.priority = priority;
	to.epoch += 1 + spread();
	rc = submit_rename(q, dir, name, &to, found->due_s, f);
	(void)close(dir);
	if (rc == 0)
		submit_ring(q);
	return rc;
}

static enum reorder_outcome
try_all(const struct queue *q, struct found *now, unsigned priority,
	struct fail *f)
{
	char id[TOKEN_ID_MAX];

	memcpy(id, now->token.id, sizeof id);
	for (int i = 0; i < TRIES; i++) {
		if (now->state != FIND_WAITING && now->state != FIND_NOWHERE)
			return REORDER_LATE;
		if (now->state == FIND_WAITING) {
			if (now->token.priority == priority ||
			    move(q, now, priority, f) == 0)
				return REORDER_DONE;
			if (f->err != ENOENT && f->err != ESTALE)
				return REORDER_FAILED;
		}
		if (find_in_queue(q, id, now, f) != 0)
			return REORDER_FAILED;
	}
	(void)fail_set(f, EX_TEMPFAIL, "%s: moves too fast; try again", id);
	return REORDER_FAILED;
}

enum reorder_outcome
reorder(const struct spool *s, const struct found *found, unsigned priority,
	struct fail *f)
{
	enum reorder_outcome o = REORDER_FAILED;
	struct found now = *found;
	struct queue q;

	if (queue_open(&q, s, found->queue, f) == 0)
		o = try_all(&q, &now, priority, f);
	queue_close(&q);
	return o;
}
