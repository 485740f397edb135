/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fs.h"
#include "known.h"
#include "mem.h"
#include "scan.h"
#include "spool.h"
#include "strs.h"

static int
by_strcmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
add_id(void **ids, const char *id)
{
	char *copy = mem_dup(id), **found = tsearch(copy, ids, by_strcmp);

	if (!found || *found != copy)
		free(copy);	/* known, or no memory: a hint is missing */
}

static void
add_name(void **ids, const char *name)
{
	struct token t;

	if (token_parse(&t, name) == 0)
		add_id(ids, t.id);
}

static int
keep_waiting(void *context, const struct scan_entry *e)
{
	struct known *k = context;

	add_name(&k->pending, e->name);
	return 0;
}

static int
keep_claimed(void *context, const char *name, unsigned char type)
{
	struct known *k = context;

	(void)type;
	add_name(&k->pending, name);
	return 0;
}

/* The folders in the order in which tokens travel. */
static int
read_queue(struct known *k, const struct queue *q, struct fail *f)
{
	int rc = scan_waiting(q, keep_waiting, k, f);

	return rc == 0 ? fs_each(q->cur, ".", keep_claimed, k, f) : rc;
}

int
known_read(struct known *k, const struct spool *s, struct fail *f)
{
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct queue q;

		rc = queue_open(&q, s, queues.v[i], f);
		if (rc == 0)
			rc = read_queue(k, &q, f);
		queue_close(&q);
	}
	strs_free(&queues);
	return rc;
}

void
known_add(struct known *k, const char *id)
{
	add_id(&k->pending, id);
}

bool
known_is_pending(const struct known *k, const char *id)
{
	return tfind(id, &k->pending, by_strcmp) != NULL;
}

void
known_free(struct known *k)
{
	tdestroy(k->pending, free);
	*k = (struct known){ 0 };
}
