/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulated time: what is to happen, in its order.  The time of the world is
 * in nanoseconds from 0; the hosts' clocks are made of it.
 */
#ifndef SIM_SCHED_H
#define SIM_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_US INT64_C(1000)
#define SIM_MS INT64_C(1000000)
#define SIM_S INT64_C(1000000000)
#define SIM_NEVER INT64_MAX

extern int64_t sched_now;

void sched_reset(void);

/* Calls what(arg) at that time, from no coroutine. */
void sched_at(int64_t at, void (*what)(void *arg), void *arg);

/* Whether nothing is to happen before that time: it may be passed at once. */
bool sched_may_pass(int64_t at);

/* Runs until sched_stop, or until nothing is left to happen: false then. */
bool sched_run(void);
void sched_stop(void);

#endif
