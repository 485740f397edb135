/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may take long and touches nothing of the spool, in a process of its own:
 * the worker beats meanwhile.
 */
#ifndef ASIDE_H
#define ASIDE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Does the work there; the process is waited for by the caller, and is killed
 * with it.  Where none can be started the work is done before 0 is returned.
 */
pid_t aside_start(void (*work)(void *of), void *of);

/*
 * Waits for its end, and calls meanwhile about once a second; NULL: nothing.
 * 0, where there was none, is fine.
 */
void aside_await(pid_t pid, void (*meanwhile)(void *of), void *of);

#endif
