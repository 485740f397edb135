/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An upgrade in place: a new worker starts while the one before finishes its
 * tests.  To the protocol they are two workers, so they have two names: NAME
 * and NAME.2, of which the new one takes the one that is not held.
 */
#ifndef REPLACE_H
#define REPLACE_H

#include <stdbool.h>

#include "name.h"

struct fail;
struct spool;

struct replace {
	char name[NAME_WORKER_MAX + 1];		/* to be taken */
	char before[NAME_WORKER_MAX + 1];	/* who is to stop; "": nobody */
};

/*
 * Chooses, by who runs on this host: -1 with EX_TEMPFAIL where both do.  It is
 * the lock of the name that decides, when it is taken.
 */
int replace_choose(struct replace *r, const struct spool *s, const char *name,
	struct fail *f);

/* The other name of its pair; "" where that would be none. */
void replace_other(char other[NAME_WORKER_MAX + 1], const char *name);

/* Whether its heartbeat names a process of this host that is a worker. */
bool replace_is_alive(const struct spool *s, const char *worker);

/*
 * Sends SIGTERM to a worker of this host: 1, 0 where it runs no more, or -1.
 * It finishes what runs, or gives it back, as its configuration says.
 */
int replace_stop(const struct spool *s, const char *worker, struct fail *f);

#endif
