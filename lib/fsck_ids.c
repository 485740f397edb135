/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "fsck_ids.h"
#include "mem.h"

enum { PLACE_BITS = 4 };

uint64_t
fsck_id_number(const char *id)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t n = 0;

	for (; *id; id++) {
		const char *digit = strchr(digits, *id);

		n = n << 5 | (uint64_t)(digit ? digit - digits : 0);
	}
	return n;
}

void
fsck_ids_add(struct fsck_ids *ids, uint64_t id, enum fsck_place place,
	uint64_t path)
{
	if (ids->n == ids->room) {
		ids->room += ids->room / 2 + 64;
		ids->v = mem_grow(ids->v, ids->room, sizeof *ids->v);
	}
	ids->v[ids->n++] = (struct fsck_id){ id << PLACE_BITS | place, path };
}

static int
by_value(const void *a, const void *b)
{
	const struct fsck_id *x = a, *y = b;

	if (x->id_place != y->id_place)
		return x->id_place < y->id_place ? -1 : 1;
	return x->path < y->path ? -1 : x->path > y->path;
}

void
fsck_ids_sort(struct fsck_ids *ids)
{
	if (ids->n)
		qsort(ids->v, ids->n, sizeof *ids->v, by_value);
}

static uint64_t
id_of(const struct fsck_id *i)
{
	return i->id_place >> PLACE_BITS;
}

/* The first that is not before the id. */
static size_t
first_of(const struct fsck_ids *ids, uint64_t id)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (id_of(&ids->v[middle]) < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned
fsck_ids_places(const struct fsck_ids *ids, uint64_t id)
{
	unsigned places = 0;

	for (size_t i = first_of(ids, id); i < ids->n &&
	    id_of(&ids->v[i]) == id; i++)
		places |= 1u << (ids->v[i].id_place & ((1 << PLACE_BITS) - 1));
	return places;
}

bool
fsck_ids_has(const struct fsck_ids *ids, uint64_t id, enum fsck_place place,
	uint64_t path)
{
	const struct fsck_id key = { id << PLACE_BITS | place, path };

	return ids->n && bsearch(&key, ids->v, ids->n, sizeof *ids->v,
	    by_value);
}

/* A listing may show a name twice: then it is one name. */
static bool
are_two_names(const struct fsck_ids *ids, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++)
		if (ids->v[i].path != ids->v[from].path)
			return true;
	return false;
}

void
fsck_ids_twice(const struct fsck_ids *ids,
	void (*each)(void *context, uint64_t id, uint64_t path),
	void *context)
{
	for (size_t from = 0, to; from < ids->n; from = to) {
		uint64_t id = id_of(&ids->v[from]);

		to = from + 1;
		while (to < ids->n && id_of(&ids->v[to]) == id)
			to++;
		for (size_t i = from; i < to && are_two_names(ids, from, to);
		    i++)
			each(context, id, ids->v[i].path);
	}
}

void
fsck_ids_free(struct fsck_ids *ids)
{
	free(ids->v);
	*ids = (struct fsck_ids){ 0 };
}
