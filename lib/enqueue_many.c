/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "enqueue_many.h"
#include "fail.h"

static const struct queue *
open_queue(void *context, const char *name, struct fail *f)
{
	struct enqueue_many *m = context;

	if (m->queue.fd >= 0 && strcmp(m->queue.name, name) == 0)
		return &m->queue;
	submit_end(&m->submit);
	queue_close(&m->queue);
	return queue_open(&m->queue, m->spool, name, f) == 0 ? &m->queue :
	    NULL;
}

static int
is_pending(void *context, const char *id)
{
	(void)context;
	(void)id;
	return -1;
}

static int
put(void *context, const struct queue *q, const struct token *t,
	int64_t due_s, const struct buf *text, struct fail *f)
{
	struct enqueue_many *m = context;

	(void)q;
	return submit_next(&m->submit, t, due_s, text, f);
}

void
enqueue_many_init(struct enqueue_many *m, const struct spool *s)
{
	*m = (struct enqueue_many){ .door = { open_queue, is_pending, put, m },
	    .spool = s, .queue = QUEUE_CLOSED,
	    .submit = { .q = &m->queue, .bucket = -1 } };
}

void
enqueue_many_free(struct enqueue_many *m)
{
	submit_end(&m->submit);
	queue_close(&m->queue);
}
