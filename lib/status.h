/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spool at a glance. */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control.h"
#include "lease.h"

struct buf;
struct conf;
struct fail;
struct spool;

struct queue_status {
	char *name;
	size_t waiting, delayed, running, bad, done_today;
	int64_t oldest_s;	/* of the waiting; 0: none */
	bool is_held;
};

/* Of what is claimed. */
struct running_status {
	int64_t since_s;	/* by the server's clock; 0: not known */
	int64_t expect_s;	/* how long it may take; 0: not known */
};

struct status {
	struct queue_status *queues;
	size_t n_queues;
	struct worker_state *workers;
	size_t n_workers;
	struct strs running;	/* "<queue> <token>@<worker>" */
	struct running_status *claims;	/* of each of these */
	struct strs control;	/* the names of control.h */
	struct control_order *orders;	/* of each of these */
	struct strs recent;	/* lease.h's lines, newest first */
	size_t bad_lines;	/* of imported files */
};

int status_read(const struct spool *s, struct status *st, struct fail *f);
void status_free(struct status *st);

/* How long what runs took before: reads a request and a few results of each. */
void status_expect(const struct conf *c, const struct spool *s,
	struct status *st);

/* What a worker says of itself; "silent" where it is long since it did. */
const char *status_word(const struct worker_state *w, int64_t now_s);

/* By the names in cur/, which are newer than what the worker last said. */
size_t status_runs_on(const struct status *st, const char *worker);

void status_text(const struct status *st, struct buf *out);	/* 80 columns */
void status_json(const struct status *st, struct buf *out);

#endif
