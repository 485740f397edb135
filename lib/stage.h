/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/.staging/<attempt>/: where an attempt's result is made.  The folder
 * has the name that the token has in cur/, so it is unique to the attempt.
 *
 *	making/	what will be the published run directory, while it is written
 *	run/	the same, sealed
 *	log	the log as far as it has come, for those who follow it
 *	plan	where run/ is to go
 *
 * Sealing writes the plan when making/ is complete, and then renames making/ to
 * run/: a name that no mkdir makes, however late it is repeated; what publishes
 * looks for no other.  An attempt is committed after that, so a plan beside
 * making/ alone is of one that was not.
 *
 * The plan has the inode number of making/, which stays with it wherever it is
 * renamed: so it is known again, as run/ and when it is published.
 *
 * Who finds a stage tells from done/ what to do: a committed attempt is
 * published (publish.h).  It is dropped only when it is seen that the request
 * went on without it: not seeing something proves nothing.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdint.h>

#include "clock.h"
#include "name.h"
#include "token.h"

struct fail;
struct log;
struct spool;
struct strs;

/* All that publishing needs to know; nothing else is read to do it. */
struct plan {
	char queue[NAME_QUEUE_MAX + 1];
	char day[CLOCK_TEXT_MAX];	/* of done/ */
	char suite[NAME_SUITE_MAX + 1];
	char arch[NAME_ARCH_MAX + 1];
	char source[NAME_SOURCE_MAX + 1];
	char version[NAME_VERSION_MAX + 1];	/* "" when not known */
	uint64_t inode;			/* of run/, set by sealing */
};

/* Makes it; once for each attempt, so that what is there already is ours. */
int stage_make(const struct spool *s, const char *attempt, struct fail *f);

/* Opens making/, for what is to be in run/; the caller closes. */
int stage_open_run(const struct spool *s, const char *attempt, struct fail *f);

/*
 * Syncs making/, writes the plan, and renames making/ to run/: all of it is
 * there, synced, when this returns 0.  May be repeated.
 */
int stage_seal(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f);

/* For a run/ that has another number, as the whole tree was copied. */
int stage_seal_again(const struct spool *s, const char *attempt,
	struct plan *p, struct fail *f);

/* Returns 0; or -1, with f->err ENOENT where it has not been sealed. */
int stage_read_plan(const struct spool *s, const char *attempt,
	struct plan *p, struct fail *f);

enum stage_end {
	STAGE_DEAD,		/* it was not committed: what it has goes */
	STAGE_PUBLISHED		/* run/ is elsewhere, whatever is shown here */
};

/*
 * Takes it away: it loses its name by one rename, to .gone.<random>.<attempt>,
 * and is then removed.  Gone already is fine.
 */
int stage_drop(const struct spool *s, const char *attempt, enum stage_end end,
	struct fail *f);

/*
 * Removes a stage in which nothing is, or an empty making/ alone: repeated
 * mkdirs may have made it after the stage was dropped.  -1 leaves it as it is.
 */
int stage_drop_empty(const struct spool *s, const char *attempt);

/*
 * Removes what dropping left behind when it was cut off: the worker's, which
 * has ended; or, with NULL, everybody's.  What cannot be removed is told in the
 * log; -1 where staging cannot be listed.
 */
int stage_sweep(const struct spool *s, const char *worker,
	const struct log *log, struct fail *f);

/* Appends the names of all stages of a worker; with NULL, of all. */
int stage_list(const struct spool *s, const char *worker, struct strs *names,
	struct fail *f);

#endif
