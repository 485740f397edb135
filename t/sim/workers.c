/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fail.h"
#include "fault.h"
#include "file.h"
#include "host.h"
#include "journal.h"
#include "mem.h"
#include "oracle.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "spool.h"
#include "work.h"
#include "workers.h"
#include "wrap.h"

struct worker workers[WORKERS_MOST];
int n_workers;

static struct rng rng, reloads;
static const struct log *log_to;
static bool stay, calm;

static void
set_conf(struct worker *w, const struct conf *base)
{
	struct conf *c = &w->conf;

	*c = *base;
	c->worker = w->name;
	c->slots = (unsigned)rng_between(&rng, 1, 3);
	c->poll_s = rng_between(&rng, 1, 5);
	c->heartbeat_s = rng_between(&rng, 1, 5);
	c->lease_s = rng_between(&rng, CONF_BEATS_LEAST, 20) *
	    c->heartbeat_s;
	c->on_stop = rng_one_in(&rng, 2) ? CONF_STOP_FINISH :
	    CONF_STOP_GIVE_BACK;
}

void
workers_init(uint64_t seed, const struct conf *base, const struct log *log)
{
	rng = rng_make(seed, 7);
	reloads = rng_make(seed, 13);
	log_to = log;
	stay = calm = false;
	n_workers = (int)rng_between(&rng, 2, 4);
	for (int i = 0; i < n_workers; i++) {
		struct worker *w = &workers[i];

		*w = (struct worker){ .host = &hosts[i % n_hosts] };
		(void)snprintf(w->name, sizeof w->name, "w%d", i + 1);
		set_conf(w, base);
	}
}

/* What a process has for itself, as far as a reload frees or moves it. */
static void
copy_conf(struct conf *to, const struct conf *from)
{
	*to = *from;
	to->spool = mem_dup(from->spool);
	to->results = mem_dup(from->results);
	to->worker = mem_dup(from->worker);
	to->scratch = mem_dup(from->scratch);
	to->index_store = mem_dup(from->index_store);
	to->serve_listen = mem_dup(from->serve_listen);
	to->cgroup = mem_dup(from->cgroup);
	to->queues = (struct strs){ 0 };
	strs_add_all(&to->queues, &from->queues);
}

/* The rest is everybody's. */
void
__wrap_conf_free(struct conf *c)
{
	if (!proc_now)
		__real_conf_free(c);
	*c = (struct conf){ 0 };
}

static int
reread(void *of, struct conf *fresh, struct fail *f)
{
	const struct worker *w = of;

	if (!calm && rng_one_in(&reloads, 5))
		return fail_set(f, EX_CONFIG, "it is no configuration now");
	copy_conf(fresh, &w->conf);
	fresh->slots = (unsigned)rng_between(&reloads, 1, 4);
	fresh->on_stop = rng_one_in(&reloads, 2) ? CONF_STOP_FINISH :
	    CONF_STOP_GIVE_BACK;
	if (!calm && rng_one_in(&reloads, 2)) {
		size_t n = rng_below(&reloads, fresh->queues.n);

		free(fresh->queues.v[n]);
		fresh->queues.v[n] = fresh->queues.v[--fresh->queues.n];
	}
	return 0;
}

static void
be_worker(void *arg)
{
	struct worker *w = arg;
	const struct work_options options = { .reread = reread, .of = w };
	struct conf conf;
	struct spool s;
	struct fail f;

	copy_conf(&conf, &w->conf);

	if (spool_open(&s, w->conf.spool, w->conf.results, &f) != 0)
		proc_exit(f.status);
	if (work(&conf, &s, log_to, &options, &f) != 0)
		proc_exit(f.status);
	if (!proc_now->is_told)
		oracle_fail("%s: ended, though nobody told it to", w->name);
	proc_exit(0);
}

static void start(void *arg);

/* Some workers are never seen again, as long as there are others. */
static bool
goes_for_good(const struct worker *w)
{
	int others = 0;

	for (int i = 0; i < n_workers; i++)
		others += &workers[i] != w && !workers[i].is_gone;
	return !stay && !w->proc->is_told && others && rng_one_in(&rng, 6);
}

static void
ended(struct proc *p)
{
	for (int i = 0; i < n_workers; i++) {
		struct worker *w = &workers[i];

		if (w->proc != p)
			continue;
		w->is_gone = goes_for_good(w);
		w->proc = NULL;
		if (w->is_gone)
			fault_counts[FAULT_GONE]++;
		else
			sched_at(sched_now + rng_between(&rng, 1, 20) * SIM_S,
			    start, w);
	}
}

static void
start(void *arg)
{
	struct worker *w = arg;

	if ((!stay || !w->host->is_up) && rng_one_in(&rng, 4))
		w->host = &hosts[rng_below(&rng, (uint64_t)n_hosts)];
	if (!w->host->is_up) {
		sched_at(sched_now + SIM_S, start, w);
		return;
	}
	w->proc = proc_start(w->host, w->name, NULL, be_worker, w);
	w->proc->on_end = ended;
}

void
workers_start(void)
{
	for (int i = 0; i < n_workers; i++)
		start(&workers[i]);
}

void
worker_start_twin(struct worker *w)
{
	struct host *h = &hosts[rng_below(&rng, (uint64_t)n_hosts)];

	if (h->is_up && w->proc && h != w->host)
		(void)proc_start(h, w->name, NULL, be_worker, w);
}

void
worker_stop(struct worker *w)
{
	for (struct proc *p = procs; p; p = p->next)
		if (strcmp(p->name, w->name) == 0) {
			p->is_told = true;
			proc_signal(p, SIGTERM);
		}
}

void
worker_reload(struct worker *w)
{
	for (struct proc *p = procs; p; p = p->next)
		if (strcmp(p->name, w->name) == 0)
			proc_signal(p, SIGHUP);
}

void
workers_stay(void)
{
	stay = true;
}

void
workers_calm(void)
{
	calm = true;
	for (int i = 0; i < n_workers; i++)
		worker_reload(&workers[i]);
}

void
workers_power_cut(struct host *h)
{
	for (struct proc *p = procs, *next; p; p = next) {
		next = p->next;
		if (p->host != h || p->has_ended)
			continue;
		for (int i = 0; i < PROC_FDS; i++) {
			struct file *f = p->fds[i];

			if (!f || !f->node)
				continue;
			file_spoil(f);
			if (f->node->lock == f)
				f->node->lock_until = sched_now +
				    rng_between(&rng, 1, 90) * SIM_S;
		}
		proc_end(p, SIGKILL);
		next = procs;	/* its children may be off the list */
	}
	journal_power_cut(h);
	files_power_cut(h);
}
