/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for one request: what `submit --wait` and `show --follow` do. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdio.h>

#include "find.h"
#include "result.h"

struct conf;
struct fail;
struct spool;

struct follow {
	const char *queue, *id;
	FILE *log;	/* the log goes here as it grows; NULL: nowhere */
	FILE *news;	/* a line for each change of state; NULL: nowhere */
	struct found found;	/* out: where it ended */
	char run_id[PUBLISH_RUN_ID_MAX];	/* out: FIND_DONE */
	struct result result;	/* out: FIND_DONE; result_free it */
};

/*
 * Returns when the request is published (FIND_DONE), refused (FIND_BAD), or
 * not to be found any more (FIND_NOWHERE).  Looks once a second.
 */
int follow(const struct conf *c, const struct spool *s, struct follow *w,
	struct fail *f);

/* Writes the log of what runs, as far as it has come. */
int follow_running(const struct spool *s, const struct found *found,
	FILE *out, struct fail *f);

/* Writes a published run's log, but for its first skip_bytes. */
int follow_cat(const struct spool *s, const struct result *r,
	const char *run_id, long skip_bytes, FILE *out, struct fail *f);

#endif
