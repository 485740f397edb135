/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which waiting requests are better off on another host for some time: those
 * whose testbed failed on this one.  A claimer passes them over, and nothing in
 * the spool changes by that; when the time is over it takes them like any
 * other.  So nothing waits for ever, whatever is wrong here.
 *
 * What this worker has done it knows; what another one of its host did, or an
 * earlier life, it reads in tries/ after a claim, and gives back, once.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "token.h"

struct conf;
struct queue;
struct spool;

enum {
	ELSEWHERE_MOST = 1000,		/* requests; the oldest is forgotten */
	ELSEWHERE_LOOKS_MOST = 64,	/* workers' files, to find one */
};

struct elsewhere_one {
	char id[TOKEN_ID_MAX];
	int64_t until_ms;	/* on the boot clock */
	bool until_well;	/* and while this host is bad */
};

struct elsewhere {
	struct elsewhere_one *v;	/* a ring */
	unsigned n, next;
};

void elsewhere_free(struct elsewhere *e);

/* The request is not to be claimed here for so long. */
void elsewhere_note(struct elsewhere *e, const char *id, int64_t for_s);

/*
 * The same for what failed on a host that is bad: others are tried until it is
 * well again, or until there are no others.
 */
void elsewhere_note_bad(struct elsewhere *e, const char *id, int64_t for_s);

/* The end of that; true where there was any such. */
bool elsewhere_forget_bad(struct elsewhere *e);

/* Whether a name in a bucket is one of those.  holder is a struct elsewhere. */
bool elsewhere_has(const void *holder, const char *name);

/*
 * Whether a worker of another host works for this queue, and could claim.  It
 * is a guess: clocks are compared, and it only says who goes first.
 */
bool elsewhere_is_served(const struct conf *c, const struct spool *s,
	const struct queue *q);

/*
 * For how many seconds a claimed token that was tried before is not to be run
 * here, since this host has its last failure; 0: now.
 */
int64_t elsewhere_wait_s(const struct conf *c, const struct spool *s,
	const struct queue *q, const struct token *t);

/* The wait after so many attempts: the backoff, doubled after each. */
int64_t elsewhere_backoff_s(const struct conf *c, unsigned used);

#endif
