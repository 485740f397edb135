/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose names claims and stages bear: few, however many requests there are. */
#include <string.h>

#include "fsck_look.h"
#include "mem.h"

/* The index of the worker, or where it belongs. */
static size_t
place_of(const struct fsck *x, const char *worker)
{
	size_t low = 0, high = x->n_bearers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(x->bearers[middle].worker, worker) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct fsck_bearer *
fsck_bearer(const struct fsck *x, const char *worker)
{
	size_t at = place_of(x, worker);

	return at < x->n_bearers &&
	    strcmp(x->bearers[at].worker, worker) == 0 ? &x->bearers[at] : NULL;
}

void
fsck_bear(struct fsck *x, const char *worker, const struct fsck_folder *d,
	const char *name)
{
	size_t at = place_of(x, worker);
	struct fsck_bearer *b;

	if (!fsck_bearer(x, worker)) {
		x->bearers = mem_grow(x->bearers, x->n_bearers + 1,
		    sizeof *x->bearers);
		memmove(x->bearers + at + 1, x->bearers + at,
		    (x->n_bearers++ - at) * sizeof *x->bearers);
		x->bearers[at] = (struct fsck_bearer){ mem_dup(worker),
		    NULL, 0 };
	}
	b = &x->bearers[at];
	if (d) {
		b->claims++;
		if (!b->claim)
			b->claim = fsck_object(d, name);
	}
}
