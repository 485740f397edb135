/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where each request was seen, 16 bytes a name: enough to tell which ones were
 * seen twice.  fsck_ids_free of a zeroed struct is safe.
 */
#ifndef FSCK_IDS_H
#define FSCK_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fsck_place { FSCK_WAITING, FSCK_CLAIMED, FSCK_DONE, FSCK_BAD };

struct fsck_id {
	uint64_t id_place;	/* the id's 60 bits, and 4 for the place */
	uint64_t path;		/* a hash of it */
};

struct fsck_ids {
	struct fsck_id *v;
	size_t n, room;
};

/* The 60 bits of an id that is ok. */
uint64_t fsck_id_number(const char *id);

void fsck_ids_add(struct fsck_ids *ids, uint64_t id, enum fsck_place place,
	uint64_t path);
void fsck_ids_sort(struct fsck_ids *ids);	/* once all are added */

/* A bit for each place where the id was seen; sorted. */
unsigned fsck_ids_places(const struct fsck_ids *ids, uint64_t id);

/* Whether it was seen there under that very name; sorted. */
bool fsck_ids_has(const struct fsck_ids *ids, uint64_t id,
	enum fsck_place place, uint64_t path);

/*
 * Calls each for every name of every id that was seen under two names, those
 * of an id one after the other; sorted.
 */
void fsck_ids_twice(const struct fsck_ids *ids,
	void (*each)(void *context, uint64_t id, uint64_t path),
	void *context);

void fsck_ids_free(struct fsck_ids *ids);

#endif
