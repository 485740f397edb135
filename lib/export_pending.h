/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests that have no result yet.  What was read is kept, so looking
 * again costs a listing of the queues and a read for each new request.
 *
 * None may be missed, or britney asks for it again.  A request that moves on
 * while the queues are looked through is seen at least once, for they are
 * looked through in the order in which it moves: new/, cur/, what is committed
 * and not yet published.  What goes back, and what a listing of another host's
 * omits for once, is kept for one more look.
 *
 * Who tells of results, too, reads them after this: then what is published
 * meanwhile is told as both, and britney takes the result.
 */
#ifndef EXPORT_PENDING_H
#define EXPORT_PENDING_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct conf;
struct export_query;
struct fail;
struct spool;
struct strs;

struct export_pending;

struct export_pending *export_pending_new(void);
void export_pending_free(struct export_pending *p);

/*
 * Looks again.  Adds to changed, each once, the suites in which not all is as
 * it was; it may be NULL.
 */
int export_pending_refresh(struct export_pending *p, const struct conf *c,
	const struct spool *s, struct strs *changed, struct fail *f);

/* Appends those of a suite and PPA to a list (export.h). */
void export_pending_put(const struct export_pending *p,
	const struct export_query *q, struct buf *out, bool *filled);

/* Adds the suites, or the PPAs of a suite, that have any, each once. */
void export_pending_suites(const struct export_pending *p,
	struct strs *suites);
void export_pending_ppas(const struct export_pending *p, const char *suite,
	struct strs *ppas);

size_t export_pending_count(const struct export_pending *p);

#endif
