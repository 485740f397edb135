/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that says in the log when the worker hangs in a call, as on a mount
 * whose server is away: the worker cannot say so itself.  It opens nothing,
 * shares a page of memory with the worker, and ends with it.
 */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

struct fail;
struct guard_page;
struct log;

enum { GUARD_PATIENCE_MS = 30000 };

struct guard {
	pid_t pid;		/* 0: none */
	struct guard_page *page;
};

/* what is the thing that may hang, for the log: the spool's path. */
int guard_start(struct guard *g, const char *what, const struct log *log,
	struct fail *f);
void guard_stop(struct guard *g);	/* of a zeroed struct is fine */

/* The worker works from now on; or waits, for as long as it likes. */
void guard_busy(struct guard *g);
void guard_idle(struct guard *g);

#endif
