/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether testbeds work on this host at all.  When those of `most` packages
 * have failed with no other outcome in between, it is the host that is bad, not
 * each of them: it claims nothing for a pause, then one request, and after one
 * more failure none for twice as long.  One other outcome, and it is well.
 *
 * What fails on a bad host has not been tried: no attempt is used up by that.
 * It is known in memory alone; a new life of the worker learns it again.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "strs.h"

struct conf;

enum { HEALTH_PAUSE_MOST_S = 3600 };

struct health {
	struct strs packages;	/* that failed since anything else happened */
	bool bad;
	unsigned pauses;
	int64_t until_ms;	/* of the pause, on the boot clock */
	char reason[512];	/* of the last failure */
	char text[1024];
};

void health_free(struct health *h);

/* A testbed failed.  Whether that is the host's fault. */
bool health_failed(struct health *h, const struct conf *c,
	const char *package, const char *reason);

/* A test came to an end.  Whether the host was bad until now. */
bool health_is_well(struct health *h);

/*
 * Why nothing is to be claimed now, until the next call; NULL: all is well, or
 * one request is to be tried.  busy: something runs here.
 */
const char *health_problem(struct health *h, bool busy);

#endif
