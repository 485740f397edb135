/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A door for many requests: their queue is opened, and their bucket held. */
#ifndef ENQUEUE_MANY_H
#define ENQUEUE_MANY_H

#include "enqueue.h"
#include "spool.h"
#include "submit.h"

struct enqueue_many {
	struct enqueue_door door;
	const struct spool *spool;
	struct queue queue;
	struct submit submit;
};

/* Each request that it took survives a power cut, as without a door. */
void enqueue_many_init(struct enqueue_many *m, const struct spool *s);
void enqueue_many_free(struct enqueue_many *m);

#endif
