/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread, one loop: claim while there are free slots, wait for news, move
 * every job one step on.  A watch only says when to look; a listing at every
 * poll sees what the watch cannot (other hosts, lost events).
 */
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "scan.h"
#include "spool.h"
#include "watch.h"
#include "work.h"
#include "work_control.h"
#include "work_open.h"
#include "work_reload.h"
#include "work_stop.h"
#include "work_tell.h"

enum {
	SETTLE_TICK_MS = 200,
	PUSH_TICK_MS = 2000,	/* between tries of what failed */
	TICK_LEAST_MS = 10,	/* no timer makes the loop spin */
	LOCAL_POLLS = 3,	/* in place of one */
};

static enum claim_outcome
claim_from(struct worker *w, struct claimer *c, struct claim *won,
	struct fail *f)
{
	enum claim_outcome o = claim_next(c, won, f);

	w->shop.counts[LEASE_CLAIMS] += o == CLAIM_WON;
	w->shop.counts[LEASE_CLAIM_CONFLICTS] += c->lost;
	c->lost = 0;
	return o;
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

		if (work_is_held(w, &w->queues[at]) ||
		    !work_is_served(w, &w->queues[at])) {
			w->claimers[at].next_due_s = 0;
			continue;
		}
		w->claimers[at].no_dropped = !slots_can_settle(&w->slots);
		switch (claim_from(w, &w->claimers[at], &won, &f)) {
		case CLAIM_WON:
			w->turn = at + 1;
			job_take(j, &w->shop, &w->queues[at], &won);
			job_settle(j, slots_have_room(&w->slots));
			return true;
		case CLAIM_FAILED:
			work_say_once(w, f.text);
			work_set_text(&w->duty.state.problem, f.text);
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
	const char *problem = w->drained[0] ? w->drained :
	    ready_problem(&w->ready, w->duty.fence);

	if (!problem)
		problem = health_problem(&w->health,
		    !slots_only_leave(&w->slots));
	if (!problem)
		return true;
	if (!w->duty.state.problem || strcmp(w->duty.state.problem, problem))
		w->duty.beat_at_ms = 0;		/* for all to see */
	work_set_text(&w->duty.state.problem, problem);
	work_say_once(w, problem);
	return false;
}

/* What is done for long makes room for what is due by then. */
static int64_t
due_ms(const struct worker *w)
{
	return w->duty.beat_at_ms < w->poll_at_ms ? w->duty.beat_at_ms :
	    w->poll_at_ms;
}

static void
claim_all(struct worker *w)
{
	if (!w->look || w->stopping || !is_ready(w))
		return;
	if (w->duty.state.problem) {
		log_say(w->log, LOG_LEVEL_INFO, "claiming again");
		work_set_text(&w->duty.state.problem, NULL);
		w->duty.beat_at_ms = 0;
		w->said = (struct log_said){ 0 };
	}
	while (slots_have_room(&w->slots) && is_ready(w) &&
	    clock_boot_ms() < due_ms(w))
		if (!claim_one(w) && !(w->health.bad &&
		    elsewhere_forget_bad(&w->elsewhere))) {
			w->look = false;	/* until there is news */
			return;
		}
}

static void
take_news(struct worker *w)
{
	switch (watch_drain()) {
	case WATCH_LOST:
		watch_close();
		work_open_watch(w);
		/* fallthrough */
	case WATCH_NEWS:
		w->look = true;
		work_obey(w);
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
	int64_t ms = due_ms(w) - now_ms;

	if (w->stop_at_ms && w->stop_at_ms - now_ms < ms)
		ms = w->stop_at_ms - now_ms;
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
			work_say_once(w, f.text);
}

/* What was held open went with the old mount: the lock and the watch, too. */
static void
begin_anew(struct worker *w)
{
	log_say(w->log, LOG_LEVEL_INFO, "%s: was mounted anew; going on there",
	    w->shop.spool->path);
	watch_close();
	work_open_watch(w);
	duty_move(&w->duty);
}

/* On a local filesystem events tell of what everybody does. */
static int64_t
poll_ms(const struct worker *w)
{
	bool local = w->is_told && fs_is_local(w->shop.spool->fd);

	for (size_t i = 0; local && i < w->n_queues; i++)
		local = fs_is_local(w->queues[i].fresh);
	return w->conf->poll_s * 1000 * (local ? LOCAL_POLLS : 1);
}

/* At each poll: for what no event tells of. */
static void
look_around(struct worker *w)
{
	w->poll_at_ms = clock_boot_ms() + poll_ms(w);
	w->look = true;
	if (ready_look(&w->ready))
		begin_anew(w);
	work_obey(w);
	work_look_at_policy(w);
	work_refresh_failures(w);
	adopt(w);
	duty_tidy(&w->duty);
	work_tidy_control(w);
}

static void
wait_for_news(struct worker *w)
{
	struct pollfd p[] = { { .fd = w->signals, .events = POLLIN },
	    { .fd = w->watch, .events = POLLIN } };

	guard_idle(&w->guard);
	(void)poll(p, 2, patience_ms(w));
	guard_busy(&w->guard);
	if (p[1].revents)
		take_news(w);
	if (p[0].revents)
		work_take_signals(w);
	/* First: after a long sleep it may tell that we are not alone. */
	if (clock_boot_ms() >= w->duty.beat_at_ms)
		work_beat(w);
	if (clock_boot_ms() >= w->poll_at_ms)
		look_around(w);
	for (size_t i = 0; i < w->n_queues; i++)
		if (w->claimers[i].next_due_s &&
		    w->claimers[i].next_due_s <= clock_now_s())
			w->look = true;
}

/* Whether all that is waited for may never come. */
static bool
only_waits(const struct worker *w)
{
	if (slots_are_idle(&w->slots))
		return false;
	return w->giving_back || ((w->stopping || w->drain) &&
	    slots_only_leave(&w->slots));
}

static bool
is_finished(struct worker *w)
{
	int64_t last_ms = clock_boot_ms() + WORK_STOP_PATIENCE_MS;

	/* The next life recovers what a full disk or a lost mount holds. */
	if (!only_waits(w))
		w->stop_at_ms = 0;
	else if (!w->stop_at_ms || (w->stop_at_ms > last_ms &&
	    !slots_have_process(&w->slots)))
		w->stop_at_ms = last_ms;
	else if (clock_boot_ms() >= w->stop_at_ms)
		return true;
	if (!slots_are_idle(&w->slots))
		return false;
	return w->stopping ||
	    (w->drain && (!w->look || w->duty.state.problem));
}

static int
loop(struct worker *w, struct fail *f)
{
	for (;;) {
		w->look |= slots_push(&w->slots, due_ms(w));
		claim_all(w);
		if (is_finished(w)) {
			adopt(w);
			if (is_finished(w))
				break;
		}
		wait_for_news(w);
	}
	if (w->taken)
		return fail_set(f, EX_TEMPFAIL, "%s", w->taken_by);
	work_set_text(&w->duty.state.state, "stopped");
	work_show(w);
	if (w->drain && !slots_are_idle(&w->slots))
		return fail_set(f, EX_TEMPFAIL, "not all could be brought "
		    "out; the log tells why");
	if (w->drain && w->duty.state.problem)
		return fail_set(f, EX_TEMPFAIL, "not all could be run: %s",
		    w->duty.state.problem);
	return 0;
}

int
work(struct conf *c, const struct spool *s, const struct log *log,
	const struct work_options *o, struct fail *f)
{
	struct worker w = { .options = o };
	int rc = work_open(&w, c, s, log, f);

	if (rc == 0) {
		log_say(log, LOG_LEVEL_INFO, "worker %s: %u slots, %s",
		    c->worker, c->slots, w.shop.isolated ?
		    "testbeds isolated" : "testbeds not isolated");
		w.drain = o->drain;
		look_around(&w);
		work_tell_ready(&w);
		rc = loop(&w, f);
		log_say(log, LOG_LEVEL_INFO, "worker %s: stopped", c->worker);
	}
	work_close(&w);
	return rc;
}
