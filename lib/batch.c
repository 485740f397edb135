/* SPDX-License-Identifier: GPL-2.0-or-later */
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
#include "strs.h"

bool
batch_is_name(const char *name)
{
	static const char digits[] = "0123456789";
	const char *dot = strchr(name, '.');
	char id[TOKEN_ID_MAX];

	if (!dot || dot - name != TOKEN_ID_MAX - 1)
		return false;
	(void)snprintf(id, sizeof id, "%s", name);
	return token_id_ok(id) && dot[1] && !dot[1 + strspn(dot + 1, digits)];
}

void
batch_init(struct batch *b, const struct spool *s, const char *id)
{
	*b = (struct batch){ .spool = s };
	(void)snprintf(b->id, sizeof b->id, "%s", id);
}

void
batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n_queues; i++)
		queue_close(&b->queues[i]);
	free(b->queues);
	free(b->buckets);
	*b = (struct batch){ 0 };
}

const struct queue *
batch_queue(struct batch *b, const char *name, struct fail *f)
{
	struct queue q;

	for (size_t i = 0; i < b->n_queues; i++)
		if (strcmp(b->queues[i].name, name) == 0)
			return &b->queues[i];
	if (queue_open(&q, b->spool, name, f) != 0) {
		queue_close(&q);
		return NULL;
	}
	b->queues = mem_grow(b->queues, b->n_queues + 1, sizeof q);
	b->queues[b->n_queues] = q;
	return &b->queues[b->n_queues++];
}

/* tmp/'s new directory number n, open to all that new/ is. */
static int
make_directory(const struct batch *b, const struct queue *q, size_t n,
	struct fail *f)
{
	char *name = mem_printf("%s.%zu", b->id, n);
	int fd = -1, rc = 0;

	/* There already: the reply was lost, the id is used once. */
	if (fs_mkdir(q->tmp, name) == 0 || errno == EEXIST)
		fd = fs_open_dir(q->tmp, name);
	if (fd < 0) {
		rc = fail_errno(f, "%s/tmp/%s", q->name, name);
	} else {
		fs_share(fd, q->fresh);
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
	if (make_directory(b, q, b->n, f) != 0)
		return -1;
	b->buckets = mem_grow(b->buckets, b->n + 1, sizeof *b->buckets);
	to = &b->buckets[b->n];
	*to = (struct batch_bucket){ 0 };
	(void)snprintf(to->queue, sizeof to->queue, "%s", q->name);
	(void)snprintf(to->name, sizeof to->name, "%s", name);
	*number = b->n++;
	return 0;
}

int
batch_add(struct batch *b, const struct queue *q, const struct token *t,
	int64_t due_s, const struct buf *text, struct fail *f)
{
	char bucket[BUCKET_NAME_MAX], name[TOKEN_NAME_MAX];
	char *scratch, *path;
	size_t number;
	int rc;

	bucket_format(bucket, t->priority, due_s);
	token_format(name, t);
	if (find_bucket(b, q, bucket, &number, f) != 0)
		return -1;
	scratch = mem_printf(".%s.%s", b->id, t->id);
	path = mem_printf("%s.%zu/%s", b->id, number, name);
	rc = fs_write_new(q->tmp, scratch, text->s, text->len, f);
	if (rc == 0 && fs_rename(q->tmp, scratch, q->tmp, path) != 0) {
		rc = fail_errno(f, "%s", path);
		(void)fs_unlink(q->tmp, scratch);
	}
	if (rc == 0) {
		b->buckets[number].tokens++;
		b->tokens++;
	} else {
		(void)fail_prefix(f, "%s/tmp", q->name);
	}
	free(scratch);
	free(path);
	return rc;
}

int
batch_sync(struct batch *b, struct fail *f)
{
	int rc = 0;

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

static void
discard_of(const struct queue *q, const char *id)
{
	struct strs names = { 0 };
	size_t n = strlen(id);
	struct fail passed;

	(void)fs_list(q->tmp, ".", SIZE_MAX, &names, &passed);
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.v[i], id, n) == 0 && names.v[i][n] == '.')
			(void)fs_remove_tree(q->tmp, names.v[i], &passed);
	strs_free(&names);
}

void
batch_discard(const struct spool *s, const char *id)
{
	struct strs queues = { 0 };
	struct fail passed;

	(void)spool_queues(s, &queues, &passed);
	for (size_t i = 0; i < queues.n; i++) {
		struct queue q;

		if (queue_open(&q, s, queues.v[i], &passed) == 0)
			discard_of(&q, id);
		queue_close(&q);
	}
	strs_free(&queues);
}
