/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a batch into tmp/. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"

/* The next bucket's directory in tmp/, open to all that new/ is. */
static int
make_directory(const struct batch *b, const struct queue *q,
	struct batch_bucket *to, struct fail *f)
{
	char *name = mem_printf("%s.%zu", b->id, b->n);
	int fd = -1, rc = 0;

	/* There already: the reply was lost, the id is used once. */
	if (fs_mkdir(q->tmp, name) == 0 || errno == EEXIST)
		fd = fs_open_dir(q->tmp, name);
	if (fd < 0) {
		rc = fail_errno(f, "%s/tmp/%s", q->name, name);
	} else {
		fs_share(fd, q->fresh);
		to->is_local = fs_is_local(fd);
		(void)close(fd);
	}
	free(name);
	return rc;
}

/* The bucket's number, which has room; or -1. */
static int
find_bucket(struct batch *b, const struct queue *q, const char *name,
	size_t *number, struct fail *f)
{
	struct batch_bucket *to;

	for (size_t i = b->n; i > 0; i--) {
		to = &b->buckets[i - 1];
		if (strcmp(to->queue, q->name) != 0 ||
		    strcmp(to->name, name) != 0)
			continue;
		*number = i - 1;
		if (to->tokens < BATCH_BUCKET_MOST)
			return 0;
		break;		/* the newest of its kind is full */
	}
	b->buckets = mem_grow(b->buckets, b->n + 1, sizeof *b->buckets);
	to = &b->buckets[b->n];
	*to = (struct batch_bucket){ 0 };
	(void)snprintf(to->queue, sizeof to->queue, "%s", q->name);
	(void)snprintf(to->name, sizeof to->name, "%s", name);
	if (make_directory(b, q, to, f) != 0)
		return -1;
	*number = b->n++;
	return 0;
}

static const char *
place(const struct batch_file *x)
{
	return x->scratch ? x->scratch : x->path;
}

void
batch_forget(struct batch *b)
{
	for (size_t i = 0; i < b->n_files; i++) {
		struct batch_file *x = &b->files[i];

		if (x->fd >= 0) {
			(void)close(x->fd);
			(void)fs_unlink(b->queues[x->queue].tmp, place(x));
		}
		free(x->scratch);
		free(x->path);
	}
	free(b->files);
	b->files = NULL;
	b->n_files = 0;
}

/* Of a file that was synced: close(2) may tell of an error yet. */
static int
put(const struct batch *b, struct batch_file *x, struct fail *f)
{
	const struct queue *q = &b->queues[x->queue];
	int fd = x->fd;

	x->fd = -1;
	if (close(fd) == 0 && (!x->scratch ||
	    fs_rename(q->tmp, x->scratch, q->tmp, x->path) == 0))
		return 0;
	(void)fail_errno(f, "%s/tmp/%s", q->name, x->path);
	(void)fs_unlink(q->tmp, place(x));
	return -1;
}

/* Syncs what was written, all of it together, before any is renamed. */
static int
put_all(struct batch *b, struct fail *f)
{
	int *fds = mem_alloc((b->n_files + 1) * sizeof *fds), rc;

	for (size_t i = 0; i < b->n_files; i++)
		fds[i] = b->files[i].fd;
	rc = fs_sync_all(fds, b->n_files);
	if (rc != 0)
		rc = fail_errno(f, "%s/tmp",
		    b->queues[b->files[0].queue].name);
	for (size_t i = 0; rc == 0 && i < b->n_files; i++)
		rc = put(b, &b->files[i], f);
	batch_forget(b);
	free(fds);
	return rc;
}

/* Room for one more that was written, and is not synced. */
static struct batch_file *
next_file(struct batch *b, struct fail *f)
{
	if (b->n_files == BATCH_FILES_MOST && put_all(b, f) != 0)
		return NULL;
	if (!b->files)
		b->files = mem_alloc(BATCH_FILES_MOST * sizeof *b->files);
	return &b->files[b->n_files];
}

int
batch_add(struct batch *b, const struct queue *q, const struct token *t,
	int64_t due_s, const struct buf *text, struct fail *f)
{
	char bucket[BUCKET_NAME_MAX], name[TOKEN_NAME_MAX];
	struct batch_file *x = next_file(b, f);
	size_t number;

	bucket_format(bucket, t->priority, due_s);
	token_format(name, t);
	if (!x || find_bucket(b, q, bucket, &number, f) != 0)
		return -1;
	*x = (struct batch_file){ .queue = (size_t)(q - b->queues),
	    .path = mem_printf("%s.%zu/%s", b->id, number, name) };
	if (!b->buckets[number].is_local)
		x->scratch = mem_printf(".%s.%s", b->id, t->id);
	x->fd = fs_write_open(q->tmp, place(x), text->s, text->len, f);
	b->n_files++;
	if (x->fd < 0)
		return fail_prefix(f, "%s/tmp", q->name);
	b->buckets[number].tokens++;
	b->tokens++;
	return 0;
}

int
batch_sync(struct batch *b, struct fail *f)
{
	int rc = b->n_files ? put_all(b, f) : 0;

	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		const struct queue *q = batch_queue(b, b->buckets[i].queue, f);
		char *name = mem_printf("%s.%zu", b->id, i);

		if (!q)
			rc = -1;
		else if (fs_sync_dir(q->tmp, name) != 0)
			rc = fail_errno(f, "%s/tmp/%s", q->name, name);
		free(name);
	}
	for (size_t i = 0; rc == 0 && i < b->n_queues; i++)
		if (fs_sync(b->queues[i].tmp) != 0)
			rc = fail_errno(f, "%s/tmp", b->queues[i].name);
	return rc;
}
