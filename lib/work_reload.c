/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "conf_renew.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "policy.h"
#include "spool.h"
#include "watch.h"
#include "work.h"
#include "work_open.h"
#include "work_reload.h"
#include "work_tell.h"

bool
work_is_served(const struct worker *w, const struct queue *q)
{
	return !strs_has(&w->unserved, q->name);
}

/* One more queue; jobs, claimers and all others go on with the new array. */
static int
add_queue(struct worker *w, const char *name, struct fail *f)
{
	size_t n = w->n_queues;
	struct queue *before = w->queues, *q, one;

	if (queue_open(&one, w->shop.spool, name, f) != 0) {
		queue_close(&one);
		return -1;
	}
	q = mem_alloc((n + 1) * sizeof *q);
	memcpy(q, before, n * sizeof *q);
	q[n] = one;
	slots_move(&w->slots, before, q);
	w->claimers = mem_grow(w->claimers, n + 1, sizeof *w->claimers);
	for (size_t i = 0; i < n; i++)
		w->claimers[i].queue = &q[i];
	w->queues = q;
	w->ready.queues = q;
	free(before);
	work_add_claimer(w);
	w->ready.n_queues = w->n_queues;
	return 0;
}

static bool
is_open(const struct worker *w, const char *name)
{
	for (size_t i = 0; i < w->n_queues; i++)
		if (strcmp(w->queues[i].name, name) == 0)
			return true;
	return false;
}

static void
warn(struct buf *warning, const char *text)
{
	buf_addf(warning, "%s%s", warning->len ? "; " : "", text);
}

/*
 * A queue that is served no more is still the worker's, to adopt and to
 * publish: so conf has all that are open.
 */
static void
renew_queues(struct worker *w, struct buf *warning)
{
	struct strs *names = &w->live->queues, wanted = *names;
	size_t before = w->n_queues;
	struct fail f;

	strs_free(&w->unserved);
	strs_free(&w->duty.state.queues);
	for (size_t i = 0; i < wanted.n; i++)
		if (!is_open(w, wanted.v[i]) &&
		    add_queue(w, wanted.v[i], &f) != 0)
			warn(warning, f.text);
	*names = (struct strs){ 0 };
	for (size_t i = 0; i < w->n_queues; i++) {
		bool is_wanted = strs_has(&wanted, w->queues[i].name);

		strs_add(names, w->queues[i].name);
		strs_add(is_wanted ? &w->duty.state.queues : &w->unserved,
		    w->queues[i].name);
	}
	strs_free(&wanted);
	if (w->n_queues == before)
		return;
	watch_close();
	work_open_watch(w);
}

/* What it says of virt servers is checked against the new configuration. */
static void
renew_policy(struct worker *w, struct buf *warning)
{
	struct fail f;
	struct policy *fresh = policy_open(w->live, &f);

	if (!fresh) {
		warn(warning, f.text);
		return;
	}
	policy_close(w->shop.policy);
	w->shop.policy = fresh;
}

static void
take_conf(struct worker *w, struct conf *fresh, struct buf *warning)
{
	struct strs kept = { 0 };
	char *keys;

	conf_renew(w->live, fresh, &kept);
	if (kept.n) {
		keys = strs_join(&kept, ", ");
		buf_addf(warning, "restart the worker for what changed in %s",
		    keys);
		free(keys);
	}
	strs_free(&kept);
	w->failures.path = w->live->failures;
	renew_policy(w, warning);
	renew_queues(w, warning);
	work_set_slots(w);
}

static void
reload(struct worker *w, struct buf *warning)
{
	struct conf fresh;
	struct fail f;

	if (!w->options->reread) {
		warn(warning, "the configuration cannot be read again");
	} else if (w->options->reread(w->options->of, &fresh, &f) != 0) {
		buf_addf(warning, "not reloaded, the configuration from before "
		    "holds: %s", f.text);
	} else {
		take_conf(w, &fresh, warning);
		log_say(w->log, LOG_LEVEL_INFO, "%s: reloaded, %u slots",
		    w->conf->file, w->conf->slots);
	}
}

void
work_reload(struct worker *w)
{
	struct buf warning = { 0 };

	notify_reloading(w->options->notify);
	reload(w, &warning);
	if (warning.len)
		log_say(w->log, LOG_LEVEL_ERROR, "%s", warning.s);
	free(w->duty.state.warning);
	w->duty.state.warning = warning.s;
	w->policy_warned = false;
	w->look = true;
	w->duty.beat_at_ms = w->poll_at_ms = 0;		/* for all to see */
	notify_ready(w->options->notify);
}

void
work_look_at_policy(struct worker *w)
{
	char **shown = &w->duty.state.warning;
	const char *warning;

	policy_look(w->shop.policy, w->log);
	warning = policy_warning(w->shop.policy);
	if (!warning && !w->policy_warned)
		return;
	if (!warning || !*shown || strcmp(warning, *shown) != 0)
		w->duty.beat_at_ms = 0;		/* for all to see */
	free(*shown);
	*shown = warning ? mem_dup(warning) : NULL;
	w->policy_warned = warning != NULL;
}
