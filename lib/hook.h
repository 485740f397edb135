/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that are run when something happens: adtspool-hooks(7).  A worker
 * hands each event to a process of its own, the keeper (hook_keep.h), by one
 * call that never waits; what the keeper has no room for is counted, and told
 * in the log.  Nothing is kept over the worker's end: an event may be missing.
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct conf;
struct log;
struct request;
struct token;

enum hook_kind { HOOK_CLAIMED, HOOK_PUBLISHED, HOOK_FAILED, HOOK_LOST };

enum {
	HOOK_AT_ONCE = 4,	/* events whose hooks run at the same time */
	HOOK_QUEUE_MOST = 256,	/* and so many that wait */
	HOOK_STOP_MS = 10000,	/* for what is left when a worker ends */
};

/* What happened.  Texts may be NULL where they are not known. */
struct hook_event {
	enum hook_kind kind;
	const struct token *token;	/* the attempt: id, worker, number */
	const char *queue, *package, *suite, *arch;
	const char *run_id;		/* HOOK_PUBLISHED */
	const char *run;		/* the same: its folder, absolute */
	const struct request *request;	/* the others */
	const char *result;		/* HOOK_FAILED: its result.json */
	const char *why;		/* HOOK_FAILED, HOOK_LOST */
	bool is_over;			/* the same: in bad/, not tried again */
};

/* The worker's end; conf and log outlive it. */
struct hooks {
	const struct conf *conf;
	const struct log *log;
	int fd;			/* to the keeper; -1: none was started */
	pid_t keeper;
	size_t lost;		/* events that nobody was told of, so far */
};

/* Starts nothing yet. */
void hook_open(struct hooks *h, const struct conf *c, const struct log *l);

/* Does nothing for NULL, or where no hooks are configured. */
void hook_tell(struct hooks *h, const struct hook_event *e);

/* Has the keeper end: waits for HOOK_STOP_MS and two seconds at most. */
void hook_close(struct hooks *h);

#endif
