/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "scan.h"
#include "spool.h"
#include "submit.h"

enum { RENAME_TRIES = 10 };

void
submit_ring(const struct queue *q)
{
	char text[CLOCK_TEXT_MAX];
	struct fail f;

	(void)snprintf(text, sizeof text, "%020lld\n",
	    (long long)clock_now_ms());
	/* Another user's, whom his umask made the only one who may write it. */
	if (fs_overwrite(q->fresh, ".bell", text, strlen(text), &f) != 0 &&
	    f.err == EACCES && fs_unlink(q->fresh, ".bell") == 0)
		(void)fs_overwrite(q->fresh, ".bell", text, strlen(text), &f);
}

/* Opens the bucket, which is made when it is missing; never through a link. */
static int
open_bucket(const struct queue *q, const char *bucket)
{
	int fd = fs_open_dir(q->fresh, bucket);
	bool made;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	made = fs_mkdir(q->fresh, bucket) == 0;
	if (!made && errno != EEXIST)
		return -1;
	fd = fs_open_dir(q->fresh, bucket);
	if (made && fd >= 0)
		fs_share(fd, q->fresh);
	return fd;
}

/*
 * Renames into the bucket; returns its descriptor.  ENOENT says that a claimer
 * has removed the bucket, old and still empty, or that `from` is gone.  But for
 * what comes from tmp/ others may have taken it: then the target is not touched
 * again.
 */
static int
rename_into(const struct queue *q, int from_dir, const char *from,
	const char *bucket, const char *name)
{
	int tries = from_dir == q->tmp ? RENAME_TRIES : 1;

	while (tries--) {
		int fd = open_bucket(q, bucket), saved;

		if (fd >= 0 && fs_rename(from_dir, from, fd, name) == 0)
			return fd;
		saved = errno;
		if (fd >= 0)
			(void)close(fd);
		errno = saved;
		if (errno != ENOENT)
			return -1;
	}
	(void)fs_rmdir(q->fresh, bucket);	/* refused when it is in use */
	errno = ENOENT;
	return -1;
}

/* The bucket's descriptor, or -1. */
static int
put_into(const struct queue *q, int from_dir, const char *from,
	const struct token *t, int64_t due_s, struct fail *f)
{
	char name[TOKEN_NAME_MAX], bucket[BUCKET_NAME_MAX];
	int fd;

	token_format(name, t);
	bucket_format(bucket, t->priority, due_s);
	fd = rename_into(q, from_dir, from, bucket, name);
	if (fd < 0)
		(void)fail_errno(f, "%s/new/%s/%s", q->name, bucket, name);
	return fd;
}

int
submit_rename(const struct queue *q, int from_dir, const char *from,
	const struct token *t, int64_t due_s, struct fail *f)
{
	int fd = put_into(q, from_dir, from, t, due_s, f);

	if (fd >= 0)
		(void)close(fd);
	return fd < 0 ? -1 : 0;
}

/*
 * The rename changed three directories: tmp/, the bucket, and new/ when the
 * bucket was made.  Where the bucket is not known, because the reply was lost,
 * or is gone, because a claimer has emptied it, tmp/ is synced in its place,
 * and the rename with it.
 */
static int
sync_submitted(const struct queue *q, int bucket, struct fail *f)
{
	int rc = fs_sync(bucket >= 0 ? bucket : q->tmp);

	if (rc == 0)
		rc = fs_sync(q->fresh);
	return rc == 0 ? 0 : fail_errno(f, "%s/new", q->name);
}

void
submit_end(struct submit *s)
{
	if (s->bucket >= 0)
		(void)close(s->bucket);
	s->bucket = -1;
}

/* So that it may be held: where that fails it is opened anew each time. */
static void
remember(struct submit *s, const char *bucket)
{
	struct stat st;

	if (s->bucket < 0 || fstat(s->bucket, &st) != 0) {
		submit_end(s);
		return;
	}
	(void)snprintf(s->name, sizeof s->name, "%s", bucket);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
}

/* Somebody may have moved it elsewhere, or made another one of its name. */
static bool
is_in_place(const struct submit *s)
{
	struct stat st;

	return fstatat(s->q->fresh, s->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == s->dev && st.st_ino == s->ino;
}

/*
 * Into the bucket that is held.  It is in new/, and that was synced: while it
 * is open, it is not removed and made again.  Once removed, it takes nothing.
 */
static bool
put_again(const struct submit *s, const char *bucket, const char *name)
{
	return s->bucket >= 0 && strcmp(s->name, bucket) == 0 &&
	    is_in_place(s) &&
	    fs_rename(s->q->tmp, name, s->bucket, name) == 0;
}

/* Into its bucket, wherever that is; and syncs that. */
static int
put_first(struct submit *s, const struct token *t, int64_t due_s,
	struct fail *f)
{
	char name[TOKEN_NAME_MAX];
	struct fail ignored;

	token_format(name, t);
	submit_end(s);
	s->bucket = put_into(s->q, s->q->tmp, name, t, due_s, f);
	/* ENOENT: done, maybe, and only the reply was lost. */
	if (s->bucket < 0 && (f->err != ENOENT ||
	    scan_is_pending(s->q, t->id, &ignored) != 1)) {
		(void)fs_unlink(s->q->tmp, name);
		return -1;
	}
	return sync_submitted(s->q, s->bucket, f);
}

int
submit_next(struct submit *s, const struct token *t, int64_t due_s,
	const struct buf *text, struct fail *f)
{
	char name[TOKEN_NAME_MAX], bucket[BUCKET_NAME_MAX];
	const struct queue *q = s->q;
	int rc;

	token_format(name, t);
	bucket_format(bucket, t->priority, due_s);
	if (fs_write_new(q->tmp, name, text->s, text->len, f) != 0)
		return fail_prefix(f, "%s/tmp", q->name);
	if (put_again(s, bucket, name)) {
		if ((rc = fs_sync(s->bucket)) != 0)
			(void)fail_errno(f, "%s/new/%s", q->name, bucket);
	} else if ((rc = put_first(s, t, due_s, f)) == 0) {
		remember(s, bucket);
	}
	if (rc == 0)
		submit_ring(q);
	else
		submit_end(s);
	return rc;
}

int
submit_put(const struct queue *q, const struct token *t, int64_t due_s,
	const struct buf *text, struct fail *f)
{
	struct submit s = { .q = q, .bucket = -1 };
	int rc = submit_next(&s, t, due_s, text, f);

	submit_end(&s);
	return rc;
}
