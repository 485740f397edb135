/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker: claims, runs and publishes until it is told to stop. */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>

struct conf;
struct fail;
struct log;
struct spool;

/*
 * Returns 0 after SIGTERM or SIGINT (what runs is finished or given back, as
 * the configuration says; a second signal gives back in any case), or, with
 * drain, when nothing that is due waits or runs any more.  -1 where it cannot
 * start.  Takes over SIGTERM, SIGINT, SIGCHLD and SIGIO of the process.
 */
int work(const struct conf *c, const struct spool *s, const struct log *log,
	bool drain, struct fail *f);

#endif
