/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of 64-bit numbers, 8 bytes each, for what has to be remembered of a
 * million names: their hashes.  Two names of one hash are taken for the same,
 * which costs a second look at most.  fsck_set_free of a zeroed set is safe.
 */
#ifndef FSCK_SET_H
#define FSCK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fsck_set {
	uint64_t *v;
	size_t n, room;
};

/* Of text, from what went before: the hash of "ab" is that of "a", then "b". */
uint64_t fsck_hash(uint64_t before, const char *text);

void fsck_set_add(struct fsck_set *s, uint64_t n);
void fsck_set_sort(struct fsck_set *s);		/* once all are added */
bool fsck_set_has(const struct fsck_set *s, uint64_t n);	/* sorted */
void fsck_set_free(struct fsck_set *s);

#endif
