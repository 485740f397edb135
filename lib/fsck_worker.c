/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workers/.  Whether a worker is dead is for other workers to find out, by
 * their own clocks; here it is told what it has said of itself last.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "lease.h"

/* What is known of the files in workers/. */
struct workers {
	struct fsck_folder d;
	struct fsck_set names;		/* hashes of those that are workers' */
};

static int64_t
lease_of(const struct fsck *x, const struct worker_state *w)
{
	return w->lease_s > 0 ? w->lease_s : x->conf->lease_s;
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
	else if (silent_s > lease_of(x, w))
		fsck_raise(x, FSCK_WORKER_SILENT, object, "has not beaten for "
		    "%s, by its own account, and has claimed %zu, among them "
		    "%s", silent, b->claims, b->claim);
}

bool
fsck_is_blank(const struct fsck *x, const char *worker)
{
	struct stat st;

	return fstatat(x->spool->workers, worker, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == 0;
}

static void
check_state(struct fsck *x, const struct worker_state *w, const char *object)
{
	const struct fsck_bearer *b = fsck_bearer(x, w->worker);
	int64_t silent_s = x->now_s - w->beat_s;
	char silent[CLOCK_TEXT_MAX];

	if (b && b->claims && !strs_has(x->options->dead, w->worker))
		check_bearer(x, w, b, object);
	if (b || x->partial || silent_s <= FSCK_WEEK_S)
		return;
	clock_format_span(silent, silent_s);
	fsck_raise(x, FSCK_WORKER_OLD, object, "has not beaten for %s, by its "
	    "own account", silent);
}

/* A worker that was cut off before its first beat has left an empty file. */
static void
check_blank(struct fsck_folder *d, const char *name, const char *object)
{
	int64_t age_s = fsck_age_s(d->x, d->x->spool->workers, name);
	char age[CLOCK_TEXT_MAX];

	clock_format_span(age, age_s);
	if (age_s > FSCK_WEEK_S && !d->x->partial &&
	    !fsck_bearer(d->x, name))
		fsck_raise(d->x, FSCK_WORKER_OLD, object, "is empty; %s old",
		    age);
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
	} else if (fsck_is_blank(x, name)) {
		check_blank(&w->d, name, object);
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

		if (b->claims && !strs_has(x->options->dead, b->worker) &&
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
