/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "lease.h"
#include "mem.h"
#include "observe.h"
#include "spool.h"

void
observer_init(struct observer *o, const char *self, int64_t interval_s,
	int64_t lease_s)
{
	*o = (struct observer){ .self = self, .interval_ms = interval_s * 1000,
	    .lease_ms = lease_s * 1000 };
}

void
observer_free(struct observer *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->v[i].worker);
	free(o->v);
	strs_free(&o->others);
	*o = (struct observer){ 0 };
}

/* What is remembered of those who are still there; the others are new. */
static void
take_names(struct observer *o, const struct strs *names)
{
	struct observed *v = mem_alloc((names->n + 1) * sizeof *v);
	size_t n = 0, old = 0;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];

		if (strcmp(name, o->self) == 0 ||
		    (n && strcmp(v[n - 1].worker, name) == 0))
			continue;
		while (old < o->n && strcmp(o->v[old].worker, name) < 0)
			free(o->v[old++].worker);
		if (old < o->n && strcmp(o->v[old].worker, name) == 0)
			v[n++] = o->v[old++];
		else
			v[n++] = (struct observed){ .worker = mem_dup(name),
			    .lease_ms = o->lease_ms };
	}
	while (old < o->n)
		free(o->v[old++].worker);
	free(o->v);
	o->v = v;
	o->n = n;
}

/* What the file says is a stranger's word: it is kept within bounds. */
static int64_t
lease_of(const struct observer *o, const struct worker_state *w)
{
	if (w->lease_s < CONF_LEASE_LEAST_S || w->lease_s > CONF_LEASE_MOST_S)
		return o->lease_ms;
	return w->lease_s * 1000;
}

/*
 * No file, or something that is none, never beats.  Other errors tell nothing:
 * the mount may be away, or only we may not read it.
 */
static bool
tells_nothing(const struct fail *f)
{
	return f->err && f->err != ENOENT && f->err != EINVAL &&
	    f->err != ELOOP && f->err != EFBIG;
}

static void
compare(struct observer *o, struct observed *w, const struct worker_state *s)
{
	const char *life = s->life ? s->life : "";
	int64_t now_ms = clock_boot_ms(), gap_ms = now_ms - w->looked_ms;

	if (!w->looked_ms) {
		w->silent_ms = 0;
	} else if (s->beat != w->beat || strcmp(life, w->life) != 0) {
		w->moved = true;
		w->silent_ms = w->told_ms = 0;
	} else if (gap_ms <= OBSERVE_GAPS_MOST * o->interval_ms) {
		w->silent_ms += gap_ms;
	}
	w->looked_ms = now_ms;
	w->beat = s->beat;
	w->lease_ms = lease_of(o, s);
	if (s->state && strcmp(s->state, "stopped") == 0)
		w->silent_ms = w->lease_ms;	/* as it says itself */
	(void)snprintf(w->life, sizeof w->life, "%s", life);
}

/* One look at one worker; when it fails, the time until the next is lost. */
static int
look(struct observer *o, struct observed *w, const struct spool *s)
{
	struct worker_state state;
	struct fail f;
	int rc = 0;

	if (lease_read(s, w->worker, &state, &f) != 0 && tells_nothing(&f))
		rc = -1;
	else
		compare(o, w, &state);
	worker_state_free(&state);
	return rc;
}

static bool
is_alive(const struct observer *o, const struct observed *w)
{
	return w->moved &&
	    w->silent_ms <= OBSERVE_GAPS_MOST * o->interval_ms;
}

static bool
is_dead(const struct observed *w)
{
	return w->looked_ms && w->silent_ms >= w->lease_ms;
}

/* One that is dead is left in peace for a lease, unless it was met. */
static bool
is_to_be_looked_at(const struct observed *w, bool met)
{
	return !is_dead(w) || met || !w->told_ms ||
	    clock_boot_ms() - w->told_ms >= w->lease_ms;
}

static void
walk(struct observer *o, const struct spool *s, const struct strs *met,
	struct strs *dead)
{
	size_t start = 0;

	while (start < o->n && strcmp(o->v[start].worker, o->self) < 0)
		start++;
	for (size_t i = 0; i < o->n; i++) {
		struct observed *w = &o->v[(start + i) % o->n];

		if (!is_to_be_looked_at(w, strs_has(met, w->worker)))
			continue;
		if (look(o, w, s) != 0)
			continue;
		if (is_dead(w)) {
			strs_add(dead, w->worker);
			w->told_ms = clock_boot_ms();
		} else if (is_alive(o, w)) {
			return;
		}
	}
}

int
observe(struct observer *o, const struct spool *s, const struct strs *met,
	struct strs *dead, struct fail *f)
{
	struct strs names = { 0 };
	int rc = lease_workers(s, &names, f);

	if (rc == 0) {
		strs_add_all(&names, met);
		strs_add_all(&names, &o->others);
		strs_sort(&names);
		take_names(o, &names);
		walk(o, s, met, dead);
	}
	strs_free(&names);
	return rc;
}

bool
observe_again(struct observer *o, const struct spool *s, const char *worker)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i].worker, worker) == 0)
			return look(o, &o->v[i], s) == 0 && is_dead(&o->v[i]);
	return false;
}
