/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hooks of one event, one after the other, each with its own session: it
 * is ended, with all of that, when it has ended itself or its time is up.  What
 * it prints goes to the log.
 */
#ifndef HOOK_RUN_H
#define HOOK_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "hook_message.h"
#include "strs.h"

struct log;

enum { HOOK_LINES_MOST = 50, HOOK_LINE_MOST = 500 };	/* that are logged */

struct hook_run {
	bool active;
	const struct log *log;
	struct hook_message message;
	struct strs programs;
	size_t at;		/* which of them runs */
	int input;		/* a file in memory; -1: it is a path */
	int output;		/* what it prints, to be read */
	pid_t pid;
	int64_t until_ms;	/* on the boot clock */
	bool killed;		/* its time was up */
	struct buf line;
	size_t lines;
};

/* Takes over the message; not active where there is nothing to run. */
void hook_run_begin(struct hook_run *r, struct hook_message *m,
	const struct log *log);

/* One step, which does not wait; not active when all have ended. */
void hook_run_push(struct hook_run *r);

/* Ends it here and now. */
void hook_run_kill(struct hook_run *r);

#endif
