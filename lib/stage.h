/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/.staging/<attempt>/: where an attempt's result is made.  The folder
 * has the name that the token has in cur/, so it is unique to the attempt.
 *
 *	run/	what will be the published run directory
 *	log	the log as far as it has come, for those who follow it
 *	plan	where run/ is to go; written last, when run/ is complete
 *
 * The plan has run/'s inode number, which stays with it wherever it is renamed:
 * so it is known again, and an empty run/ that a repeated mkdir made is not
 * taken for it.
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
	uint64_t inode;			/* of run/, set by stage_seal */
};

/* Makes it; once for each attempt, so that what is there already is ours. */
int stage_make(const struct spool *s, const char *attempt, struct fail *f);

/* Opens run/ of it; the caller closes. */
int stage_open_run(const struct spool *s, const char *attempt, struct fail *f);

/* Syncs run/ and writes the plan: the stage is complete when this returns 0. */
int stage_seal(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f);

/* Returns 0; or -1, with f->err ENOENT where it has not been sealed. */
int stage_read_plan(const struct spool *s, const char *attempt,
	struct plan *p, struct fail *f);

enum stage_end {
	STAGE_DEAD,		/* it was not committed: run/ goes, too */
	STAGE_PUBLISHED		/* run/ is elsewhere, whatever is shown here */
};

/*
 * Takes it away: it loses its name by one rename, to .gone.<random>.<attempt>,
 * and is then removed.  Gone already is fine.
 */
int stage_drop(const struct spool *s, const char *attempt, enum stage_end end,
	struct fail *f);

/*
 * Removes a stage in which nothing is, or an empty run/ alone: a repeated mkdir
 * may have made it after the stage was dropped.  -1 leaves it as it is.
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
