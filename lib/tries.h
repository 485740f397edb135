/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tries/<id>.a<n>: one line on how attempt n of a request ended without a
 * result.  Each is written by whoever took the attempt away, under a name of
 * its own, so nobody appends to another's file.  For people, and to guess which
 * host is to go first: where one is missing, only its line is.
 */
#ifndef TRIES_H
#define TRIES_H

#include <stdint.h>

#include "name.h"

enum { TRIES_MOST = 100 };	/* of a request's attempts; more are not kept */

struct buf;
struct queue;
struct token;

/* t as it was claimed when the attempt ended. */
void tries_note(const struct queue *q, const struct token *t,
	const char *what);

/* Appends the lines of a request's first attempts, as many as are used up. */
void tries_tell(const struct queue *q, const char *id, unsigned used,
	struct buf *out);

struct tries_last {
	int64_t at_s;		/* by the clock of who noted it */
	char worker[NAME_WORKER_MAX + 1];
};

/* Who made the last of a request's used attempts; -1: that is not known. */
int tries_last(const struct queue *q, const char *id, unsigned used,
	struct tries_last *last);

/* Takes them away: the request has a result, or is in bad/. */
void tries_forget(const struct queue *q, const char *id, unsigned used);

#endif
