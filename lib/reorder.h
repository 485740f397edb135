/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the priority of what waits: one rename to another bucket. */
#ifndef REORDER_H
#define REORDER_H

#include "find.h"

struct fail;
struct spool;

enum reorder_outcome {
	REORDER_DONE,	/* it waits with that priority */
	REORDER_LATE,	/* it does not wait any more */
	REORDER_FAILED
};

/*
 * It keeps the time of its bucket, and gets a later epoch.  It competes with
 * the claim, and is tried again when the request waits elsewhere by then.
 */
enum reorder_outcome reorder(const struct spool *s, const struct found *found,
	unsigned priority, struct fail *f);

#endif
