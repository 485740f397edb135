/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a worker may claim: not while its lease is not sure, the spool is not
 * mounted, there is no room for results, or this host has just failed to run a
 * test.  A request is better off waiting for another host, or for this one to
 * be well again; each of these ends by itself.
 */
#ifndef READY_H
#define READY_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

struct conf;
struct fence;
struct queue;
struct spool;

struct ready {
	const struct conf *conf;
	const struct spool *spool;
	const struct queue *queues;
	size_t n_queues;
	struct job_trouble trouble;
	char mount[1024];	/* what is wrong with it; "": nothing */
	char space[1024];
	int64_t folders_at_ms;	/* when they are looked at next */
	bool changed;		/* mounted anew in part, the rest not yet */
};

/*
 * Looks at mounts and room: at each poll.  True when something was mounted
 * anew and has been opened again.
 */
bool ready_look(struct ready *r);

/* Why nothing is to be claimed now, until the next call; NULL: all is well. */
const char *ready_problem(struct ready *r, const struct fence *fence);

#endif
