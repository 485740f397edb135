/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new or cur -> bad: a second file of a request, which is no token of its own.
 * So it gets an id of its own, as a dropped file does, and with it a name that
 * nothing ever had.  The rename competes with whoever has the file: a worker
 * that runs it finds out when it commits.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bucket.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "fsck_repair.h"
#include "mem.h"
#include "scan.h"

/* What a buried file's name says where others have their worker. */
#define SELF "fsck"

static void
name_it(char name[TOKEN_NAME_MAX], const char *path)
{
	struct token was = { 0 }, t;

	(void)token_parse(&was, strrchr(path, '/') + 1);
	token_new(&t, was.label, was.priority);
	t.epoch = TOKEN_EPOCH_DROPPED;
	memcpy(t.worker, SELF, sizeof SELF);
	token_format(name, &t);
}

/* The bucket of a path QUEUE/new/BUCKET/TOKEN. */
static bool
in_bucket(const char *object, char bucket[BUCKET_NAME_MAX])
{
	return sscanf(object, "%*[^/]/new/%31[^/]/", bucket) == 1;
}

/* A bucket is entered by its descriptor: never through a link in its place. */
static int
rename_it(const struct queue *q, const char *object, const char *name)
{
	const char *from = strrchr(object, '/') + 1;
	char bucket[BUCKET_NAME_MAX];
	int fd, rc, err;

	if (!in_bucket(object, bucket))
		return fs_rename(q->cur, from, q->bad, name);
	fd = fs_open_dir(q->fresh, bucket);
	if (fd < 0)
		return -1;
	rc = fs_rename(fd, from, q->bad, name);
	err = errno;
	(void)close(fd);
	errno = err;
	return rc;
}

static enum fsck_state
move(const struct queue *q, const struct fsck_finding *g, const char *name,
	struct fail *f)
{
	if (rename_it(q, g->object, name) != 0) {
		(void)fail_errno(f, "%s", g->object);
		/* Gone on by itself, unless only the reply was lost. */
		if (f->err != ENOENT)
			return FSCK_LEFT;
		switch (scan_lists(q->bad, ".", name, f)) {
		case 0:
			return FSCK_GONE;
		case 1:
			break;
		default:
			return FSCK_LEFT;
		}
	}
	if (fs_sync(q->bad) != 0) {
		(void)fail_errno(f, "%s/bad", q->name);
		return FSCK_LEFT;
	}
	return FSCK_REPAIRED;
}

/* An old bucket that this was the last file of: what workers do. */
static void
remove_bucket(const struct fsck *x, const struct queue *q, const char *object)
{
	char bucket[BUCKET_NAME_MAX];
	int64_t due_s;

	if (in_bucket(object, bucket) && bucket_parse(bucket, &due_s) == 0 &&
	    x->now_s - due_s > FSCK_HOUR_S)
		(void)fs_rmdir(q->fresh, bucket);
}

static enum fsck_state
bury(const struct queue *q, const struct fsck_finding *g, struct fail *f)
{
	char name[TOKEN_NAME_MAX], *why_name, *why;
	enum fsck_state state = FSCK_LEFT;

	name_it(name, g->object);
	why_name = mem_printf("%s.why", name);
	why = mem_printf("adtspool: %s: %s. To run it after all: mv this file "
	    "into %s/new\n", g->object, g->what, q->name);
	if (fs_replace(q->bad, why_name, why, strlen(why), f) == 0)
		state = move(q, g, name, f);
	if (state == FSCK_GONE)
		(void)fs_unlink(q->bad, why_name);
	free(why_name);
	free(why);
	return state;
}

enum fsck_state
fsck_bury(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	char queue[NAME_QUEUE_MAX + 1];
	enum fsck_state state = FSCK_LEFT;
	struct queue q;

	(void)snprintf(queue, sizeof queue, "%.*s",
	    (int)strcspn(g->object, "/"), g->object);
	if (queue_open(&q, x->spool, queue, f) == 0)
		state = bury(&q, g, f);
	if (state == FSCK_REPAIRED)
		remove_bucket(x, &q, g->object);
	queue_close(&q);
	return state;
}
