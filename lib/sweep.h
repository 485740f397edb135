/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Old scratch that nobody uses: what was being written into tmp/ and never
 * acknowledged, and what the dropping of stages left.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdint.h>

#include "strs.h"

struct fail;
struct log;
struct spool;

/*
 * A submit is between its first and its last call for a moment.  One that
 * sleeps for longer than this finds its file gone, and fails; nobody was told
 * that the request is queued.  The age is what the sweeper itself has seen, on
 * its boot clock: another host's wall clock, or this one's, may be anything.
 */
enum { SWEEP_AGE_S = 36 * 3600, SWEEP_SEEN_MOST = 1000 };

/* What was seen in tmp/ so far; begins zeroed. */
struct sweeper {
	struct strs seen;	/* "<queue>/<name>" */
	int64_t *since_ms;	/* of each */
};

void sweep_free(struct sweeper *w);

/* What cannot be swept is told in the log. */
int sweep(struct sweeper *w, const struct spool *s, const struct log *log,
	struct fail *f);

#endif
