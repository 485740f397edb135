/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <stdatomic.h>

#include "crew.h"

struct crew {
	void (*work)(void *context, size_t i);
	void *context;
	size_t n;
	atomic_size_t next;
};

/* So small that the C library keeps the stacks of all for the next crew. */
enum { STACK_SIZE = 256 * 1024 };

static void *
do_some(void *crew)
{
	struct crew *c = crew;
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
		c->work(c->context, i);
	return NULL;
}

void
crew_run(size_t n, size_t threads, void (*work)(void *context, size_t i),
	void *context)
{
	struct crew c = { .work = work, .context = context, .n = n };
	pthread_t others[CREW_MOST - 1];
	pthread_attr_t small;
	size_t started = 0;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, STACK_SIZE);
	while (started < CREW_MOST - 1 && started + 1 < threads &&
	    started + 1 < n &&
	    pthread_create(&others[started], &small, do_some, &c) == 0)
		started++;
	(void)do_some(&c);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(others[i], NULL);
	(void)pthread_attr_destroy(&small);
}
