/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Old scratch that nobody uses: what was being written into tmp/ and never
 * acknowledged, what the dropping of stages left, and stages whose request is
 * nowhere.
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
 * its boot clock, in so many looks at least: another host's wall clock, or this
 * one's, may be anything, and a host that slept knows what it knew before.
 */
enum { SWEEP_AGE_S = 36 * 3600, SWEEP_LOOKS_LEAST = 12,
	SWEEP_SEEN_MOST = 1000 };

/* What was seen so far; begins zeroed. */
struct sweeper {
	struct strs seen;	/* "<queue>/tmp/<name>", ".staging/<name>" */
	struct sighting {
		int64_t since_ms;
		unsigned looks;
	} *v;			/* of each */
};

void sweep_free(struct sweeper *w);

/*
 * unknown are the stages of which nobody can tell what becomes of them: one
 * goes when in all these looks its request was nowhere.  What cannot be swept
 * is told in the log.
 */
int sweep(struct sweeper *w, const struct spool *s,
	const struct strs *unknown, const struct log *log, struct fail *f);

#endif
