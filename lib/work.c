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
#include <unistd.h>

#include "claim.h"
#include "clock.h"
#include "conf.h"
#include "duty.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "ready.h"
#include "run.h"
#include "sandbox.h"
#include "scan.h"
#include "slots.h"
#include "spool.h"
#include "watch.h"
#include "work.h"

enum {
	SETTLE_TICK_MS = 200,
	PUSH_TICK_MS = 2000,	/* between tries of what failed */
	STOP_PATIENCE_MS = 30000,
	TICK_LEAST_MS = 10,	/* no timer makes the loop spin */
};

struct worker {
	struct job_shop shop;
	const struct conf *conf;
	const struct log *log;
	struct queue *queues;
	struct claimer *claimers;
	size_t n_queues, turn;	/* whose turn it is to be served first */
	struct slots slots;
	struct duty duty;
	struct ready ready;
	int signals, watch;
	int64_t poll_at_ms;
	int64_t stop_at_ms;	/* what cannot leave by then stays */
	bool look, drain, stopping;
	bool taken;		/* another process has our name */
	char said[1024];
};

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
	struct job *j = slots_next(&w->slots);
	struct claim won;
	struct fail f;

	for (size_t i = 0; j && i < w->n_queues; i++) {
		size_t at = (w->turn + i) % w->n_queues;

		w->claimers[at].no_dropped = !slots_can_settle(&w->slots);
		switch (claim_next(&w->claimers[at], &won, &f)) {
		case CLAIM_WON:
			w->turn = at + 1;
			job_take(j, &w->shop, &w->queues[at], &won);
			job_settle(j, slots_have_room(&w->slots));
			return true;
		case CLAIM_FAILED:
			say_once(w, f.text);
			set_text(&w->duty.state.problem, f.text);
			break;
		case CLAIM_NONE:
			break;
		}
	}
	return false;
}

static bool
is_ready(struct worker *w)
{
	const char *problem = ready_problem(&w->ready, w->duty.fence);

	set_text(&w->duty.state.problem, problem);
	if (problem)
		say_once(w, problem);
	return !problem;
}

static void
claim_all(struct worker *w)
{
	if (!w->look || w->stopping || !is_ready(w))
		return;
	while (slots_have_room(&w->slots) && is_ready(w))
		if (!claim_one(w)) {
			w->look = false;	/* until there is news */
			return;
		}
}

/* The name is somebody else's: so is what is claimed under it. */
static void
end_now(struct worker *w)
{
	w->stopping = true;
	w->drain = false;
	w->stop_at_ms = clock_boot_ms();
	slots_give_back(&w->slots, true);
}

static void
note_beat(struct worker *w, enum lease_outcome o, const struct fail *f)
{
	if (o == LEASE_KEPT || w->taken)
		return;
	say_once(w, f->text);
	if (o != LEASE_TAKEN)
		return;
	w->taken = true;
	end_now(w);
}

static void
beat(struct worker *w)
{
	struct fail f;

	strs_free(&w->duty.state.running);
	slots_running(&w->slots, &w->duty.state.running);
	if (!w->taken)
		note_beat(w, duty_beat(&w->duty, &f), &f);
}

static void
stop(struct worker *w)
{
	bool give_back = w->stopping ||
	    w->conf->on_stop == CONF_STOP_GIVE_BACK;

	if (w->stopping)
		w->stop_at_ms = clock_boot_ms();
	w->stopping = true;
	w->drain = false;
	set_text(&w->duty.state.state, "stopping");
	log_say(w->log, LOG_LEVEL_INFO, "stopping: what runs is %s",
	    give_back ? "given back" : "finished first");
	slots_give_back(&w->slots, give_back);
	beat(w);
}

static void
take_signals(struct worker *w)
{
	struct signalfd_siginfo si;

	while (read(w->signals, &si, sizeof si) == (ssize_t)sizeof si)
		if (si.ssi_signo == SIGCHLD)
			w->look |= slots_reap(&w->slots);
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
	int64_t until_ms = w->duty.beat_at_ms < w->poll_at_ms ?
	    w->duty.beat_at_ms : w->poll_at_ms;
	int64_t ms = until_ms - now_ms;

	/* With a look due already it is a free slot that is waited for. */
	for (size_t i = 0; i < w->n_queues && !w->look; i++) {
		int64_t due_s = w->claimers[i].next_due_s;

		if (due_s && (due_s - wall_s) * 1000 < ms)
			ms = (due_s - wall_s) * 1000;
	}
	if (slots_count(&w->slots, JOB_SETTLING) && ms > SETTLE_TICK_MS)
		ms = SETTLE_TICK_MS;
	if (ms > PUSH_TICK_MS && slots_count(&w->slots, JOB_LEAVING) +
	    slots_count(&w->slots, JOB_PUBLISHING))
		ms = PUSH_TICK_MS;
	return ms < TICK_LEAST_MS ? TICK_LEAST_MS : (int)ms;
}

static int
adopt_in(struct worker *w, const struct queue *q, struct fail *f)
{
	struct strs claimed = { 0 };
	int rc = scan_claimed(q, &claimed, f);

	if (rc == 0) {
		duty_meet(&w->duty, &claimed);
		rc = slots_adopt(&w->slots, &w->shop, q, &claimed, f);
	}
	strs_free(&claimed);
	return rc;
}

static void
adopt(struct worker *w)
{
	struct fail f;

	duty_meet_nobody(&w->duty);
	for (size_t i = 0; i < w->n_queues && !w->stopping; i++)
		if (adopt_in(w, &w->queues[i], &f) != 0)
			say_once(w, f.text);
}

/* What was held open went with the old mount: the lock and the watch, too. */
static void
begin_anew(struct worker *w)
{
	struct fail f;

	log_say(w->log, LOG_LEVEL_INFO, "%s: was mounted anew; going on there",
	    w->shop.spool->path);
	watch_close();
	open_watch(w);
	if (duty_retake(&w->duty, &f) != 0)
		say_once(w, f.text);
}

/* At each poll: for what no event tells of. */
static void
look_around(struct worker *w)
{
	w->poll_at_ms = clock_boot_ms() + w->conf->poll_s * 1000;
	w->look = true;
	if (ready_look(&w->ready))
		begin_anew(w);
	adopt(w);
	duty_tidy(&w->duty);
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
	/* First: after a long sleep it may tell that we are not alone. */
	if (clock_boot_ms() >= w->duty.beat_at_ms)
		beat(w);
	if (clock_boot_ms() >= w->poll_at_ms)
		look_around(w);
	for (size_t i = 0; i < w->n_queues; i++)
		if (w->claimers[i].next_due_s &&
		    w->claimers[i].next_due_s <= clock_now_s())
			w->look = true;
}

static bool
is_finished(struct worker *w)
{
	if (w->stopping && slots_only_leave(&w->slots) && !w->stop_at_ms)
		w->stop_at_ms = clock_boot_ms() + STOP_PATIENCE_MS;
	/* The next life recovers what a full disk or a lost mount holds. */
	if (w->stopping && slots_only_leave(&w->slots) &&
	    clock_boot_ms() >= w->stop_at_ms)
		return true;
	if (!slots_are_idle(&w->slots))
		return false;
	return w->stopping ||
	    (w->drain && (!w->look || w->duty.state.problem));
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

static bool
is_held(const void *holder, const char *name)
{
	return slots_hold(holder, name);
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
		w->claimers[w->n_queues].is_held = is_held;
		w->claimers[w->n_queues].holder = &w->slots;
	}
	return 0;
}

static int
set_up(struct worker *w, struct fail *f)
{
	const struct conf *c = w->conf;

	slots_init(&w->slots, c->slots);
	if (run_make_scratch(c->scratch, f) != 0 ||
	    open_queues(w, f) != 0 ||
	    sandbox_choose(c, &w->shop.isolated, f) != 0 ||
	    duty_take_up(&w->duty, f) != 0 ||
	    block_signals(w, f) != 0)
		return -1;
	w->shop.fence = w->duty.fence;
	w->ready.queues = w->queues;
	w->ready.n_queues = w->n_queues;
	open_watch(w);
	look_around(w);
	return 0;
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
	duty_free(&w->duty);
	free(w->queues);
	free(w->claimers);
	slots_free(&w->slots);
}

static int
loop(struct worker *w, struct fail *f)
{
	for (;;) {
		w->look |= slots_push(&w->slots);
		claim_all(w);
		if (is_finished(w)) {
			adopt(w);
			if (is_finished(w))
				break;
		}
		wait_for_news(w);
	}
	if (w->taken)
		return fail_set(f, EX_TEMPFAIL, "%s", w->said);
	set_text(&w->duty.state.state, "stopped");
	beat(w);
	if (w->drain && w->duty.state.problem)
		return fail_set(f, EX_TEMPFAIL, "not all could be run: %s",
		    w->duty.state.problem);
	return 0;
}

int
work(const struct conf *c, const struct spool *s, const struct log *log,
	bool drain, struct fail *f)
{
	struct worker w = { .shop = { .conf = c, .spool = s, .log = log },
	    .conf = c, .log = log, .ready = { .conf = c, .spool = s },
	    .signals = -1, .watch = -1, .drain = drain };
	int rc;

	duty_init(&w.duty, c, s, log);
	w.shop.recent = &w.duty.state.recent;
	w.shop.left = &w.duty.left;
	w.shop.trouble = &w.ready.trouble;
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
