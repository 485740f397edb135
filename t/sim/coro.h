/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coroutines: stacks that the scheduler switches between. */
#ifndef SIM_CORO_H
#define SIM_CORO_H

struct coro;

/* Runs main(arg) when it is first resumed; main never returns. */
struct coro *coro_make(void (*main)(void *), void *arg);

/* Runs c until it yields; called by who is no coroutine. */
void coro_resume(struct coro *c);

/* Back to who resumed. */
void coro_yield(void);

/* Gives back one that is not running; what is on its stack is gone. */
void coro_free(struct coro *c);

#endif
