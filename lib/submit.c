/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bucket.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "scan.h"
#include "spool.h"
#include "submit.h"

void
submit_ring(const struct queue *q)
{
	char text[CLOCK_TEXT_MAX];
	struct fail f;

	(void)snprintf(text, sizeof text, "%020lld\n",
	    (long long)clock_now_ms());
	(void)fs_overwrite(q->fresh, ".bell", text, strlen(text), &f);
}

/* Renames into the bucket, which is made when it is missing. */
static int
rename_into(const struct queue *q, int from_dir, const char *from,
	const char *bucket, const char *to)
{
	/*
	 * ENOENT says that the bucket is missing or that `from` is.  A claimer
	 * may remove an old bucket, still empty, between mkdir and rename.
	 * What leaves cur/ others may have taken: then `to` is left alone.
	 */
	for (int tries = 0; tries < 10; tries++) {
		if (fs_rename(from_dir, from, q->fresh, to) == 0)
			return 0;
		if (errno != ENOENT)
			return -1;
		if (fs_mkdir(q->fresh, bucket) == 0)
			continue;
		if (errno != EEXIST)
			return -1;
		if (from_dir == q->cur)
			break;
	}
	(void)fs_rmdir(q->fresh, bucket);	/* refused when it is in use */
	errno = ENOENT;
	return -1;
}

int
submit_rename(const struct queue *q, int from_dir, const char *from,
	const struct token *t, int64_t due_s, struct fail *f)
{
	char name[TOKEN_NAME_MAX], bucket[BUCKET_NAME_MAX];
	char to[sizeof name + sizeof bucket];

	token_format(name, t);
	bucket_format(bucket, t->priority, due_s);
	(void)snprintf(to, sizeof to, "%s/%s", bucket, name);
	if (rename_into(q, from_dir, from, bucket, to) != 0)
		return fail_errno(f, "%s/new/%s", q->name, to);
	return 0;
}

/*
 * The rename changed three directories: tmp/, the bucket, and new/ when the
 * bucket was made.  A bucket that is gone was emptied by a claimer; then it is
 * tmp/ alone that still can be synced, and the rename with it.
 */
static int
sync_submitted(const struct queue *q, const struct token *t, int64_t due_s,
	struct fail *f)
{
	char bucket[BUCKET_NAME_MAX];
	int fd, rc;

	bucket_format(bucket, t->priority, due_s);
	fd = fs_open_dir(q->fresh, bucket);
	rc = fd >= 0 ? fs_sync(fd) : errno == ENOENT ? 0 : -1;
	if (rc == 0)
		rc = fs_sync(fd >= 0 ? q->fresh : q->tmp);
	if (rc != 0)
		(void)fail_errno(f, "%s/new/%s", q->name, bucket);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
submit_put(const struct queue *q, const struct token *t, int64_t due_s,
	const char *text, size_t n, struct fail *f)
{
	char name[TOKEN_NAME_MAX];
	struct fail ignored;

	token_format(name, t);
	/* A leftover of this very request, by an import that was cut off. */
	(void)fs_unlink(q->tmp, name);
	if (fs_write_new(q->tmp, name, text, n, f) != 0)
		return fail_prefix(f, "%s/tmp", q->name);
	/* ENOENT: done, maybe, and only the reply was lost. */
	if (submit_rename(q, q->tmp, name, t, due_s, f) != 0 &&
	    (f->err != ENOENT || scan_is_pending(q, t->id, &ignored) != 1)) {
		(void)fs_unlink(q->tmp, name);
		return -1;
	}
	if (sync_submitted(q, t, due_s, f) != 0)
		return -1;
	submit_ring(q);
	return 0;
}
