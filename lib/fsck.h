/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks whether a spool, at rest or at work, is as adtspool-spool(5) says, and
 * mends what can be mended for certain.
 *
 * What a listing shows is a hint.  Where the first look finds something, a
 * second one follows a moment later, and only what both show is told.  What is
 * mended is mended by renames and removals that fail where somebody else was
 * faster, each on the ground of something seen, not of something missing.
 */
#ifndef FSCK_H
#define FSCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token.h"

struct buf;
struct conf;
struct fail;
struct fsck_words;
struct spool;
struct strs;

enum { FSCK_MOMENT_MS = 2000, FSCK_FINDINGS_MOST = 100000 };

struct fsck_options {
	bool repair;
	bool deep;			/* the results tree, too */
	const struct strs *queues;	/* empty: all, and all beside them */
	const struct strs *dead;	/* workers that have ended */
	int64_t moment_ms;		/* between the looks */
	/* Called often: what is being looked at, and how much of all is. */
	void (*progress)(void *context, const char *what, size_t part,
		size_t of);
	void *context;
};

enum fsck_state {
	FSCK_FOUND,		/* nothing was tried */
	FSCK_REPAIRED,
	FSCK_GONE,		/* it went by itself before it was mended */
	FSCK_LEFT,		/* trouble tells why it could not be mended */
};

struct fsck_finding {
	const struct fsck_words *words;
	char *object;		/* its path below SPOOL or RESULTS */
	char *what;		/* what is wrong with it */
	char id[TOKEN_ID_MAX];	/* of the request; "": of none */
	enum fsck_state state;
	char *trouble;		/* NULL: none */
};

struct fsck_report {
	const char *spool_path, *results_path;	/* the spool's own */
	struct fsck_finding *v;
	size_t n, room;
	size_t more;		/* findings for which there was no room */
	size_t tokens, queues, runs;		/* that were looked at */
	size_t left;		/* problems that stay */
	size_t repaired;
	char blind[1024];	/* what could not be looked at; "": nothing */
};

/*
 * Fills the report.  -1 where there was nothing to look at: a queue that is
 * named is not there, or a worker that is said to be dead beats.
 */
int fsck(const struct conf *c, const struct spool *s,
	const struct fsck_options *o, struct fsck_report *r, struct fail *f);

/* EX_OK, EX_DATAERR where a problem stays, EX_TEMPFAIL after blindness. */
int fsck_status(const struct fsck_report *r);

void fsck_text(const struct fsck_report *r, struct buf *out);
void fsck_json(const struct fsck_report *r, struct buf *out);
void fsck_report_free(struct fsck_report *r);

#endif
