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
	batch_forget(b);
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

static void
discard_of(const struct queue *q, const char *id)
{
	struct strs names = { 0 };
	size_t n = strlen(id);
	struct fail passed;

	(void)fs_list(q->tmp, ".", SIZE_MAX, &names, &passed);
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i] + (names.v[i][0] == '.');

		if (strncmp(name, id, n) == 0 && name[n] == '.')
			(void)fs_remove_tree(q->tmp, names.v[i], &passed);
	}
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
