/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has the role: its holder beats as a worker does, in .index/beats, and the
 * others look at it alone.  One whose lease is over, or that has stopped, is
 * followed.  Being wrong costs a holder the role, and readers nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fence.h"
#include "fs.h"
#include "index_inside.h"
#include "mem.h"
#include "notify.h"

#define BEATS ".index/beats"

enum { FENCE_PART = 2 };	/* it pauses before the others begin */

void
index_say_once(struct indexer *x, const char *text)
{
	log_say_once(x->log, &x->said, text);
}

static int
open_beats(struct indexer *x, struct fail *f)
{
	const struct spool *s = x->spool;

	x->beats = (struct spool){ .path = s->results_path, .workers = -1 };
	if (fs_mkdirs(s->results, BEATS, f) != 0)
		return fail_prefix(f, "%s", s->results_path);
	x->beats.workers = fs_open_dir(s->results, BEATS);
	return x->beats.workers >= 0 ? 0 :
	    fail_errno(f, "%s/" BEATS, s->results_path);
}

static int
take_name(struct indexer *x, struct fail *f)
{
	if (lease_take(&x->lease, &x->beats, x->conf->worker, f) == 0)
		return 0;
	if (f->status != EX_TEMPFAIL)
		return -1;
	return fail_set(f, EX_TEMPFAIL, "%s/" BEATS "/%s: an indexer of this "
	    "name runs already; stop it, or give this one another name "
	    "(--name)", x->spool->results_path, x->conf->worker);
}

int
index_role_open(struct indexer *x, struct fail *f)
{
	const struct conf *c = x->conf;
	char host[NAME_WORKER_MAX + 1] = "";

	(void)gethostname(host, sizeof host - 1);
	x->lease.fd = x->role.out = x->beats.workers = -1;
	observer_init(&x->observer, c->worker, c->heartbeat_s, c->lease_s);
	x->state = (struct worker_state){ .worker = mem_dup(c->worker),
	    .host = mem_dup(host), .version = mem_dup(VERSION),
	    .state = mem_dup("running"), .pid = getpid(),
	    .started_s = clock_now_s(), .heartbeat_s = c->heartbeat_s,
	    .lease_s = c->lease_s };
	x->fence = fence_open(f);
	if (!x->fence || open_beats(x, f) != 0)
		return -1;
	return take_name(x, f);
}

/* Those that follow need not wait for a lease. */
static void
say_stopped(struct indexer *x)
{
	struct fail passed;

	free(x->state.state);
	x->state.state = mem_dup("stopped");
	if (!x->taken && x->lease.beat)
		(void)lease_beat(&x->lease, &x->beats, &x->state, &passed);
}

void
index_role_close(struct indexer *x)
{
	struct fail f;

	if (x->holds && role_release(&x->role, &f) != 0)
		index_say_once(x, f.text);
	if (x->lease.fd >= 0)
		say_stopped(x);
	lease_release(&x->lease);
	observer_free(&x->observer);
	worker_state_free(&x->state);
	fence_close(x->fence);
	if (x->beats.workers >= 0)
		(void)close(x->beats.workers);
}

/* One that could not beat for long may have been followed meanwhile. */
static void
beat(struct indexer *x)
{
	bool passed = fence_is_passed(x->fence);
	int64_t now_ms = clock_boot_ms();
	struct fail f;

	x->beat_at_ms = now_ms + x->conf->heartbeat_s * 1000;
	switch (lease_beat(&x->lease, &x->beats, &x->state, &f)) {
	case LEASE_KEPT:
		if (passed && x->holds)
			index_role_check(x);
		fence_hold(x->fence, now_ms +
		    x->conf->lease_s * 1000 / FENCE_PART);
		return;
	case LEASE_TAKEN:
		x->taken = true;
		break;
	case LEASE_FAILED:
		break;
	}
	index_say_once(x, f.text);
}

bool
index_go_on(struct indexer *x)
{
	struct signalfd_siginfo si;

	while (x->signals >= 0 &&
	    read(x->signals, &si, sizeof si) == (ssize_t)sizeof si)
		if (si.ssi_signo == SIGHUP)
			x->reload = true;
		else
			x->stopping = true;
	notify_alive(x->options->notify);
	if (x->holds && !x->taken && clock_boot_ms() >= x->beat_at_ms)
		beat(x);
	return !x->stopping && !x->taken && !x->lost;
}

int
index_may_write(struct indexer *x, struct fail *f)
{
	if (fence_is_passed(x->fence) && !x->taken)
		beat(x);
	if (x->taken || x->lost || !x->holds)
		return fail_set(f, EX_UNAVAILABLE, "%s: the role of the "
		    "indexer was lost", x->spool->results_path);
	if (fence_is_passed(x->fence))
		return fail_set(f, EX_TEMPFAIL, "%s/" BEATS "/%s: no beat "
		    "could be written for long", x->spool->results_path,
		    x->conf->worker);
	return 0;
}

void
index_role_check(struct indexer *x)
{
	struct fail f;
	int rc = role_is_shown(&x->role, &f);

	if (rc < 0)
		index_say_once(x, f.text);
	x->lost |= rc == 0;
}

void
index_role_lose(struct indexer *x)
{
	log_say(x->log, LOG_LEVEL_INFO, "indexer %s: the role was lost",
	    x->conf->worker);
	role_leave(&x->role);
	x->holds = x->lost = x->ready = false;
	x->observe_at_ms = 0;
}

void
index_role_move(struct indexer *x)
{
	int before = x->beats.workers;
	struct fail f;

	if (open_beats(x, &f) != 0) {
		x->beats.workers = before;
		index_say_once(x, f.text);
		return;
	}
	(void)close(before);
	if (lease_move(&x->lease, &x->beats, x->conf->worker, &f) != 0)
		index_say_once(x, f.text);
}

/* Whether the holder is dead; where not, whether it was seen to live. */
static bool
is_dead(struct indexer *x, const char *holder, bool *is_alive)
{
	struct strs met = { 0 }, dead = { 0 };
	struct fail f;
	bool is;

	strs_add(&met, holder);
	if (observe(&x->observer, &x->beats, &met, &dead, &f) != 0)
		index_say_once(x, f.text);
	is = strs_has(&dead, holder) &&
	    observe_again(&x->observer, &x->beats, holder);
	for (size_t i = 0; i < x->observer.n; i++)
		if (strcmp(x->observer.v[i].worker, holder) == 0)
			*is_alive |= x->observer.v[i].moved && !is;
	strs_free(&met);
	strs_free(&dead);
	return is;
}

/* Of an earlier life of ours, too: nobody else has the name. */
static bool
is_free(struct indexer *x, const struct role_token *t, bool *is_alive)
{
	if (!t->name[0] || strcmp(t->name, x->conf->worker) == 0)
		return true;
	if (clock_boot_ms() < x->observe_at_ms)
		return false;
	x->observe_at_ms = clock_boot_ms() + x->conf->heartbeat_s * 1000;
	return is_dead(x, t->name, is_alive);
}

int
index_role_seek(struct indexer *x, bool *is_alive, struct fail *f)
{
	struct role_token t;
	int rc = role_look(x->spool, &t, f);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return role_make(x->spool, f);
	if (!is_free(x, &t, is_alive))
		return 0;
	/* First, or those who look at an old beat follow at once. */
	beat(x);
	if (x->taken || fence_is_passed(x->fence))
		return fail_set(f, EX_TEMPFAIL, "%s/" BEATS "/%s: cannot "
		    "beat", x->spool->results_path, x->conf->worker);
	rc = role_take(&x->role, x->spool, x->conf->worker, &t, f);
	x->holds = rc == 1;
	if (x->holds)
		log_say(x->log, LOG_LEVEL_INFO, "indexer %s: has the role%s%s",
		    x->conf->worker, t.name[0] ? ", after " : "", t.name);
	return rc;
}
