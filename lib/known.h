/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids of all requests that wait or run, read once, for those who have many
 * to ask about.  known_free of a zeroed struct is safe.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <stdbool.h>

struct fail;
struct spool;

struct known {
	void *pending;		/* of tsearch(3) */
};

/* Adds what is in all queues. */
int known_read(struct known *k, const struct spool *s, struct fail *f);

/* One that waits from now on. */
void known_add(struct known *k, const char *id);

bool known_is_pending(const struct known *k, const char *id);
void known_free(struct known *k);

#endif
