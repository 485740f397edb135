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

static int
sync_bucket(const struct queue *q, const char *bucket)
{
	int fd = fs_open_dir(q->fresh, bucket), rc;

	if (fd < 0)
		/* Emptied and removed: a claimer has it, and synced cur/. */
		return errno == ENOENT ? 0 : -1;
	rc = fs_sync(fd);
	(void)close(fd);
	return rc;
}

/* Renames into the bucket, made when missing; true when it was made. */
static int
rename_into(const struct queue *q, int from_dir, const char *from,
	const char *bucket, const char *to, bool *made)
{
	/*
	 * ENOENT says that the bucket is missing or that `from` is.  A claimer
	 * may remove the bucket, still empty, between mkdir and rename.
	 */
	for (int tries = 0; tries < 10; tries++) {
		if (fs_rename(from_dir, from, q->fresh, to) == 0)
			return 0;
		if (errno != ENOENT)
			return -1;
		if (fs_mkdir(q->fresh, bucket) == 0)
			*made = true;
		else if (errno != EEXIST)
			return -1;
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
	bool made = false;

	token_format(name, t);
	bucket_format(bucket, t->priority, due_s, 0);
	(void)snprintf(to, sizeof to, "%s/%s", bucket, name);
	if (rename_into(q, from_dir, from, bucket, to, &made) != 0)
		return fail_errno(f, "%s/new/%s", q->name, to);
	if (sync_bucket(q, bucket) != 0 || (made && fs_sync(q->fresh) != 0))
		return fail_errno(f, "%s/new/%s", q->name, bucket);
	return 0;
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
	if (submit_rename(q, q->tmp, name, t, due_s, f) == 0) {
		submit_ring(q);
		return 0;
	}
	/* Done, and only the reply was lost: NFS repeats a rename. */
	if (f->err == ENOENT && scan_is_pending(q, t->id, &ignored) == 1)
		return 0;
	(void)fs_unlink(q->tmp, name);
	return -1;
}
