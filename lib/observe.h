/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which other workers are dead.  No clock is compared with another host's: a
 * worker is dead when its heartbeat was seen not to change for its own lease,
 * on this host's CLOCK_BOOTTIME, and only time in which this observer looked
 * counts.  An observer that slept, or whose mount was away, suspects nobody.
 * One whose last beat says that it has stopped is dead at once.
 *
 * Each worker looks after the ones that follow it in the order of their names,
 * up to the first that lives: so all are looked after, at the cost of reading
 * one small file a heartbeat.  A verdict only says when to take over, never
 * that it is safe; being wrong costs an attempt.
 */
#ifndef OBSERVE_H
#define OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "strs.h"
#include "token.h"

struct fail;
struct spool;

enum { OBSERVE_GAPS_MOST = 3 };	/* intervals between looks that still count */

struct observed {
	char *worker;
	char life[TOKEN_ID_MAX];
	int64_t beat;
	int64_t lease_ms;	/* as it says itself */
	bool moved;		/* a beat was seen to come */
	int64_t silent_ms;	/* how long no change was seen */
	int64_t looked_ms;	/* on the boot clock; 0: never */
	int64_t told_ms;	/* when it was last called dead; 0: never */
};

struct observer {
	const char *self;
	int64_t interval_ms;	/* how often observe is called */
	int64_t lease_ms;	/* for those without a heartbeat file */
	struct observed *v;	/* sorted by worker */
	size_t n;
	struct strs others;	/* named by the caller: they may have no file */
};

/* self is the observer's own worker name; it outlives the observer. */
void observer_init(struct observer *o, const char *self, int64_t interval_s,
	int64_t lease_s);
void observer_free(struct observer *o);

/*
 * Looks once.  Appends to dead the names of those to take over from: each dead
 * one at once, and again once a lease, or whenever it is in met: names that
 * were met in cur/ or in staging, with or without a heartbeat file.
 */
int observe(struct observer *o, const struct spool *s,
	const struct strs *met, struct strs *dead, struct fail *f);

/* Looks at that one once more: whether it is dead still. */
bool observe_again(struct observer *o, const struct spool *s,
	const char *worker);

#endif
