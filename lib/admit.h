/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging a claimed token: is it complete, is it a request, is it one for this
 * queue?  Requests come from strangers; whatever they are, the answer is one
 * of these, without blocking and without following anything anywhere.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include <stdint.h>
#include <sys/stat.h>

#include "digest.h"
#include "request.h"

struct claim;
struct conf;
struct fail;
struct queue;

enum admit {
	ADMIT_RUN,	/* run it now */
	ADMIT_WAIT,	/* dropped, and still being written: ask again */
	ADMIT_SORT,	/* dropped by hand, for later or with a priority */
	ADMIT_BAD,	/* refused: f says why */
	ADMIT_FAILED	/* it cannot be read at the moment: f says why */
};

/* A writer that takes longer is cut off. */
enum { ADMIT_WAIT_MOST_S = 600 };

/* Where nothing tells whether somebody writes, an empty file rests so long. */
enum { ADMIT_EMPTY_S = 60 };

/* What is remembered of a dropped file between two looks; zeroed at first. */
struct settling {
	struct stat last;
	int64_t since_ms;	/* unchanged since then */
	int64_t first_ms;
};

/*
 * On ADMIT_RUN and ADMIT_SORT r is complete (suite, arch and requester are
 * filled in) and digest names what it asks for.  Otherwise r is empty.
 */
enum admit admit(const struct conf *c, const struct queue *q,
	const struct claim *claim, struct settling *s, struct request *r,
	char digest[DIGEST_ID_MAX], struct fail *f);

#endif
