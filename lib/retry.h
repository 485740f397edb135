/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests for what was run already, with the same parameters. */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "find.h"
#include "tree_run.h"

struct conf;
struct fail;
struct request;
struct spool;

/*
 * Each fills in what was asked for then, without its times: now is when it is
 * asked for.  request_free r, also after -1.
 */
int retry_run(const struct spool *s, const struct tree_run *run,
	struct request *r, struct fail *f);

/* The same of a request that is done or refused, by what its file says. */
int retry_request(const struct conf *c, const struct spool *s,
	const struct found *found, struct request *r, struct fail *f);

struct retry_choice {
	const char *trigger;
	const char *suite;
	const char *package, *arch;	/* NULL: all */
	int64_t since_s;
	bool all;		/* those that passed, too */
};

/*
 * Calls each for the newest run of every package and architecture that had
 * the trigger, where that did not pass, until it returns non-zero.
 */
int retry_each(const struct spool *s, const struct retry_choice *x,
	int (*each)(void *context, const struct tree_run *run,
	const char *status), void *context, struct fail *f);

#endif
