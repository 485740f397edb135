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
	struct job *jobs;
	size_t n, most;		/* most: how many may run */
};

void slots_init(struct slots *s, unsigned most);
void slots_free(struct slots *s);

size_t slots_count(const struct slots *s, enum job_state state);
bool slots_are_idle(const struct slots *s);	/* nothing is claimed */

/* A slot is taken from the start of a test to the end of its publication. */
bool slots_have_room(const struct slots *s);

/* Whether one more request may be claimed, which may have to settle. */
bool slots_can_claim(const struct slots *s);

/* A job to take a claim over with; there is one when slots_can_claim. */
struct job *slots_next(struct slots *s);

/* Notices which attempts have ended; true when any has. */
bool slots_reap(struct slots *s);

/* Moves each job one step on, as far as it can. */
void slots_push(struct slots *s);

/* Gives back what settles; with running, what runs as well. */
void slots_give_back(struct slots *s, bool running);

/* Appends the names in cur/ of what runs. */
void slots_running(const struct slots *s, struct strs *names);

#endif
