/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The workers of a world, and who starts them again when they have ended. */
#ifndef SIM_WORKERS_H
#define SIM_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

struct host;
struct log;
struct proc;

enum { WORKERS_MOST = 6 };

struct worker {
	struct conf conf;
	char name[16];
	struct host *host;
	struct proc *proc;	/* NULL: it does not run */
	bool is_gone;		/* for good */
};

extern struct worker workers[WORKERS_MOST];
extern int n_workers;

void workers_init(uint64_t seed, const struct conf *base,
	const struct log *log);

/* Starts all of them. */
void workers_start(void);

/* SIGTERM, to its twins as well; they are started again as ever. */
void worker_stop(struct worker *w);

/* SIGHUP: it has other slots, and perhaps fewer queues. */
void worker_reload(struct worker *w);

/* One more of that name, on another host. */
void worker_start_twin(struct worker *w);

/* Ends what runs on a host, and what it has not synced. */
void workers_power_cut(struct host *h);

/* From now on all serve all queues. */
void workers_calm(void);

/* From now on all that end are started again, where they were. */
void workers_stay(void);

#endif
