/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that are seen under two names.  While a token moves, a listing or
 * two may show both of them; but each is used once, so when both are seen and
 * then both are seen again, there are two files.
 *
 * The names of a request have an order: by epoch, and of one epoch new before
 * cur before done and bad.  A file that waits or is claimed under an earlier
 * name than one that was seen is behind: the request has gone on without it,
 * and will do so whatever becomes of it.  So is any beside one in done, for
 * that is the result.  What is behind can be taken away.
 */
#include <stdlib.h>
#include <string.h>

#include "fsck_look.h"
#include "mem.h"

static unsigned
order_of(const struct fsck_seen *seen)
{
	struct token t;

	fsck_seen_token(seen, &t);
	return t.epoch * 3 + (seen->place == FSCK_WAITING ? 0 :
	    seen->place == FSCK_CLAIMED ? 1 : 2);
}

static bool
can_move(const struct fsck_seen *seen)
{
	return seen->place == FSCK_WAITING || seen->place == FSCK_CLAIMED;
}

static bool
is_behind(const struct fsck_seen *a, const struct fsck_seen *b)
{
	return can_move(a) &&
	    (b->place == FSCK_DONE || order_of(a) < order_of(b));
}

/* Both looks showed it; a listing may show a name twice. */
static bool
counts(const struct fsck *x, const struct fsck_seen *group, size_t i)
{
	return fsck_set_has(&x->twice, group[i].hash) &&
	    (i == 0 || group[i].hash != group[i - 1].hash);
}

/* The one in done, or else the one that went farthest. */
static const struct fsck_seen *
first_of(const struct fsck *x, const struct fsck_seen *group, size_t n)
{
	const struct fsck_seen *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct fsck_seen *g = &group[i];

		if (!counts(x, group, i) ||
		    (first && first->place == FSCK_DONE))
			continue;
		if (!first || g->place == FSCK_DONE ||
		    order_of(g) > order_of(first))
			first = g;
	}
	return first;
}

static void
tell(struct fsck *x, const struct fsck_seen *seen,
	const struct fsck_seen *first)
{
	bool behind = is_behind(seen, first);
	enum fsck_kind kind = behind ? FSCK_TWICE_BEHIND :
	    seen->place == FSCK_DONE ? FSCK_TWICE_COMMITTED :
	    FSCK_TWICE_UNCLEAR;

	fsck_add(x, kind, seen->path, NULL, mem_printf("is the same request "
	    "as %s%s", first->path, behind ? ", which went on without it" :
	    ""));
}

static void
judge(struct fsck *x, const struct fsck_seen *group, size_t n)
{
	const struct fsck_seen *first = first_of(x, group, n);

	for (size_t i = 0; i < n; i++)
		if (counts(x, group, i) && &group[i] != first)
			tell(x, &group[i], first);
}

static bool
is_last(const struct fsck_set *ids, uint64_t id)
{
	return ids->n && ids->v[ids->n - 1] == id;
}

/* In the first look, all of an id's names one after the other. */
static void
note(void *context, uint64_t id, uint64_t path)
{
	struct fsck *x = context;

	fsck_set_add(&x->twice, path);
	if (x->twice_ids.n < FSCK_TWICE_MOST && !is_last(&x->twice_ids, id))
		fsck_set_add(&x->twice_ids, id);
}

struct others {
	struct fsck *x;
	uint64_t id;
	size_t names;		/* of it, that both looks showed */
};

/* In the second one, for those that were not kept with their names. */
static void
count_others(void *context, uint64_t id, uint64_t path)
{
	struct others *o = context;

	if (o->id != id)
		o->names = 0;
	o->id = id;
	if (fsck_set_has(&o->x->twice, path) &&
	    !fsck_set_has(&o->x->twice_ids, id) && ++o->names == 2)
		o->x->report->more++;
}

void
fsck_look_twice(struct fsck *x)
{
	struct others others = { .x = x };

	if (!x->again) {
		fsck_ids_twice(&x->ids, note, x);
		fsck_set_sort(&x->twice);
		fsck_set_sort(&x->twice_ids);
		return;
	}
	for (size_t i = 0; i < x->twice_ids.n; i++) {
		size_t n;
		const struct fsck_seen *group = fsck_seen_of(x,
		    x->twice_ids.v[i], &n);

		judge(x, group, n);
	}
	fsck_ids_twice(&x->ids, count_others, &others);
}
