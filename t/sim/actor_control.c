/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "actors.h"
#include "cancel.h"
#include "choose.h"
#include "conf.h"
#include "control.h"
#include "fail.h"
#include "oracle.h"
#include "proc.h"
#include "reorder.h"
#include "rng.h"
#include "sched.h"
#include "spool.h"
#include "strs.h"

enum { TRIES = 5, RELEASES = 10 };

static struct rng rng;

void
actor_control_init(uint64_t seed)
{
	rng = rng_make(seed, 11);
}

static void
meddle_with(const struct conf *c, const struct spool *s,
	const struct found *found)
{
	struct fail f;

	switch (rng_below(&rng, 3)) {
	case 0:
		oracle_cancelled(found->token.id);
		(void)cancel(c, s, found, NULL, &f);
		break;
	case 1:
		if (found->state == FIND_RUNNING)
			(void)cancel_attempt(s, found, NULL, &f);
		break;
	case 2:
		if (found->state == FIND_WAITING)
			(void)reorder(s, found, (unsigned)rng_below(&rng,
			    TOKEN_PRIORITY_MOST + 1), &f);
		break;
	}
}

/* One of those that wait or run. */
static void
meddle(const struct conf *c, const struct spool *s)
{
	struct choice all = { .pattern = ".", .waiting = true,
	    .running = true };
	struct chosen l;
	struct fail f;

	if (choose(c, s, &all, &l, &f) == 0 && l.n) {
		const struct found found = l.v[rng_below(&rng, l.n)];

		proc_wait(rng_between(&rng, 0, 2000) * SIM_MS);
		meddle_with(c, s, &found);
	}
	choose_free(&l);
}

static void
hold(const struct conf *c, const struct spool *s)
{
	struct strs workers = { 0 };
	struct fail f;

	if (rng_one_in(&rng, 2)) {
		(void)control_put(s, CONTROL_HOLD,
		    c->queues.v[rng_below(&rng, c->queues.n)], NULL, &f);
	} else {
		strs_addf(&workers, "w%d", (int)rng_below(&rng, 4));
		(void)control_put(s, CONTROL_DRAIN, workers.v[0], NULL, &f);
	}
	strs_free(&workers);
}

void
actor_control(void *arg)
{
	const struct conf *c = arg;
	struct spool s;
	struct fail f;

	for (int i = 0; i < TRIES; i++) {
		if (spool_open(&s, c->spool, c->results, &f) == 0) {
			if (rng_one_in(&rng, 6))
				hold(c, &s);
			else
				meddle(c, &s);
			spool_close(&s);
		}
		proc_wait(rng_between(&rng, 0, 10) * SIM_S);
	}
}

static void
release_all(const struct spool *s)
{
	struct strs names = { 0 };
	struct fail f;

	(void)control_list(s, &names, &f);
	for (size_t i = 0; i < names.n; i++) {
		enum control_verb verb;
		const char *of = control_parse(names.v[i], &verb);

		if (verb != CONTROL_CANCEL && verb != CONTROL_KILL)
			(void)control_drop(s, verb, of, &f);
	}
	strs_free(&names);
}

/* Looks for long: the listing may be old, and somebody still be at it. */
void
actor_release(void *arg)
{
	const struct conf *c = arg;
	struct spool s;
	struct fail f;

	for (int i = 0; i < RELEASES; i++) {
		if (spool_open(&s, c->spool, c->results, &f) == 0) {
			release_all(&s);
			spool_close(&s);
		}
		proc_wait(SIM_S);
	}
}
