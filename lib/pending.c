/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "pending.h"
#include "scan.h"
#include "spool.h"

/* The id that digest's link tells; "" where there is none (any more). */
static void
read_link(const struct queue *q, const char *digest, char id[TOKEN_ID_MAX])
{
	ssize_t n = readlinkat(q->pending, digest, id, TOKEN_ID_MAX - 1);

	id[n < 0 ? 0 : n] = '\0';
	if (!token_id_ok(id))
		id[0] = '\0';
}

int
pending_insist(const struct queue *q, const char *digest, const char *id,
	struct fail *f)
{
	for (int tries = 0; tries < 8; tries++) {
		if (fs_symlink(id, q->pending, digest) == 0)
			return 0;
		if (errno != EEXIST)
			break;
		if (fs_unlink(q->pending, digest) != 0 && errno != ENOENT)
			break;
	}
	return fail_errno(f, "%s/pending/%s", q->name, digest);
}

int
pending_try(const struct queue *q, const char *digest, const char *id,
	char other[TOKEN_ID_MAX], struct fail *f)
{
	if (fs_symlink(id, q->pending, digest) == 0)
		return 0;
	if (errno != EEXIST)
		return fail_errno(f, "%s/pending/%s", q->name, digest);
	read_link(q, digest, other);
	return strcmp(other, id) != 0;
}

int
pending_enter(const struct queue *q, const char *digest, const char *id,
	char other[TOKEN_ID_MAX], struct fail *f)
{
	int rc = pending_try(q, digest, id, other, f);

	if (rc != 1)
		return rc;
	rc = other[0] ? scan_is_pending(q, other, f) : 0;
	return rc == 0 ? pending_insist(q, digest, id, f) : rc;
}

void
pending_leave(const struct queue *q, const char *digest, const char *id)
{
	char other[TOKEN_ID_MAX];

	read_link(q, digest, other);
	if (strcmp(other, id) == 0)
		(void)fs_unlink(q->pending, digest);
}
