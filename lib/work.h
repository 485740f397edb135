/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker: claims, runs and publishes until it is told to stop. */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>

struct conf;
struct fail;
struct log;
struct notify;
struct spool;

struct work_options {
	bool drain;		/* end when nothing that is due is left */
	const char *before;	/* the worker that it replaces; NULL: none */
	struct notify *notify;	/* who started it; NULL: nobody is told */
	/* Reads the configuration again, on SIGHUP; NULL: it stays. */
	int (*reread)(void *of, struct conf *fresh, struct fail *f);
	void *of;
};

/*
 * Returns 0 after SIGTERM or SIGINT (what runs is finished or given back, as
 * the configuration says; a second signal gives back in any case), or, with
 * drain, when nothing that is due waits or runs any more.  -1 where it cannot
 * start.  Takes over SIGTERM, SIGINT, SIGHUP, SIGCHLD and SIGIO of the process.
 * A reload changes c.
 */
int work(struct conf *c, const struct spool *s, const struct log *log,
	const struct work_options *o, struct fail *f);

#endif
