/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Those who ask: by submit, and by dropping files. */
#ifndef SIM_ACTORS_H
#define SIM_ACTORS_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

/* What is asked for; number tells it from all else. */
struct ask {
	const struct conf *conf;
	unsigned number;
	const char *arch;
	unsigned package;
	int priority;		/* -1: not said */
	int64_t not_before_s;	/* 0: at once */
	bool insists;
};

void actors_init(uint64_t seed);

/* The main functions of processes; arg is a struct ask. */
void actor_submit(void *arg);
void actor_drop(void *arg);

/* One who looks around; arg is a struct conf. */
void actor_look(void *arg);

/*
 * One who cancels, kills, changes a priority, holds a queue or drains a worker;
 * and one who releases all that is held.  arg is a struct conf.
 */
void actor_control(void *arg);
void actor_release(void *arg);
void actor_control_init(uint64_t seed);

#endif
