/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world lives through a time of trouble, in which people ask for tests; then
 * all faults end, and within some hours everything must have come to its end:
 * once as the workers are, and once after all were started anew.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "actors.h"
#include "attempt.h"
#include "breaks.h"
#include "britney.h"
#include "calls.h"
#include "disk.h"
#include "fail.h"
#include "fault.h"
#include "file.h"
#include "host.h"
#include "journal.h"
#include "memory.h"
#include "oracle.h"
#include "oracle_role.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "spool.h"
#include "strs.h"
#include "trouble.h"
#include "workers.h"
#include "world.h"

enum { ASKS_MOST = 50, CALM_MOST_S = 3 * 3600, LATE_MOST_S = 130,
	RELEASE_EVERY_S = 100, IMPORT_EVERY_S = 30 };

static const char *const queues[] = { "amd64", "arm64" };
enum { QUEUES = sizeof queues / sizeof *queues };

static struct rng rng;
static struct conf conf;
static int64_t trouble_ns, calm_at;
static int phase;

static void
make_spool(void *arg)
{
	struct strs names = { 0 };
	struct fail f;

	(void)arg;
	for (int i = 0; i < QUEUES; i++)
		strs_add(&names, queues[i]);
	if (spool_init(conf.spool, conf.results, &names, &f) != 0)
		oracle_fail("%s", f.text);
	strs_free(&names);
	sched_stop();
}

static void
make_disks(void)
{
	disk_reset();
	disk_make("/spool", true)->root->role = ROLE_SPOOL;
	if (rng_one_in(&rng, 3)) {
		conf.results = world_dup("/results");
		disk_make("/results", true)->root->role = ROLE_RESULTS;
	} else {
		conf.results = world_dup("/spool/results");
	}
}

static void
ask(void *arg)
{
	static void (*const how[])(void *) = { actor_submit, actor_submit,
	    actor_drop };
	struct ask *a = world_alloc(sizeof *a);
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];
	const unsigned *number = arg;
	uint64_t i = rng_below(&rng, 3);

	*a = (struct ask){ .conf = &conf, .number = *number,
	    .arch = queues[rng_below(&rng, QUEUES)],
	    .package = (unsigned)rng_below(&rng, 4), .priority = -1 };
	/* Some are asked for twice. */
	if (*number && i != 2 && rng_one_in(&rng, 6))
		a->number = (unsigned)rng_below(&rng, *number);
	if (rng_one_in(&rng, 4))
		a->priority = (int)rng_below(&rng, 11);
	if (rng_one_in(&rng, 8))
		a->not_before_s = rng_between(&rng, 1, 300);
	a->insists = rng_one_in(&rng, 8);
	if (h->is_up)
		(void)proc_start(h, i == 2 ? "drop" : "submit", NULL, how[i],
		    a);
}

static void
look_around(void *arg)
{
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];

	(void)arg;
	if (h->is_up)
		(void)proc_start(h, "look", NULL, actor_look, &conf);
}

static void
ask_workers(void *arg)
{
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];

	(void)arg;
	if (h->is_up)
		(void)proc_start(h, "control", NULL, actor_control, &conf);
}

static void
plan_asks(void)
{
	unsigned n = (unsigned)rng_between(&rng, 5, ASKS_MOST);

	for (unsigned i = 0; i < n; i++) {
		unsigned *number = world_alloc(sizeof *number);

		*number = i;
		sched_at(sched_now + rng_between(&rng, 0, trouble_ns * 3 / 4),
		    ask, number);
	}
	for (uint64_t i = rng_below(&rng, 5); i > 0; i--)
		sched_at(sched_now + rng_between(&rng, 0, trouble_ns / 2),
		    look_around, NULL);
	for (uint64_t i = rng_below(&rng, n / 2); i > 0; i--)
		sched_at(sched_now + rng_between(&rng, 0, trouble_ns),
		    ask_workers, NULL);
}

static void
start_anew(void)
{
	phase++;
	calm_at = sched_now;
	workers_stay();
	for (int i = 0; i < n_workers; i++)
		worker_stop(&workers[i]);
}

/* Hosts come up again, so more than once. */
static void
release_all(void)
{
	for (int i = 0; i < n_hosts; i++)
		if (hosts[i].is_up) {
			(void)proc_start(&hosts[i], "release", NULL,
			    actor_release, &conf);
			return;
		}
}

static void
finish(void)
{
	oracle_finish();
	sched_stop();
}

/* Looks each second whether all has come to its end. */
static void
look(void *arg)
{
	int64_t waited_s = (sched_now - calm_at) / SIM_S;
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];

	(void)arg;
	if (waited_s % RELEASE_EVERY_S == 0)
		release_all();
	if (waited_s % IMPORT_EVERY_S == 0 && h->is_up)
		britney_finish(h);
	/* What is made late by a worker that lives, its next life removes. */
	if (waited_s > LATE_MOST_S && phase == 0 && oracle_is_settled() &&
	    britney_is_done())
		start_anew();
	else if (waited_s > LATE_MOST_S && phase == 1 && oracle_is_clean())
		finish();
	else if (waited_s > CALM_MOST_S)
		finish();
	sched_at(sched_now + SIM_S, look, NULL);
}

static void
calm_down(void *arg)
{
	(void)arg;
	fault_off();
	for (struct proc *p = procs; p; p = p->next)
		proc_thaw(p);
	workers_calm();
	calm_at = sched_now;
	look(NULL);
}

static void
init_all(uint64_t seed, const struct conf *base, const struct log *log)
{
	procs_init();
	world_reset();
	sched_reset();
	rng = rng_make(seed, 0);
	fault_init(seed);
	files_init();
	journal_init(seed);
	calls_init(seed);
	calls_proc_init(seed);
	attempts_init(seed);
	trouble_init(seed);
	actors_init(seed);
	actor_control_init(seed);
	conf = *base;
	conf.attempts = (unsigned)rng_between(&rng, 1, 4);
	conf.backoff_s = rng_between(&rng, 1, 40);
	conf.elsewhere_s = rng_between(&rng, 0, 1) * rng_between(&rng, 1, 300);
	conf.bad_host = (unsigned)rng_between(&rng, 0, 4);
	conf.settle_s = rng_between(&rng, 1, 3);
	conf.spool = world_dup("/spool");
	make_disks();
	hosts_init(seed, profile.fs == FS_LOCAL ? 1 :
	    (int)rng_between(&rng, 2, 4));
	britney_init(seed, &conf);
	oracle_init(conf.attempts);
	breaks_init(&conf);
	for (int i = 0; i < QUEUES; i++)
		if (!strs_has(&conf.queues, queues[i]))
			oracle_fail("the base has other queues");
	workers_init(seed, &conf, log);
	trouble_ns = rng_between(&rng, 30, 600) * SIM_S;
	phase = 0;
}

bool
world_run(uint64_t seed, const struct conf *base, const struct log *log)
{
	init_all(seed, base, log);
	(void)proc_start(&hosts[0], "init", NULL, make_spool, NULL);
	(void)sched_run();
	fault_on();
	workers_start();
	plan_asks();
	britney_plan(trouble_ns * 3 / 4);
	trouble_plan(trouble_ns);
	sched_at(sched_now + trouble_ns, calm_down, NULL);
	(void)sched_run();
	return !oracle_found[0];
}
