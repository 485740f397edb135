/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool in numbers, in Prometheus' text format; adtspool-metrics(8) names
 * them all.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "name.h"

struct buf;
struct fail;
struct spool;
struct status;
struct worker_state;

enum { METRICS_NOTICES_MOST = 100000 };

/* How far the indexer is behind. */
struct metrics_index {
	size_t notices;		/* that wait; no more are counted than MOST */
	int64_t oldest_s;	/* when the first of these was published */
	char holder[NAME_WORKER_MAX + 1];	/* "": nobody has the role */
	int64_t beat_s;		/* the holder's last; 0: not known */
};

int metrics_read_index(const struct spool *s, struct metrics_index *x,
	struct fail *f);

/* Appends what a worker knows of itself: for its metrics-file. */
void metrics_worker(const struct worker_state *w, struct buf *out);

/* Appends all: queues, workers, index. */
void metrics_all(const struct status *st, const struct metrics_index *x,
	struct buf *out);

/* The same, of a spool as it is now: it lists all of the queues. */
int metrics_spool(const struct spool *s, struct buf *out, struct fail *f);

#endif
