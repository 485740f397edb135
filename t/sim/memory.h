/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two kinds of memory.  The world's is taken piece by piece and given back as a
 * whole before the next seed.  And malloc(3) is the simulator's own: each
 * simulated process has a heap, which goes as a whole when the process is
 * killed, as an operating system does it.
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/* Zeroed; valid until the next world_reset. */
void *world_alloc(size_t n);
char *world_dup(const char *s);
void world_reset(void);

enum { HEAP_CLASSES = 26 };

struct heap {
	void *free[HEAP_CLASSES];	/* blocks of 2^class bytes */
	void *chunks;
	char *next, *end;		/* the rest of the newest chunk */
};

/* Where malloc(3) takes from; NULL: a heap that stays. */
void heap_use(struct heap *h);

/* Gives all of it back. */
void heap_drop(struct heap *h);

#endif
