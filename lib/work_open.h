/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker holds while it runs, for work.c alone. */
#ifndef WORK_OPEN_H
#define WORK_OPEN_H

#include "cgroup.h"
#include "claim.h"
#include "classify.h"
#include "duty.h"
#include "elsewhere.h"
#include "guard.h"
#include "health.h"
#include "log.h"
#include "ready.h"
#include "slots.h"

struct work_options;

struct worker {
	struct job_shop shop;
	const struct conf *conf;
	struct conf *live;	/* the same, which a reload changes */
	const struct work_options *options;
	const struct log *log;
	struct queue *queues;
	struct claimer *claimers;
	size_t n_queues, turn;	/* whose turn it is to be served first */
	struct slots slots;
	struct duty duty;
	struct ready ready;
	struct health health;
	struct elsewhere elsewhere;
	struct classify failures;
	struct guard guard;
	struct cgroup cgroup;
	int signals, watch;
	bool is_told;		/* by the watch, of all that this host does */
	int64_t poll_at_ms;
	int64_t stop_at_ms;	/* what cannot leave by then stays */
	bool look, drain, stopping;
	bool giving_back;	/* what runs was told to end */
	bool taken;		/* another process has our name */
	struct strs control;	/* what control/ lists: work_control.h */
	char drained[512];	/* "drained by root: why"; "": it is not */
	int64_t tidy_at_ms, freshen_at_ms;	/* of control/ */
	struct strs unserved;	/* queues that a reload took away */
	unsigned others_run;	/* tests of the one that is replaced */
	bool has_replaced;	/* that one has ended */
	struct log_said said;
	char taken_by[1024];	/* the message that tells */
};

/* Says a failure in the log, unless it is the last one said. */
void work_say_once(struct worker *w, const char *text);

/*
 * Of w the options alone are set.  Takes the name, the queues and the signals;
 * -1 where it cannot start.
 * work_close is safe in any case.
 */
int work_open(struct worker *w, struct conf *c, const struct spool *s,
	const struct log *log, struct fail *f);
void work_close(struct worker *w);

/* For the queue that was opened last. */
void work_add_claimer(struct worker *w);
/* Reads the patterns of failures again where they have changed. */
void work_refresh_failures(struct worker *w);

/* Watches the queues with inotify, where there is any. */
void work_open_watch(struct worker *w);

#endif
