/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts did to directories and is not on disk yet, where a filesystem does
 * not do that at once.  A power cut undoes the newest part of it, up to what
 * was synced, is some seconds old, or was seen by another host.
 */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include "change.h"

struct host;

void journal_init(uint64_t seed);

/*
 * A change that was done: what it took away, NULL: nothing; and what it
 * replaced.
 */
void journal_note(const struct change *c, struct dent *from,
	struct dent *replaced);

/* All that the host did up to what it did to n last is on disk. */
void journal_sync(struct host *h, const struct node *n);

/* The host sees the directory: so what others did to it is on disk. */
void journal_show(const struct host *h, const struct node *dir);

void journal_power_cut(struct host *h);

#endif
