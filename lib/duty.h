/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker owes the others beside its tests: to show that it lives, to
 * look after the workers that follow it, to take over from the dead, and to
 * bring out what was committed.
 */
#ifndef DUTY_H
#define DUTY_H

#include <stdbool.h>
#include <stdint.h>

#include "lease.h"
#include "log.h"
#include "observe.h"
#include "sweep.h"

struct cgroup;
struct conf;
struct fail;
struct fence;
struct guard;
struct log;
struct notify;
struct queue;
struct spool;

struct duty {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct worker_state state;
	struct lease lease;
	struct fence *fence;
	struct guard *guard;	/* told of signs of life */
	struct notify *notify;	/* so is the service manager; or NULL */
	struct observer observer;
	struct sweeper sweeper;
	struct strs met;	/* workers with claims, as listed last */
	struct strs left;	/* stages for recover_left */
	/* Whether a job has that attempt; set by the caller. */
	bool (*is_held)(const void *holder, const char *attempt);
	const void *holder;
	bool is_taken;		/* another has the name */
	int64_t beat_at_ms, left_at_ms, left_wait_ms, sweep_at_ms;
	struct log_said said;
};

/* Needs nothing; duty_free is safe afterwards. */
void duty_init(struct duty *d, const struct conf *c, const struct spool *s,
	const struct log *log);
void duty_free(struct duty *d);

/*
 * Takes the worker's name and all that an earlier life of it left.  -1 where
 * another has the name.
 */
int duty_take_up(struct duty *d, struct fail *f);

/* Removes what the earlier life left in scratch, and beats meanwhile. */
void duty_clean(struct duty *d);

/* The same for the other worker of its pair, where that has ended. */
void duty_clean_pair(struct duty *d, const struct cgroup *g);

/* Beats, and looks after the others.  LEASE_TAKEN: the worker has to end. */
enum lease_outcome duty_beat(struct duty *d, struct fail *f);

/* Beats without looking: for what should be known at once. */
enum lease_outcome duty_show(struct duty *d, struct fail *f);

/* Something else was mounted where the spool is: goes on there. */
void duty_move(struct duty *d);

/*
 * At each poll: tries what was left over; now and then sweeps old scratch, and
 * looks for what nobody has.
 */
void duty_tidy(struct duty *d);

/* Forgets whom it met, and meets the workers with claims in this queue. */
void duty_meet_nobody(struct duty *d);
void duty_meet(struct duty *d, const struct strs *claimed);

#endif
