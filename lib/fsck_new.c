/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new/ with its buckets, and tmp/. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "bucket.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "sweep.h"

/* What people's editors leave in a bucket, and nobody takes. */
static void
check_dropping(struct fsck_folder *d, const char *name)
{
	int64_t age_s = fsck_age_s(d->x, d->fd, name);
	char *object, age[CLOCK_TEXT_MAX];

	if (age_s <= FSCK_DAY_S)
		return;
	clock_format_span(age, age_s);
	object = fsck_object(d, name);
	fsck_raise(d->x, FSCK_BUCKET_DROPPING, object, "is no request's name; "
	    "unchanged for %s", age);
	free(object);
}

/* A name that parses, but that no submit and no way back makes. */
static void
check_waiting(struct fsck_folder *d, const char *name, const struct token *t)
{
	char *object;

	if (!t->worker[0] && t->epoch != TOKEN_EPOCH_DROPPED)
		return;
	object = fsck_object(d, name);
	if (t->worker[0])
		fsck_raise(d->x, FSCK_STRANGER_WAITING, object, "bears a "
		    "worker's name");
	else
		fsck_raise(d->x, FSCK_STRANGER_WAITING, object, "has epoch 0, "
		    "which is a dropped file's");
	free(object);
}

static int
in_bucket(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	struct token t;

	if (type == DT_DIR || !name_is_dropping(name))
		fsck_check_file(d, name);
	if (type == DT_DIR)
		return 0;
	if (name_is_dropping(name)) {
		check_dropping(d, name);
		return 0;
	}
	if (!fsck_check_token(d, FSCK_STRANGER_WAITING, name, &t))
		return 0;
	check_waiting(d, name, &t);
	if (t.epoch != TOKEN_EPOCH_DROPPED)
		fsck_see(d, FSCK_WAITING, name, &t);
	return 0;
}

static void
look_into_bucket(struct fsck *x, const struct queue *q, const char *name,
	int64_t due_s)
{
	bool partial = x->partial;
	struct fsck_folder d;
	struct fail f;

	fsck_folder(&d, x, q, "%s/new/%s", q->name, name);
	fsck_step(x, d.path);
	fsck_check_folder(&d, q->fresh, name);
	d.fd = fs_open_dir(q->fresh, name);
	if (d.fd < 0) {
		if (errno == ENOENT || errno == ESTALE)
			return;		/* emptied, and removed */
		(void)fail_errno(&f, "%s", d.path);
		fsck_go_blind(x, &f);
		return;
	}
	fsck_each(&d, d.fd, ".", in_bucket);
	if (d.n == 0 && x->partial == partial &&
	    x->now_s - due_s > FSCK_HOUR_S)
		fsck_raise(x, FSCK_BUCKET_EMPTY, d.path, "is empty");
	(void)close(d.fd);
}

/* Dropped files are left to the workers, who judge them. */
static int
in_new(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	int64_t due_s;
	char *object;

	if (type != DT_DIR || name[0] == '.')
		return 0;
	if (bucket_parse(name, &due_s) == 0) {
		look_into_bucket(d->x, d->q, name, due_s);
		return 0;
	}
	object = fsck_object(d, name);
	fsck_raise(d->x, FSCK_BUCKET_STRANGE, object, "is a directory, and no "
	    "bucket");
	free(object);
	return 0;
}

void
fsck_look_waiting(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/new", q->name);
	fsck_step(x, d.path);
	fsck_each(&d, q->fresh, ".", in_new);
}

static int
in_tmp(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	int64_t age_s = fsck_age_s(d->x, d->fd, name);
	char *object = fsck_object(d, name), age[CLOCK_TEXT_MAX];

	clock_format_span(age, age_s);
	if (type == DT_DIR && batch_is_name(name)) {
		if (age_s > SWEEP_AGE_S)
			fsck_raise(d->x, FSCK_BATCH_OLD, object, "is %s old",
			    age);
	} else if (type != DT_REG)
		fsck_raise(d->x, FSCK_STRANGER_TMP, object, "is no regular "
		    "file");
	else if (age_s > SWEEP_AGE_S)
		fsck_raise(d->x, FSCK_TMP_OLD, object, "is %s old", age);
	free(object);
	return 0;
}

void
fsck_look_tmp(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/tmp", q->name);
	d.fd = q->tmp;
	fsck_each(&d, q->tmp, ".", in_tmp);
}
