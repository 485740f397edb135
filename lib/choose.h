/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the requests that wait or run somebody means. */
#ifndef CHOOSE_H
#define CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "find.h"
#include "strs.h"

struct conf;
struct fail;
struct spool;

/* All that is said must hold; of ids, packages and pattern, one of them. */
struct choice {
	struct strs ids, packages;
	const char *pattern;	/* regex(7) on package and triggers; or NULL */
	const char *queue, *suite;	/* NULL: any */
	bool waiting, running;	/* what is looked at */
};

struct chosen {
	struct found *v;	/* FIND_WAITING or FIND_RUNNING */
	size_t n;
};

/*
 * Reads names, and requests where their suite or triggers matter.  -1 with
 * EX_USAGE for what is no regular expression or no queue.  A dropped file that
 * nobody has judged is no request yet.  choose_free in any case.
 */
int choose(const struct conf *c, const struct spool *s,
	const struct choice *x, struct chosen *out, struct fail *f);
void choose_free(struct chosen *l);

#endif
