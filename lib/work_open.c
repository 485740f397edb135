/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "policy.h"
#include "run.h"
#include "sandbox.h"
#include "spool.h"
#include "watch.h"
#include "work.h"
#include "work_open.h"

void
work_say_once(struct worker *w, const char *text)
{
	log_say_once(w->log, &w->said, text);
}

static void
add_watch(struct worker *w, const char *folder, const char *below,
	enum watch_what what)
{
	char *path = mem_printf("%s/%s%s", w->shop.spool->path, folder, below);
	struct fail f;

	if (watch_add(path, what, &f) != 0) {
		w->is_told = false;
		work_say_once(w, f.text);
	}
	free(path);
}

void
work_open_watch(struct worker *w)
{
	struct fail f;

	w->watch = watch_open(&f);
	w->is_told = w->watch >= 0;
	for (size_t i = 0; w->watch >= 0 && i < w->n_queues; i++)
		add_watch(w, w->queues[i].name, "/new", WATCH_ARRIVALS);
	if (w->watch >= 0)	/* what was taken back is news */
		add_watch(w, "control", "", WATCH_LEAVINGS_TOO);
	if (w->watch < 0)
		log_say(w->log, LOG_LEVEL_ERROR, "no inotify (%s); new "
		    "requests are seen by polling alone", f.text);
}

void
work_refresh_failures(struct worker *w)
{
	struct fail f;
	int rc = classify_refresh(&w->failures, &f);

	if (rc < 0)
		log_say(w->log, LOG_LEVEL_ERROR, "%s; what was read before "
		    "stays", f.text);
	else if (rc > 0)
		log_say(w->log, LOG_LEVEL_INFO, "%s: %zu patterns of failures",
		    w->failures.path, w->failures.n);
}

static int
block_signals(struct worker *w, struct fail *f)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* Sent when a lease (admit.c) is broken: no news to us. */
	(void)sigaction(SIGIO, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	w->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return w->signals < 0 ? fail_errno(f, "signalfd") : 0;
}

static bool
is_held(const void *holder, const char *name)
{
	return slots_hold(holder, name);
}

void
work_add_claimer(struct worker *w)
{
	struct claimer *c = &w->claimers[w->n_queues];

	claim_init(c, &w->queues[w->n_queues], w->conf->worker);
	c->is_held = is_held;
	c->holder = &w->slots;
	c->is_for_others = elsewhere_has;
	c->others = &w->elsewhere;
	w->n_queues++;
}

static int
open_queues(struct worker *w, struct fail *f)
{
	const struct strs *names = &w->conf->queues;

	w->queues = mem_alloc(names->n * sizeof *w->queues);
	w->claimers = mem_alloc(names->n * sizeof *w->claimers);
	while (w->n_queues < names->n) {
		struct queue *q = &w->queues[w->n_queues];

		if (queue_open(q, w->shop.spool, names->v[w->n_queues], f) != 0)
			return -1;
		work_add_claimer(w);
	}
	return 0;
}

/*
 * The name is ours by now, and so is what runs under it.  What was killed may
 * have written where scratch was removed already.
 */
static int
open_cgroups(struct worker *w, struct fail *f)
{
	const struct conf *c = w->conf;
	struct buf text = { 0 };

	if (cgroup_open(&w->cgroup, c, f) != 0)
		return -1;
	cgroup_tell(&w->cgroup, c, &text);
	log_say(w->log, LOG_LEVEL_INFO, "worker %s: %s", c->worker, text.s);
	buf_free(&text);
	if (!w->cgroup.left)
		return 0;
	log_say(w->log, LOG_LEVEL_INFO, "worker %s: %u runs of an earlier life "
	    "were killed", c->worker, w->cgroup.left);
	duty_clean(&w->duty);
	return 0;
}

static int
set_up(struct worker *w, struct fail *f)
{
	const struct conf *c = w->conf;

	slots_init(&w->slots, c->slots);
	/* What settles starts one after the other, too, from that moment on. */
	w->slots.cautious = &w->health.bad;
	w->shop.policy = policy_open(c, f);
	if (!w->shop.policy)
		return -1;
	/* Where it was ignored, nobody's end could be waited for. */
	(void)sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL },
	    NULL);
	if (classify_refresh(&w->failures, f) < 0) {
		f->status = EX_CONFIG;
		return -1;
	}
	if (run_make_scratch(c->scratch, f) != 0 ||
	    open_queues(w, f) != 0 ||
	    sandbox_choose(c, &w->shop.isolated, f) != 0 ||
	    guard_start(&w->guard, w->shop.spool->path, w->log, f) != 0 ||
	    duty_take_up(&w->duty, f) != 0 ||
	    open_cgroups(w, f) != 0 ||
	    block_signals(w, f) != 0)
		return -1;
	duty_clean_pair(&w->duty, &w->cgroup);
	w->shop.fence = w->duty.fence;
	w->shop.cgroup = &w->cgroup;
	w->duty.is_held = is_held;
	w->duty.holder = &w->slots;
	w->ready.queues = w->queues;
	w->ready.n_queues = w->n_queues;
	work_open_watch(w);
	return 0;
}

int
work_open(struct worker *w, struct conf *c, const struct spool *s,
	const struct log *log, struct fail *f)
{
	const struct work_options *o = w->options;

	*w = (struct worker){ .options = o,
	    .shop = { .conf = c, .spool = s, .log = log },
	    .conf = c, .live = c, .log = log,
	    .ready = { .conf = c, .spool = s },
	    .signals = -1, .watch = -1, .cgroup = { .runs = -1 } };
	duty_init(&w->duty, c, s, log);
	w->duty.notify = o->notify;
	notify_patience(o->notify, c->lease_s * 1000);
	w->shop.recent = &w->duty.state.recent;
	w->shop.left = &w->duty.left;
	w->shop.trouble = &w->ready.trouble;
	w->duty.guard = &w->guard;
	w->shop.stopping = &w->stopping;
	w->shop.control = &w->control;
	w->shop.counts = w->duty.state.counts;
	w->shop.health = &w->health;
	w->shop.elsewhere = &w->elsewhere;
	w->shop.failures = &w->failures;
	classify_init(&w->failures, c->failures);
	return set_up(w, f);
}

void
work_close(struct worker *w)
{
	for (size_t i = 0; i < w->n_queues; i++) {
		claim_free(&w->claimers[i]);
		queue_close(&w->queues[i]);
	}
	watch_close();
	if (w->signals >= 0)
		(void)close(w->signals);
	duty_free(&w->duty);
	guard_stop(&w->guard);
	cgroup_close(&w->cgroup);
	free(w->queues);
	free(w->claimers);
	slots_free(&w->slots);
	policy_close(w->shop.policy);
	strs_free(&w->control);
	strs_free(&w->unserved);
	health_free(&w->health);
	elsewhere_free(&w->elsewhere);
	classify_free(&w->failures);
}
