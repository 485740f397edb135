/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread, one loop: claim while there are free slots, wait for news, move
 * every job one step on.  A watch only says when to look; a listing at every
 * poll sees what the watch cannot (other hosts, lost events).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "claim.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "job.h"
#include "lease.h"
#include "log.h"
#include "mem.h"
#include "recover.h"
#include "sandbox.h"
#include "spool.h"
#include "watch.h"
#include "work.h"

enum {
	SETTLING_MOST = 32,	/* dropped files that are waited for at once */
	SETTLE_TICK_MS = 200,
	PUSH_TICK_MS = 2000,	/* between tries of what failed */
};

struct worker {
	struct job_shop shop;
	const struct conf *conf;
	const struct log *log;
	struct queue *queues;
	struct claimer *claimers;
	size_t n_queues, turn;	/* whose turn it is to be served first */
	struct job *jobs;
	size_t n_jobs;
	struct lease lease;
	struct worker_state state;
	int signals, watch;
	struct job_trouble trouble;
	int64_t poll_at_ms, beat_at_ms;
	bool look, drain, stopping;
	char said[1024];
};

static size_t
count(const struct worker *w, enum job_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_jobs; i++)
		n += w->jobs[i].state == state;
	return n;
}

/* A slot is taken from the start of a test to the end of its publication. */
static bool
has_room(const struct worker *w)
{
	return count(w, JOB_RUNNING) + count(w, JOB_LEAVING) +
	    count(w, JOB_PUBLISHING) < w->conf->slots;
}

static struct job *
free_job(struct worker *w)
{
	for (size_t i = 0; i < w->n_jobs; i++)
		if (w->jobs[i].state == JOB_FREE)
			return &w->jobs[i];
	return NULL;
}

static void
say_once(struct worker *w, const char *text)
{
	if (strcmp(w->said, text) == 0)
		return;
	(void)snprintf(w->said, sizeof w->said, "%s", text);
	log_say(w->log, LOG_LEVEL_ERROR, "%s", text);
}

static void
set_text(char **field, const char *text)
{
	free(*field);
	*field = text ? mem_dup(text) : NULL;
}

/* Claims one request from any queue; false when there is none to be had. */
static bool
claim_one(struct worker *w)
{
	struct job *j = free_job(w);
	struct claim won;
	struct fail f;

	for (size_t i = 0; j && i < w->n_queues; i++) {
		size_t at = (w->turn + i) % w->n_queues;

		switch (claim_next(&w->claimers[at], &won, &f)) {
		case CLAIM_WON:
			w->turn = at + 1;
			job_take(j, &w->shop, &w->queues[at], &won);
			job_settle(j, has_room(w));
			return true;
		case CLAIM_FAILED:
			say_once(w, f.text);
			set_text(&w->state.problem, f.text);
			break;
		case CLAIM_NONE:
			break;
		}
	}
	return false;
}

static bool
in_trouble(struct worker *w)
{
	if (clock_boot_ms() >= w->trouble.until_ms)
		return false;
	set_text(&w->state.problem, w->trouble.text);
	return true;
}

static void
claim_all(struct worker *w)
{
	if (!w->look || w->stopping || in_trouble(w))
		return;
	set_text(&w->state.problem, NULL);
	while (has_room(w) && count(w, JOB_SETTLING) < SETTLING_MOST &&
	    !in_trouble(w)) {
		if (!claim_one(w)) {
			w->look = false;	/* until there is news */
			return;
		}
	}
}

static void
reap(struct worker *w)
{
	for (size_t i = 0; i < w->n_jobs; i++) {
		struct job *j = &w->jobs[i];
		int status;

		if (j->state == JOB_RUNNING &&
		    waitpid(j->pid, &status, WNOHANG) == j->pid) {
			job_ended(j, status);
			w->look = true;
		}
	}
}

static void
push_all(struct worker *w)
{
	for (size_t i = 0; i < w->n_jobs; i++) {
		struct job *j = &w->jobs[i];

		if (j->state == JOB_SETTLING)
			job_settle(j, has_room(w));
		else if (j->state == JOB_LEAVING || j->state == JOB_PUBLISHING)
			job_push(j);
	}
}

static void
beat(struct worker *w)
{
	struct fail f;

	strs_free(&w->state.running);
	for (size_t i = 0; i < w->n_jobs; i++)
		if (w->jobs[i].state == JOB_RUNNING)
			strs_add(&w->state.running, w->jobs[i].claim.name);
	if (lease_beat(&w->lease, &w->state, &f) != 0)
		say_once(w, f.text);
	w->beat_at_ms = clock_boot_ms() + w->conf->heartbeat_s * 1000;
}

static void
stop(struct worker *w)
{
	bool again = w->stopping;

	w->stopping = true;
	w->drain = false;
	set_text(&w->state.state, "stopping");
	log_say(w->log, LOG_LEVEL_INFO, "stopping: %s",
	    again || w->conf->on_stop == CONF_STOP_GIVE_BACK ?
	    "what runs is given back" : "what runs is finished first");
	for (size_t i = 0; i < w->n_jobs; i++)
		if (w->jobs[i].state == JOB_SETTLING || again ||
		    w->conf->on_stop == CONF_STOP_GIVE_BACK)
			job_give_back(&w->jobs[i]);
	beat(w);
}

static void
take_signals(struct worker *w)
{
	struct signalfd_siginfo si;

	while (read(w->signals, &si, sizeof si) == (ssize_t)sizeof si)
		if (si.ssi_signo == SIGCHLD)
			reap(w);
		else
			stop(w);
}

static void
open_watch(struct worker *w)
{
	struct fail f;

	w->watch = watch_open(&f);
	for (size_t i = 0; w->watch >= 0 && i < w->n_queues; i++) {
		char *path = mem_printf("%s/%s/new", w->shop.spool->path,
		    w->queues[i].name);

		if (watch_add(path, &f) != 0)
			say_once(w, f.text);
		free(path);
	}
	if (w->watch < 0)
		log_say(w->log, LOG_LEVEL_ERROR, "no inotify (%s); new "
		    "requests are seen by polling alone", f.text);
}

static void
take_news(struct worker *w)
{
	switch (watch_drain()) {
	case WATCH_LOST:
		watch_close();
		open_watch(w);
		/* fallthrough */
	case WATCH_NEWS:
		w->look = true;
		break;
	case WATCH_NOTHING:
		break;
	}
}

/* Until when the loop may sleep. */
static int
patience_ms(const struct worker *w)
{
	int64_t now_ms = clock_boot_ms(), wall_s = clock_now_s();
	int64_t until_ms = w->beat_at_ms < w->poll_at_ms ? w->beat_at_ms :
	    w->poll_at_ms;
	int64_t ms = until_ms - now_ms;

	/* With a look due already it is a free slot that is waited for. */
	for (size_t i = 0; i < w->n_queues && !w->look; i++) {
		int64_t due_s = w->claimers[i].next_due_s;

		if (due_s && (due_s - wall_s) * 1000 < ms)
			ms = (due_s - wall_s) * 1000;
	}
	if (count(w, JOB_SETTLING) && ms > SETTLE_TICK_MS)
		ms = SETTLE_TICK_MS;
	if (count(w, JOB_LEAVING) + count(w, JOB_PUBLISHING) &&
	    ms > PUSH_TICK_MS)
		ms = PUSH_TICK_MS;
	return ms < 0 ? 0 : (int)ms;
}

static void
wait_for_news(struct worker *w)
{
	struct pollfd p[] = { { .fd = w->signals, .events = POLLIN },
	    { .fd = w->watch, .events = POLLIN } };

	(void)poll(p, 2, patience_ms(w));
	if (p[1].revents)
		take_news(w);
	if (p[0].revents)
		take_signals(w);
	if (clock_boot_ms() >= w->poll_at_ms) {
		w->poll_at_ms = clock_boot_ms() + w->conf->poll_s * 1000;
		w->look = true;
	}
	for (size_t i = 0; i < w->n_queues; i++)
		if (w->claimers[i].next_due_s &&
		    w->claimers[i].next_due_s <= clock_now_s())
			w->look = true;
	if (clock_boot_ms() >= w->beat_at_ms)
		beat(w);
}

static bool
is_finished(const struct worker *w)
{
	if (count(w, JOB_FREE) != w->n_jobs)
		return false;
	return w->stopping || (w->drain && (!w->look || w->state.problem));
}

static int
block_signals(struct worker *w, struct fail *f)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
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

static int
open_queues(struct worker *w, struct fail *f)
{
	const struct strs *names = &w->conf->queues;

	w->queues = mem_alloc(names->n * sizeof *w->queues);
	w->claimers = mem_alloc(names->n * sizeof *w->claimers);
	for (; w->n_queues < names->n; w->n_queues++) {
		struct queue *q = &w->queues[w->n_queues];

		if (queue_open(q, w->shop.spool, names->v[w->n_queues], f) != 0)
			return -1;
		claim_init(&w->claimers[w->n_queues], q, w->conf->worker);
	}
	return 0;
}

static int
choose_isolation(struct worker *w, struct fail *f)
{
	struct fail why;

	if (w->conf->isolate == CONF_ISOLATE_NEVER)
		return 0;
	w->shop.isolated = sandbox_can_isolate(&why) == 0;
	if (!w->shop.isolated && w->conf->isolate == CONF_ISOLATE_ALWAYS)
		return fail_set(f, EX_CONFIG, "%s: isolate: always, but %s",
		    w->conf->file, why.text);
	return 0;
}

/* The recent results of an earlier life are still news. */
static void
remember(struct worker *w)
{
	struct worker_state before;
	struct fail f;

	if (lease_read(w->shop.spool, w->conf->worker, &before, &f) == 0)
		strs_add_all(&w->state.recent, &before.recent);
	worker_state_free(&before);
}

static int
set_up(struct worker *w, struct fail *f)
{
	const struct conf *c = w->conf;

	w->n_jobs = c->slots + SETTLING_MOST;
	w->jobs = mem_alloc(w->n_jobs * sizeof *w->jobs);
	if (open_queues(w, f) != 0 || choose_isolation(w, f) != 0 ||
	    lease_take(&w->lease, w->shop.spool, c->worker, f) != 0 ||
	    block_signals(w, f) != 0)
		return -1;
	remember(w);
	open_watch(w);
	return recover(c, w->shop.spool, w->log, f);
}

static void
tear_down(struct worker *w)
{
	for (size_t i = 0; i < w->n_queues; i++) {
		claim_free(&w->claimers[i]);
		queue_close(&w->queues[i]);
	}
	watch_close();
	if (w->signals >= 0)
		(void)close(w->signals);
	lease_release(&w->lease);
	worker_state_free(&w->state);
	free(w->queues);
	free(w->claimers);
	free(w->jobs);
}

static int
loop(struct worker *w, struct fail *f)
{
	w->look = true;
	beat(w);
	for (;;) {
		push_all(w);
		claim_all(w);
		if (is_finished(w))
			break;
		wait_for_news(w);
	}
	set_text(&w->state.state, "stopped");
	beat(w);
	if (w->drain && w->state.problem)
		return fail_set(f, EX_TEMPFAIL, "not all could be run: %s",
		    w->state.problem);
	return 0;
}

static void
introduce(struct worker *w)
{
	const struct conf *c = w->conf;
	char host[NAME_WORKER_MAX + 1] = "";

	(void)gethostname(host, sizeof host - 1);
	w->state = (struct worker_state){ .worker = mem_dup(c->worker),
	    .host = mem_dup(host), .version = mem_dup(VERSION),
	    .state = mem_dup("running"), .pid = getpid(), .slots = c->slots,
	    .started_s = clock_now_s(), .heartbeat_s = c->heartbeat_s };
	strs_add_all(&w->state.queues, &c->queues);
	w->shop.recent = &w->state.recent;
	w->shop.trouble = &w->trouble;
}

int
work(const struct conf *c, const struct spool *s, const struct log *log,
	bool drain, struct fail *f)
{
	struct worker w = { .shop = { .conf = c, .spool = s, .log = log },
	    .conf = c, .log = log, .lease = { .fd = -1 }, .signals = -1,
	    .watch = -1, .drain = drain };
	int rc;

	introduce(&w);
	rc = set_up(&w, f);
	if (rc == 0) {
		log_say(log, LOG_LEVEL_INFO, "worker %s: %u slots, %s",
		    c->worker, c->slots, w.shop.isolated ?
		    "testbeds isolated" : "testbeds not isolated");
		rc = loop(&w, f);
		log_say(log, LOG_LEVEL_INFO, "worker %s: stopped", c->worker);
	}
	tear_down(&w);
	return rc;
}
