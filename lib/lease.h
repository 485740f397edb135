/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workers/<worker>: who a worker is and that it lives.  The file is locked by
 * the worker as long as it runs, so a name is used by one process at a time,
 * and overwritten in place at each beat.  Where locks do not reach other hosts,
 * the life in the file tells that somebody else has taken the name.
 */
#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "strs.h"
#include "token.h"

struct buf;
struct fail;
struct spool;

struct lease {
	int fd;			/* holds the lock; -1: none */
	char life[TOKEN_ID_MAX];	/* drawn when the name is taken */
	uint64_t beat;		/* grows by one with each beat */
	size_t longest;		/* bytes written so far, to blank out */
};

/*
 * What is counted of a worker, through all its lives but for one whose file
 * was lost.
 */
enum lease_count {
	LEASE_CLAIMS,
	LEASE_CLAIM_CONFLICTS,	/* another was faster */
	LEASE_LOSSES,		/* an attempt was taken over meanwhile */
	LEASE_HOST_FAILURES,	/* blamed on this host, not the request */
	LEASE_RETRIES,		/* an attempt that was used up */
	LEASE_REFUSED,		/* into bad/ */
	LEASE_PASS, LEASE_NEUTRAL, LEASE_FAIL, LEASE_TMPFAIL,	/* published */
	LEASE_COUNTS
};

extern const char *const lease_count_names[LEASE_COUNTS];

/* The count of a result's status; LEASE_COUNTS where there is none such. */
enum lease_count lease_count_of(const char *status);

/* What a worker tells of itself. */
struct worker_state {
	char *worker, *host, *version;
	char *life;		/* one start of it: another at each */
	char *state;		/* running, stopping, stopped */
	char *problem;		/* why it does not claim; NULL: all is well */
	char *warning;		/* of its configuration; NULL: none */
	int64_t pid, slots, started_s, beat, beat_s, heartbeat_s, lease_s;
	struct strs running;	/* names of tokens in cur/ */
	struct strs queues;
	struct strs recent;	/* results, newest last: see lease_recent */
	int64_t counts[LEASE_COUNTS];
};

enum { LEASE_RECENT_MOST = 20, LEASE_PATIENCE_MS = 10000 };

/*
 * Adds a line of words to the recent results: time, status, exit code, suite,
 * arch, source, run id, request id.
 */
void lease_recent(struct strs *recent, const char *line);

/*
 * Takes the name; EX_TEMPFAIL where another process has it.  The attempts of a
 * worker that was killed hold its lock until they have ended, so the taker is
 * patient for some seconds; where locks reach, and a mount has not lost them,
 * nothing of an earlier life runs any more then.
 */
int lease_take(struct lease *l, const struct spool *s, const char *worker,
	struct fail *f);

/*
 * The same, at once, for a name that a worker had which has ended: 1; 0 where
 * a process holds it, or no worker ever had it; -1.
 */
int lease_take_left(struct lease *l, const struct spool *s,
	const char *worker, struct fail *f);

enum lease_outcome {
	LEASE_KEPT,
	LEASE_TAKEN,	/* another process has the name: f tells which */
	LEASE_FAILED	/* the file cannot be read or written now: f tells */
};

/* Writes the next beat; w's life is the lease's. */
enum lease_outcome lease_beat(struct lease *l, const struct spool *s,
	const struct worker_state *w, struct fail *f);

/*
 * After something else was mounted there: takes the lock of the file that is
 * there now.  It is tried once; -1 leaves things as they are, for a runner of
 * ours may hold the lock, and the beats will tell of anybody else.
 */
int lease_move(struct lease *l, const struct spool *s, const char *worker,
	struct fail *f);

void lease_release(struct lease *l);

/*
 * Whether a process holds the name: 1, 0, or -1 where that cannot be told.
 * It may take it or let it go at any time.
 */
int lease_is_held(const struct spool *s, const char *worker, struct fail *f);

/* Reads one; w is worker_state_free'd by the caller. */
int lease_read(const struct spool *s, const char *worker,
	struct worker_state *w, struct fail *f);

/* Appends the names of all workers that ever were, sorted. */
int lease_workers(const struct spool *s, struct strs *names, struct fail *f);

void worker_state_free(struct worker_state *w);

#endif
