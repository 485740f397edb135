/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids of all requests in a spool, read once, for those who have many to
 * ask about.  known_free of a zeroed struct is safe.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <stdbool.h>

struct fail;
struct spool;

struct known {
	void *pending;		/* tsearch(3) of what waits or runs */
	void *ended;		/* of what is in bad/ and done/ */
};

/* Adds what is in all queues; what has ended only if it is asked for. */
int known_read(struct known *k, const struct spool *s, bool ended,
	struct fail *f);

/* One that waits from now on. */
void known_add(struct known *k, const char *id);

bool known_is_pending(const struct known *k, const char *id);
bool known_is_there(const struct known *k, const char *id);	/* or ended */
void known_free(struct known *k);

#endif
