/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is served, and what the answers that are made at one time share. */
#ifndef SERVE_SITE_H
#define SERVE_SITE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct conf;
struct fail;
struct log;
struct spool;

enum {
	SERVE_HELD_MOST = 64 << 20,	/* bytes of answers in memory */
	SERVE_TURN_WAIT_S = 30,
	SERVE_METRICS_MS = 10000,	/* so long they are not made again */
};

/* What is served at /metrics. */
struct serve_metrics {
	pthread_mutex_t turn;
	struct buf text;
	int64_t made_ms;	/* on the boot clock; 0: never */
};

struct serve_site {
	const struct conf *conf;
	const struct spool *spool;	/* its fd is -1: results alone */
	const struct log *log;
	pthread_mutex_t turn;		/* of who reads all of the tree */
	atomic_size_t held;
	struct serve_metrics metrics;
};

/* PTHREAD_MUTEX_INITIALIZER in both turns, and the pointers, make one. */

/*
 * Counts size bytes, of which *held were counted before.  EX_TEMPFAIL where
 * all answers together are too much; one alone never is.
 */
int serve_site_hold(struct serve_site *s, size_t *held, size_t size,
	struct fail *f);
void serve_site_release(struct serve_site *s, size_t *held);

/* One at a time: waits, or fails with EX_TEMPFAIL. */
int serve_site_take_turn(struct serve_site *s, struct fail *f);
void serve_site_end_turn(struct serve_site *s);

#endif
