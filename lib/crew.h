/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for many calls at the same time. */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>

enum { CREW_MOST = 32 };

/*
 * Does work for each i below n, in no order, by up to so many threads, which
 * are gone when it returns.  Where none can be started it takes longer.
 */
void crew_run(size_t n, size_t threads,
	void (*work)(void *context, size_t i), void *context);

#endif
