/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>

#include "fail.h"
#include "serve_site.h"

enum { STEP = 64 << 10 };

int
serve_site_hold(struct serve_site *s, size_t *held, size_t size,
	struct fail *f)
{
	size_t more, before;

	if (size <= *held)
		return 0;
	more = (size - *held + STEP - 1) / STEP * STEP;
	before = atomic_fetch_add(&s->held, more);
	if (before > *held && before + more > SERVE_HELD_MOST) {
		(void)atomic_fetch_sub(&s->held, more);
		return fail_set(f, EX_TEMPFAIL, "too many large answers at "
		    "the same time");
	}
	*held += more;
	return 0;
}

void
serve_site_release(struct serve_site *s, size_t *held)
{
	(void)atomic_fetch_sub(&s->held, *held);
	*held = 0;
}

int
serve_site_take_turn(struct serve_site *s, struct fail *f)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SERVE_TURN_WAIT_S;
	if (pthread_mutex_clocklock(&s->turn, CLOCK_MONOTONIC, &until) == 0)
		return 0;
	return fail_set(f, EX_TEMPFAIL, "others read the whole tree now");
}

void
serve_site_end_turn(struct serve_site *s)
{
	(void)pthread_mutex_unlock(&s->turn);
}
