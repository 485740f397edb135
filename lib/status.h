/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spool at a glance. */
#ifndef STATUS_H
#define STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "lease.h"

struct buf;
struct fail;
struct spool;

struct queue_status {
	char *name;
	size_t waiting, delayed, running, bad, done_today;
	int64_t oldest_s;	/* of the waiting; 0: none */
};

struct status {
	struct queue_status *queues;
	size_t n_queues;
	struct worker_state *workers;
	size_t n_workers;
	struct strs running;	/* "<queue> <token>@<worker>" */
	struct strs recent;	/* lease.h's lines, newest first */
	size_t bad_lines;	/* of imported files */
};

int status_read(const struct spool *s, struct status *st, struct fail *f);
void status_free(struct status *st);

void status_text(const struct status *st, struct buf *out);	/* 80 columns */
void status_json(const struct status *st, struct buf *out);

#endif
