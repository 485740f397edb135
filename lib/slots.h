/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker's jobs: as many as it has slots run, and some dropped files settle
 * beside them without taking one.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

struct strs;

/* Dropped files that are waited for at the same time. */
enum { SLOTS_SETTLING_MOST = 32 };

struct slots {
	struct job *jobs;	/* move when slots_limit makes room */
	size_t n, most;		/* most: how many may run */
	size_t turn;		/* whose turn it is to be pushed first */
	bool closed;		/* set by the caller: there is no room */
	const bool *cautious;	/* set by the caller; *it: one at a time */
};

void slots_init(struct slots *s, unsigned most);

/* What runs beyond a new limit runs to its end. */
void slots_limit(struct slots *s, unsigned most);
void slots_free(struct slots *s);

/* The queues, and all that jobs have of them, are at another place. */
void slots_move(struct slots *s, const struct queue *from,
	const struct queue *to);

size_t slots_count(const struct slots *s, enum job_state state);
bool slots_are_idle(const struct slots *s);	/* nothing is claimed */

/* Something runs, or is removed after that. */
bool slots_have_process(const struct slots *s);

/* Nothing else, or that settles; what is left only has to leave cur/. */
bool slots_only_leave(const struct slots *s);

/* A slot is taken from a test's start until it is published, and cleaned up. */
bool slots_have_room(const struct slots *s);

/* Whether one more dropped file may settle. */
bool slots_can_settle(const struct slots *s);

/* A job to take a claim over with; NULL when all are in use. */
struct job *slots_next(struct slots *s);

/*
 * Takes over what is in cur/, by the names that a listing showed, under this
 * worker's name though no job has it: a claim whose answer was lost.  It never
 * ran, so no attempt is used up.
 */
int slots_adopt(struct slots *s, const struct job_shop *shop,
	const struct queue *q, const struct strs *claimed, struct fail *f);

/* Whether a job has the claim of this name in cur/. */
bool slots_hold(const struct slots *s, const char *name);

/* Notices which attempts have ended; true when any has. */
bool slots_reap(struct slots *s);

/*
 * Moves jobs one step on, as far as they can, until that time on the boot
 * clock; true when any has left.
 */
bool slots_push(struct slots *s, int64_t until_ms);

/* Why a job cannot leave at the moment; NULL: all can. */
const char *slots_problem(const struct slots *s);

/* Gives back what settles; with running, what runs as well. */
void slots_give_back(struct slots *s, bool running);

/* Ends what runs where control/ asks for its end: job_obey. */
void slots_obey(struct slots *s);

/* Appends the names in cur/ of what runs. */
void slots_running(const struct slots *s, struct strs *names);

#endif
