/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdlib.h>

#include "memory.h"
#include "sched.h"

struct event {
	int64_t at;
	uint64_t number;	/* of two at one time the older one is first */
	void (*what)(void *arg);
	void *arg;
};

enum { EVENTS_MOST = 1 << 14 };

int64_t sched_now;

/* A binary heap: no event is before its parent. */
static struct event events[EVENTS_MOST];
static size_t n_events;
static uint64_t number;
static bool stopped;

static bool
is_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

void
sched_reset(void)
{
	n_events = 0;
	number = 0;
	sched_now = 0;
	stopped = false;
}

void
sched_at(int64_t at, void (*what)(void *arg), void *arg)
{
	struct event e = { at, number++, what, arg };
	size_t i = n_events++;

	if (n_events == EVENTS_MOST)
		abort();
	while (i > 0 && is_before(&e, &events[(i - 1) / 2])) {
		events[i] = events[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	events[i] = e;
}

static struct event
take_first(void)
{
	struct event first = events[0], last = events[--n_events];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < n_events) {
		if (child + 1 < n_events &&
		    is_before(&events[child + 1], &events[child]))
			child++;
		if (!is_before(&events[child], &last))
			break;
		events[i] = events[child];
		i = child;
	}
	events[i] = last;
	return first;
}

bool
sched_may_pass(int64_t at)
{
	return !stopped && (n_events == 0 || at < events[0].at);
}

bool
sched_run(void)
{
	stopped = false;
	while (!stopped && n_events) {
		struct event e = take_first();

		sched_now = e.at;
		e.what(e.arg);
	}
	return stopped;
}

void
sched_stop(void)
{
	stopped = true;
}
