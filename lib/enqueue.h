/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parsed request -> the queue it belongs to; what submit and import share. */
#ifndef ENQUEUE_H
#define ENQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "name.h"
#include "token.h"

struct buf;
struct conf;
struct fail;
struct queue;
struct request;
struct spool;

/* This host's architecture, by Debian's name; "" where it is not known. */
void enqueue_host_arch(char arch[NAME_ARCH_MAX + 1]);

enum enqueue_outcome {
	ENQUEUE_QUEUED,
	ENQUEUE_PENDING,	/* the same waits or runs already, as id */
	ENQUEUE_FAILED
};

/* Who stands at the queues, for those who have many requests. */
struct enqueue_door {
	/* As queue_open does, but that the queue stays the door's. */
	const struct queue *(*open)(void *context, const char *name,
		struct fail *f);
	/* Whether it waits or runs: 1, 0, or -1: the queue is to be read. */
	int (*is_pending)(void *context, const char *id);
	/* Instead of submit_put. */
	int (*put)(void *context, const struct queue *q, const struct token *t,
		int64_t due_s, const struct buf *text, struct fail *f);
	void *context;
};

struct enqueue {
	bool insist;		/* in: even if the same is pending */
	const struct enqueue_door *door;	/* in: or NULL */
	char id[TOKEN_ID_MAX];	/* in: the id to use, "": draw one; out */
	char queue[NAME_QUEUE_MAX + 1];	/* in: "": arch and class say; out */
};

/*
 * Fills in what r does not say (suite, arch, submit time), finds its queue
 * (<arch>.<class> where there is one, else <arch>) and puts it there.  After
 * ENQUEUE_QUEUED the request survives a power cut, if there is no door.
 */
enum enqueue_outcome enqueue(const struct conf *c, const struct spool *s,
	struct request *r, struct enqueue *e, struct fail *f);

#endif
