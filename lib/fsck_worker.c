/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workers/, and what bears workers' names.  Whether a worker is dead is for
 * other workers to find out, by their own clocks; here it is told what the
 * worker itself has said last, or it is the operator who says it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "lease.h"
#include "mem.h"

enum { LEASE_S = 600, BEAT_MOST_S = 300 };

/* The index of the worker, or where it belongs. */
static size_t
place_of(const struct fsck *x, const char *worker)
{
	size_t low = 0, high = x->n_bearers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(x->bearers[middle].worker, worker) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct fsck_bearer *
fsck_bearer(const struct fsck *x, const char *worker)
{
	size_t at = place_of(x, worker);

	return at < x->n_bearers &&
	    strcmp(x->bearers[at].worker, worker) == 0 ? &x->bearers[at] : NULL;
}

void
fsck_bear(struct fsck *x, const char *worker, const struct fsck_folder *d,
	const char *name)
{
	size_t at = place_of(x, worker);
	struct fsck_bearer *b;

	if (!fsck_bearer(x, worker)) {
		x->bearers = mem_grow(x->bearers, x->n_bearers + 1,
		    sizeof *x->bearers);
		memmove(x->bearers + at + 1, x->bearers + at,
		    (x->n_bearers++ - at) * sizeof *x->bearers);
		x->bearers[at] = (struct fsck_bearer){ mem_dup(worker),
		    NULL, 0 };
	}
	b = &x->bearers[at];
	if (d) {
		b->claims++;
		if (!b->claim)
			b->claim = fsck_object(d, name);
	}
}

/* What is known of the files in workers/. */
struct workers {
	struct fsck_folder d;
	struct fsck_set names;		/* hashes of those that are workers' */
};

static bool
is_said_to_be_dead(const struct fsck *x, const char *worker)
{
	return strs_has(x->options->dead, worker);
}

static void
check_bearer(struct fsck *x, const struct worker_state *w,
	const struct fsck_bearer *b, const char *object)
{
	int64_t silent_s = x->now_s - w->beat_s;
	char silent[CLOCK_TEXT_MAX];

	clock_format_span(silent, silent_s);
	if (!w->state || strcmp(w->state, "stopped") == 0)
		fsck_raise(x, FSCK_WORKER_STOPPED, object, "has stopped, by "
		    "its own account, but not given back what it claimed: "
		    "%zu, among them %s", b->claims, b->claim);
	else if (silent_s > LEASE_S)
		fsck_raise(x, FSCK_WORKER_SILENT, object, "has not beaten for "
		    "%s, by its own account, and has claimed %zu, among them "
		    "%s", silent, b->claims, b->claim);
}

static void
check_state(struct fsck *x, const struct worker_state *w, const char *object)
{
	const struct fsck_bearer *b = fsck_bearer(x, w->worker);
	int64_t silent_s = x->now_s - w->beat_s;
	char silent[CLOCK_TEXT_MAX];

	if (b && b->claims && !is_said_to_be_dead(x, w->worker))
		check_bearer(x, w, b, object);
	if (b || x->partial || silent_s <= FSCK_WEEK_S)
		return;
	clock_format_span(silent, silent_s);
	fsck_raise(x, FSCK_WORKER_OLD, object, "has not beaten for %s, by its "
	    "own account", silent);
}

static int
in_workers(void *folder, const char *name, unsigned char type)
{
	struct workers *w = folder;
	struct fsck *x = w->d.x;
	char *object = fsck_object(&w->d, name);
	struct worker_state state = { 0 };
	struct fail f = { 0 };

	(void)type;
	if (!name_worker_ok(name)) {
		fsck_raise(x, FSCK_WORKER_STRANGE, object, "does not have a "
		    "worker's name");
	} else if (lease_read(x->spool, name, &state, &f) == 0) {
		fsck_set_add(&w->names, fsck_hash(0, name));
		check_state(x, &state, object);
	} else if (f.status == EX_DATAERR || f.err == EINVAL ||
	    f.err == ELOOP || f.err == EFBIG || f.err == ENXIO) {
		fsck_raise(x, FSCK_WORKER_STRANGE, object, "is no heartbeat");
	} else if (f.err != ENOENT) {
		fsck_go_blind(x, &f);
	}
	worker_state_free(&state);
	free(object);
	return 0;
}

static void
check_missing(struct fsck *x, const struct workers *w)
{
	for (size_t i = 0; i < x->n_bearers; i++) {
		const struct fsck_bearer *b = &x->bearers[i];
		char *object = fsck_object(&w->d, b->worker);

		if (b->claims && !is_said_to_be_dead(x, b->worker) &&
		    !fsck_set_has(&w->names, fsck_hash(0, b->worker)))
			fsck_raise(x, FSCK_WORKER_MISSING, object, "is "
			    "missing, though this worker has claimed %zu, "
			    "among them %s", b->claims, b->claim);
		free(object);
	}
}

void
fsck_look_workers(struct fsck *x)
{
	struct workers w = { .d = { .x = x } };

	fsck_folder(&w.d, x, NULL, "workers");
	fsck_step(x, w.d.path);
	fsck_each(&w.d, x->spool->workers, ".", in_workers);
	fsck_set_sort(&w.names);
	check_missing(x, &w);
	fsck_set_free(&w.names);
}

/* Its last beat, as a line; "" where there is none.  free() it. */
static char *
beat_of(const struct fsck *x, const char *worker, int64_t *heartbeat_s)
{
	struct worker_state w;
	struct fail passed;
	char *line = NULL;

	if (lease_read(x->spool, worker, &w, &passed) == 0) {
		line = mem_printf("%" PRId64 " %" PRId64, w.started_s, w.beat);
		*heartbeat_s = w.state && strcmp(w.state, "stopped") == 0 ?
		    0 : w.heartbeat_s;
	}
	worker_state_free(&w);
	return line ? line : mem_dup("");
}

int64_t
fsck_note_beats(struct fsck *x)
{
	const struct strs *dead = x->options->dead;
	int64_t most_s = 0;

	for (size_t i = 0; i < dead->n; i++) {
		int64_t heartbeat_s = 0;

		strs_take(&x->beats, beat_of(x, dead->v[i], &heartbeat_s));
		if (heartbeat_s > most_s)
			most_s = heartbeat_s;
	}
	return (most_s > BEAT_MOST_S ? BEAT_MOST_S : most_s) * 1000;
}

int
fsck_check_beats(const struct fsck *x, struct fail *f)
{
	const struct strs *dead = x->options->dead;

	for (size_t i = 0; i < dead->n; i++) {
		int64_t passed;
		char *now = beat_of(x, dead->v[i], &passed);
		bool same = strcmp(now, x->beats.v[i]) == 0;

		free(now);
		if (!same)
			return fail_set(f, EX_USAGE, "%s: is not dead: its "
			    "heartbeat has just changed; stop it first",
			    dead->v[i]);
	}
	return 0;
}
