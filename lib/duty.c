/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "duty.h"
#include "fail.h"
#include "fence.h"
#include "guard.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "recover.h"
#include "spool.h"

enum {
	LEFT_WAIT_MOST_MS = 600 * 1000,
	SWEEP_EVERY_MS = 3600 * 1000,
	STRANGER_BEATS = 3,	/* of another host's that would be seen */
};

/* Half: the worker stops before the others begin. */
enum { FENCE_PART = 2 };
_Static_assert(CONF_BEATS_LEAST / FENCE_PART >= OBSERVE_GAPS_MOST,
    "a worker may miss a beat before its fence is passed");

static void
say_once(struct duty *d, const char *text)
{
	log_say_once(d->log, &d->said, text);
}

void
duty_init(struct duty *d, const struct conf *c, const struct spool *s,
	const struct log *log)
{
	char host[NAME_WORKER_MAX + 1] = "";

	(void)gethostname(host, sizeof host - 1);
	*d = (struct duty){ .conf = c, .spool = s, .log = log,
	    .lease = { .fd = -1 } };
	d->state = (struct worker_state){ .worker = mem_dup(c->worker),
	    .host = mem_dup(host), .version = mem_dup(VERSION),
	    .state = mem_dup("running"), .pid = getpid(), .slots = c->slots,
	    .started_s = clock_now_s(), .heartbeat_s = c->heartbeat_s,
	    .lease_s = c->lease_s };
	strs_add_all(&d->state.queues, &c->queues);
	observer_init(&d->observer, c->worker, c->heartbeat_s, c->lease_s);
}

void
duty_free(struct duty *d)
{
	lease_release(&d->lease);
	worker_state_free(&d->state);
	observer_free(&d->observer);
	fence_close(d->fence);
	sweep_free(&d->sweeper);
	strs_free(&d->met);
	strs_free(&d->left);
}

/*
 * Where locks do not reach other hosts, it is the beat that tells of a worker
 * of this name elsewhere: nothing is taken over while it goes on.
 */
static int
wait_for_stranger(struct duty *d, const struct worker_state *before,
	struct fail *f)
{
	int64_t beat_s = before->heartbeat_s < 1 || before->heartbeat_s >
	    CONF_HEARTBEAT_MOST_S ? d->conf->heartbeat_s :
	    before->heartbeat_s;
	struct timespec wait = { beat_s * STRANGER_BEATS, 0 };
	struct worker_state now;
	int rc = 0;

	if (!before->host || strcmp(before->host, d->state.host) == 0 ||
	    !before->state || strcmp(before->state, "stopped") == 0)
		return 0;
	log_say(d->log, LOG_LEVEL_INFO, "worker %s: was last on %s; waiting "
	    "%lld s whether it beats there", d->conf->worker, before->host,
	    (long long)wait.tv_sec);
	guard_idle(d->guard);
	(void)nanosleep(&wait, NULL);
	guard_busy(d->guard);
	if (lease_read(d->spool, d->conf->worker, &now, f) == 0 &&
	    now.beat != before->beat)
		rc = fail_set(f, EX_TEMPFAIL, "%s/workers/%s: a worker of "
		    "this name runs on %s; stop it, or give this one another "
		    "name (--name, or worker: in the configuration)",
		    d->spool->path, d->conf->worker, before->host);
	worker_state_free(&now);
	return rc;
}

enum lease_outcome
duty_show(struct duty *d, struct fail *f)
{
	int64_t now_ms = clock_boot_ms();
	enum lease_outcome o = lease_beat(&d->lease, d->spool, &d->state, f);

	/* From before the beat: the others count from after it. */
	if (o == LEASE_KEPT)
		fence_hold(d->fence, now_ms +
		    d->conf->lease_s * 1000 / FENCE_PART);
	d->is_taken |= o == LEASE_TAKEN;
	guard_busy(d->guard);		/* it answered */
	notify_alive(d->notify);
	/* One that took long is followed by another at once. */
	d->beat_at_ms = now_ms + d->conf->heartbeat_s * 1000;
	return o;
}

/* What takes long goes on between beats; not under another's name. */
static bool
go_on(void *of)
{
	struct duty *d = of;
	struct fail f;

	if (clock_boot_ms() >= d->beat_at_ms && !d->is_taken &&
	    duty_show(d, &f) != LEASE_KEPT)
		say_once(d, f.text);
	return !d->is_taken;
}

void
duty_clean(struct duty *d)
{
	recover_scratch(&(struct recovery){ d->conf, d->spool, d->log,
	    d->conf->worker, &d->left, go_on, d });
}

void
duty_clean_pair(struct duty *d, const struct cgroup *g)
{
	recover_pair(&(struct recovery){ d->conf, d->spool, d->log,
	    d->conf->worker, &d->left, go_on, d }, g);
}

int
duty_take_up(struct duty *d, struct fail *f)
{
	struct worker_state before;
	struct fail passed;
	int rc;

	d->fence = fence_open(f);
	if (!d->fence ||
	    lease_take(&d->lease, d->spool, d->conf->worker, f) != 0)
		return -1;
	(void)lease_read(d->spool, d->conf->worker, &before, &passed);
	/* The recent results of an earlier life are still news. */
	strs_add_all(&d->state.recent, &before.recent);
	memcpy(d->state.counts, before.counts, sizeof before.counts);
	rc = wait_for_stranger(d, &before, f);
	worker_state_free(&before);
	if (rc != 0)
		return rc;
	/* From the first beat on, one that has no lock knows of us. */
	if (duty_show(d, &passed) != LEASE_KEPT)
		say_once(d, passed.text);
	if (recover(d->conf, d->spool, d->log, &d->left, f) != 0)
		return -1;
	duty_clean(d);
	return 0;
}

void
duty_move(struct duty *d)
{
	struct fail f;

	if (lease_move(&d->lease, d->spool, d->conf->worker, &f) != 0)
		say_once(d, f.text);
	d->beat_at_ms = d->sweep_at_ms = 0;
}

/*
 * Most of the dead left nothing, and their names stay for ever.  One may have
 * started again while others were taken over from.
 */
static int
take_over(struct duty *d, const struct strs *dead, struct fail *f)
{
	struct strs holders = { 0 };
	int rc = dead->n ? recover_holders(d->spool, &holders, f) : 0;

	for (size_t i = 0; rc == 0 && i < dead->n && go_on(d); i++) {
		const struct recovery r = { d->conf, d->spool, d->log,
		    dead->v[i], &d->left, go_on, d };

		if (strs_has(&holders, dead->v[i]) &&
		    observe_again(&d->observer, d->spool, dead->v[i]))
			rc = recover_worker(&r, f);
	}
	strs_free(&holders);
	return rc;
}

enum lease_outcome
duty_beat(struct duty *d, struct fail *f)
{
	enum lease_outcome o = duty_show(d, f);
	struct strs dead = { 0 };
	struct fail passed;

	if (o != LEASE_KEPT)
		return o;
	if (observe(&d->observer, d->spool, &d->met, &dead, &passed) != 0 ||
	    take_over(d, &dead, &passed) != 0)
		say_once(d, passed.text);
	strs_free(&dead);
	return o;
}

/* What can still not be done is tried less and less often. */
static void
try_left(struct duty *d)
{
	size_t before = d->left.n;
	int64_t now_ms = clock_boot_ms();

	if (now_ms < d->left_at_ms)
		return;
	recover_left(d->spool, d->log, &d->left, d->beat_at_ms);
	d->left_wait_ms = !d->left.n || d->left.n < before ? 0 :
	    2 * d->left_wait_ms + d->conf->poll_s * 1000;
	if (d->left_wait_ms > LEFT_WAIT_MOST_MS)
		d->left_wait_ms = LEFT_WAIT_MOST_MS;
	d->left_at_ms = now_ms + d->left_wait_ms;
}

/* Whose stage it is: the observer's business, or our own forgotten one. */
static int
see_stage(void *context, const char *name, unsigned char type)
{
	struct duty *d = context;
	struct token t;

	(void)type;
	if (token_parse(&t, name) != 0 || !t.worker[0])
		return 0;
	if (strcmp(t.worker, d->conf->worker) != 0) {
		if (!strs_has(&d->observer.others, t.worker))
			strs_add(&d->observer.others, t.worker);
	} else if (!strs_has(&d->left, name) &&
	    !(d->is_held && d->is_held(d->holder, name))) {
		strs_add(&d->left, name);
	}
	return 0;
}

/* What no event, no poll and no neighbour tells of. */
static int
look_for_strays(struct duty *d, struct fail *f)
{
	const struct recovery own = { d->conf, d->spool, d->log,
	    d->conf->worker, &d->left, go_on, d };

	strs_free(&d->observer.others);
	return sweep(&d->sweeper, d->spool, &d->left, d->log, f) == 0 &&
	    fs_each(d->spool->staging, ".", see_stage, d, f) == 0 &&
	    recover_strays(&own, f) == 0 ? 0 : -1;
}

void
duty_tidy(struct duty *d)
{
	struct fail f;

	try_left(d);
	if (clock_boot_ms() < d->sweep_at_ms)
		return;
	d->sweep_at_ms = clock_boot_ms() + SWEEP_EVERY_MS;
	if (look_for_strays(d, &f) != 0)
		say_once(d, f.text);
}

void
duty_meet_nobody(struct duty *d)
{
	strs_free(&d->met);
}

void
duty_meet(struct duty *d, const struct strs *claimed)
{
	for (size_t i = 0; i < claimed->n; i++) {
		const char *worker = strrchr(claimed->v[i], '@') + 1;

		if (!strs_has(&d->met, worker))
			strs_add(&d->met, worker);
	}
}
