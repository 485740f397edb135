/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parsed request -> the queue it belongs to; what submit and import share. */
#ifndef ENQUEUE_H
#define ENQUEUE_H

#include <stdbool.h>

#include "name.h"
#include "token.h"

struct conf;
struct fail;
struct request;
struct spool;

/* This host's architecture, by Debian's name; "" where it is not known. */
void enqueue_host_arch(char arch[NAME_ARCH_MAX + 1]);

enum enqueue_outcome {
	ENQUEUE_QUEUED,
	ENQUEUE_PENDING,	/* the same waits or runs already, as id */
	ENQUEUE_FAILED
};

struct enqueue {
	bool insist;		/* in: even if the same is pending */
	/* in: NULL, or what spares reading the queue for a duplicate: whether
	 * a request waited or ran a moment ago, as far as is known. */
	bool (*is_pending)(const void *known, const char *id);
	const void *known;
	char id[TOKEN_ID_MAX];	/* in: the id to use, "": draw one; out */
	char queue[NAME_QUEUE_MAX + 1];	/* in: "": arch and class say; out */
};

/*
 * Fills in what r does not say (suite, arch, submit time), finds its queue
 * (<arch>.<class> where there is one, else <arch>) and puts it there.  After
 * ENQUEUE_QUEUED the request survives a power cut.
 */
enum enqueue_outcome enqueue(const struct conf *c, const struct spool *s,
	struct request *r, struct enqueue *e, struct fail *f);

#endif
