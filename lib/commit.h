/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a claimed token leaves cur/.  Each way is one rename from the name that
 * only its owner (or who reaps it) can use to a name that never was used, so
 * of all that compete for it exactly one wins.
 */
#ifndef COMMIT_H
#define COMMIT_H

#include <stdint.h>

#include "clock.h"
#include "token.h"

struct fail;
struct queue;

enum commit_outcome {
	COMMIT_WON,
	COMMIT_LOST,	/* the token is not ours any more: no error */
	COMMIT_FAILED	/* f tells; the token may still be ours: try again */
};

/* Today's folder of done/. */
void commit_day(char day[CLOCK_TEXT_MAX]);

/* Makes the commits of a day survive a power cut. */
int commit_sync(const struct queue *q, const char *day, struct fail *f);

/* cur/ -> done/<day>/: from now on this attempt is the result. */
enum commit_outcome commit_done(const struct queue *q, const struct token *t,
	const char *day, struct fail *f);

/*
 * cur/ -> a bucket of new/: given back, to be taken at due_s or later.  next
 * is the token to go back as: its epoch is higher than t's, its worker ignored.
 */
enum commit_outcome commit_back(const struct queue *q, const struct token *t,
	const struct token *next, int64_t due_s, struct fail *f);

/*
 * cur/ -> cur/: a dropped file was judged, and is a request.  next is what it
 * is called from now on: t's id and worker, a higher epoch.
 */
enum commit_outcome commit_admit(const struct queue *q, const struct token *t,
	const struct token *next, struct fail *f);

/*
 * cur/ -> new/ itself: a dropped file that was not judged yet waits as what it
 * is, under t's name without the worker; the next claim draws a new id.
 */
enum commit_outcome commit_undrop(const struct queue *q,
	const struct token *t, struct fail *f);

/* cur/ -> bad/, with why (lines of text) beside it as <name>.why. */
enum commit_outcome commit_bad(const struct queue *q, const struct token *t,
	const char *why, struct fail *f);

/*
 * A bucket of new/ -> bad/: what waits is refused under t's name, whose worker
 * is who does it, and was never used.  It competes with the claim.
 */
enum commit_outcome commit_bad_waiting(const struct queue *q,
	const char *bucket, const struct token *t, const char *why,
	struct fail *f);

#endif
