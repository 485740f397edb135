/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "fsck_set.h"
#include "mem.h"

/* FNV-1a. */
uint64_t
fsck_hash(uint64_t before, const char *text)
{
	uint64_t h = before ? before : 0xcbf29ce484222325u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h;
}

void
fsck_set_add(struct fsck_set *s, uint64_t n)
{
	if (s->n == s->room) {
		s->room += s->room / 2 + 64;
		s->v = mem_grow(s->v, s->room, sizeof *s->v);
	}
	s->v[s->n++] = n;
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
fsck_set_sort(struct fsck_set *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_value);
}

bool
fsck_set_has(const struct fsck_set *s, uint64_t n)
{
	return s->n && bsearch(&n, s->v, s->n, sizeof *s->v, by_value);
}

void
fsck_set_free(struct fsck_set *s)
{
	free(s->v);
	*s = (struct fsck_set){ 0 };
}
