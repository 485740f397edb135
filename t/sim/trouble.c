/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "fault.h"
#include "host.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "trouble.h"
#include "workers.h"

static struct rng rng, reloads;

void
trouble_init(uint64_t seed)
{
	rng = rng_make(seed, 9);
	reloads = rng_make(seed, 12);
}

static struct worker *
any_worker(void)
{
	return &workers[rng_below(&rng, (uint64_t)n_workers)];
}

static void
stop_one(void *arg)
{
	struct worker *w = any_worker();
	int64_t until = sched_now + fault_span(1200 * SIM_S);

	(void)arg;
	if (!w->proc)
		return;
	fault_counts[FAULT_STOP]++;
	proc_freeze(w->proc, until);
	for (struct proc *p = procs; p; p = p->next)
		if (p->parent == w->proc && rng_one_in(&rng, 2))
			proc_freeze(p, until);
}

static void
term_one(void *arg)
{
	(void)arg;
	fault_counts[FAULT_TERM]++;
	worker_stop(any_worker());
}

static void
reload_one(void *arg)
{
	(void)arg;
	fault_counts[FAULT_RELOAD]++;
	worker_reload(&workers[rng_below(&reloads, (uint64_t)n_workers)]);
}

static void
start_twin(void *arg)
{
	(void)arg;
	fault_counts[FAULT_TWIN]++;
	worker_start_twin(any_worker());
}

static bool
is_last(const struct host *h)
{
	for (int i = 0; i < n_hosts; i++)
		if (hosts[i].is_up && &hosts[i] != h)
			return false;
	return true;
}

static void
power_on(void *arg)
{
	host_boot(arg);
}

static void
power_cut(void *arg)
{
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];

	(void)arg;
	if (!h->is_up)
		return;
	fault_counts[FAULT_POWER]++;
	h->is_up = false;
	workers_power_cut(h);
	if (!is_last(h) && rng_one_in(&rng, 6))
		fault_counts[FAULT_GONE]++;
	else
		sched_at(sched_now + rng_between(&rng, 5, 90) * SIM_S,
		    power_on, h);
}

static void
mount_anew(void *arg)
{
	(void)arg;
	fault_counts[FAULT_MOUNT]++;
	hosts[rng_below(&rng, (uint64_t)n_hosts)].mounted_at = sched_now;
}

static void
clock_jump(void *arg)
{
	(void)arg;
	fault_counts[FAULT_CLOCK]++;
	hosts[rng_below(&rng, (uint64_t)n_hosts)].wall_ns +=
	    rng_between(&rng, -600, 600) * SIM_S;
}

static void
go_away(void *arg)
{
	int64_t until = sched_now + fault_span(120 * SIM_S);
	bool all = rng_one_in(&rng, 2);

	(void)arg;
	fault_counts[FAULT_AWAY]++;
	for (int i = 0; i < n_hosts; i++)
		if (all || rng_one_in(&rng, 2))
			hosts[i].away_until = until;
}

static void
fill_up(void *arg)
{
	(void)arg;
	fault_begin_period(rng_one_in(&rng, 2) ? FAULT_FULL : FAULT_EROFS,
	    sched_now + fault_span(60 * SIM_S));
}

void
trouble_plan(int64_t span_ns)
{
	static void (*const what[])(void *) = { stop_one, term_one, power_cut,
	    start_twin, mount_anew, clock_jump, go_away, fill_up };

	if (rng_one_in(&reloads, 2))
		for (uint64_t n = rng_below(&reloads, 6); n > 0; n--)
			sched_at(sched_now + rng_between(&reloads, 0, span_ns),
			    reload_one, NULL);
	if (rng_one_in(&rng, 6))
		return;
	for (size_t i = 0; i < sizeof what / sizeof *what; i++)
		for (uint64_t n = rng_below(&rng, 4); n > 0; n--)
			sched_at(sched_now + rng_between(&rng, 0, span_ns),
			    what[i], NULL);
}
