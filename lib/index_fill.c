/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store that has nothing, or that the manifests do not reach back to, is
 * filled from the tree.  With `check`, and where there are no manifests yet,
 * they get a line for each run that they do not have, and for each that is not
 * there any more.  A line takes 16 bytes of memory meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "fsck_set.h"
#include "index_inside.h"
#include "index_read.h"
#include "mem.h"
#include "result.h"
#include "store.h"
#include "tree.h"

struct line {
	uint64_t hash, order;		/* order: twice, and one for + */
};

struct filling {
	struct indexer *x;
	bool check;
	const char *suite;
	struct line *lines;		/* of the manifests */
	size_t n_lines, room;
	struct manifest_mark end;
	struct fsck_set listed;		/* there, by the manifests */
	struct fsck_set seen, leaving;
	struct strs unseen;		/* notices of what cannot be read */
	struct manifest_writer w;
	size_t n, added;
	char at[NOTICE_PATH_MAX];	/* the prefix, for the progress */
	size_t part, of;
	struct fail *f;
	int rc;
};

static uint64_t
hash_of(const struct notice *n)
{
	char path[NOTICE_PATH_MAX];

	notice_path(path, n);
	return fsck_hash(0, path);
}

static int
note_line(void *context, const struct notice *n)
{
	struct filling *l = context;

	if (l->n_lines == l->room) {
		l->room += l->room / 2 + 1024;
		l->lines = mem_grow(l->lines, l->room, sizeof *l->lines);
	}
	l->lines[l->n_lines] = (struct line){ hash_of(n), 2 * l->n_lines +
	    (n->kind == NOTICE_NEW) };
	l->n_lines++;
	return !index_go_on(l->x);
}

static int
by_hash(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The last line of a run tells. */
static int
read_manifests(struct filling *l)
{
	if (manifest_read(l->x->spool, &l->end, note_line, l, l->f) != 0)
		return -1;
	if (!index_go_on(l->x))
		return fail_set(l->f, EX_TEMPFAIL, "stopped");
	if (l->n_lines)
		qsort(l->lines, l->n_lines, sizeof *l->lines, by_hash);
	for (size_t i = 0; i < l->n_lines; i++)
		if ((i + 1 == l->n_lines ||
		    l->lines[i + 1].hash != l->lines[i].hash) &&
		    l->lines[i].order % 2)
			fsck_set_add(&l->listed, l->lines[i].hash);
	l->check |= l->n_lines == 0;
	free(l->lines);
	l->lines = NULL;
	return 0;
}

static int
note_leaving(void *context, const struct notice *n)
{
	struct filling *l = context;

	fsck_set_add(&l->leaving, hash_of(n));
	l->rc = index_touch(l->x, n, l->f);
	return l->rc != 0;
}

/* What has left the indexes, and is there still. */
static int
leave_out(struct filling *l)
{
	if (index_leaving(l->x, note_leaving, l, l->f) != 0 || l->rc != 0)
		return -1;
	fsck_set_sort(&l->leaving);
	return 0;
}

static void
show_progress(struct filling *l, const struct notice *n)
{
	const struct index_options *o = l->x->options;
	char prefix[5], at[sizeof l->at];

	name_pool_prefix(prefix, n->source);
	(void)snprintf(at, sizeof at, "%s/%s/%s", n->suite, n->arch, prefix);
	if (strcmp(at, l->at) != 0)
		l->part++;
	memcpy(l->at, at, sizeof at);
	if (o->progress)
		o->progress(o->context, l->at, l->part, l->of);
}

static int
put(struct filling *l, const struct result *r, const struct notice *n)
{
	struct store *store = l->x->store;
	uint64_t hash = hash_of(n);

	if (store_put(store, r, n->run_id, l->f) != 0)
		return -1;
	if (++l->n % INDEX_BATCH_MOST == 0 &&
	    (store_commit(store, l->f) != 0 || store_begin(store, l->f) != 0))
		return -1;
	if (!l->check)
		return 0;
	if (fsck_set_has(&l->listed, hash)) {
		fsck_set_add(&l->seen, hash);
		return 0;
	}
	l->added++;
	return manifest_add(&l->w, n, l->f);
}

static int
fill_run(void *context, const char *arch, const char *source,
	const char *run_id)
{
	struct filling *l = context;
	struct notice n = { .kind = NOTICE_NEW };
	struct result r;

	index_name(&n, l->suite, arch, source, run_id);
	show_progress(l, &n);
	if (!index_go_on(l->x)) {
		l->rc = fail_set(l->f, EX_TEMPFAIL, "stopped");
		return 1;
	}
	if (fsck_set_has(&l->leaving, hash_of(&n)))
		return 0;
	switch (index_read(l->x, &n, &r)) {
	case INDEX_SEEN:
		l->rc = put(l, &r, &n);
		break;
	case INDEX_UNSEEN:
		l->rc = index_note_unseen(l->x, &l->unseen, &n, l->f);
		/* fallthrough */
	case INDEX_BAD:
		fsck_set_add(&l->seen, hash_of(&n));
		break;
	}
	result_free(&r);
	return l->rc != 0;
}

static int
count_prefixes(struct filling *l, const struct strs *suites)
{
	for (size_t i = 0; i < suites->n; i++) {
		struct strs archs = { 0 };
		int rc = tree_archs(l->x->spool, suites->v[i], &archs, l->f);

		for (size_t k = 0; rc == 0 && k < archs.n; k++) {
			struct strs prefixes = { 0 };

			rc = tree_prefixes(l->x->spool, suites->v[i],
			    archs.v[k], &prefixes, l->f);
			l->of += prefixes.n;
			strs_free(&prefixes);
		}
		strs_free(&archs);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
walk(struct filling *l)
{
	struct strs suites = { 0 };
	int rc = tree_suites(l->x->spool, &suites, l->f);

	if (rc == 0)
		rc = count_prefixes(l, &suites);
	for (size_t i = 0; rc == 0 && i < suites.n; i++) {
		l->suite = suites.v[i];
		rc = tree_names(l->x->spool, l->suite, fill_run, l, l->f);
		if (rc == 0)
			rc = l->rc;
	}
	strs_free(&suites);
	return rc;
}

/* A line for what the manifests have and the tree has not. */
static int
note_lost(void *context, const struct notice *n)
{
	struct filling *l = context;
	struct notice gone = *n;
	uint64_t hash = hash_of(n);

	if (n->kind != NOTICE_NEW || !fsck_set_has(&l->listed, hash) ||
	    fsck_set_has(&l->seen, hash) || !index_is_gone(l->x, n))
		return 0;
	gone.kind = NOTICE_GONE;
	l->added++;
	l->rc = index_touch(l->x, n, l->f);
	if (l->rc == 0)
		l->rc = manifest_add(&l->w, &gone, l->f);
	return l->rc != 0;
}

static int
check_lost(struct filling *l)
{
	struct manifest_mark begin = { .offset = 0 };

	fsck_set_sort(&l->seen);
	if (l->seen.n >= l->listed.n)
		return 0;
	if (manifest_read(l->x->spool, &begin, note_lost, l, l->f) != 0)
		return -1;
	return l->rc;
}

static int
fill(struct filling *l)
{
	struct indexer *x = l->x;

	if (read_manifests(l) != 0)
		return -1;
	fsck_set_sort(&l->listed);
	if (l->check && manifest_begin(&l->w, &x->role, &l->end, l->f) != 0)
		return -1;
	/* What is committed between is of no use without the mark, its end. */
	if (store_begin(x->store, l->f) != 0)
		return -1;
	if (store_clear(x->store, l->f) != 0 || leave_out(l) != 0 ||
	    walk(l) != 0 || (l->check && check_lost(l) != 0)) {
		(void)store_undo(x->store, &(struct fail){ 0 });
		return -1;
	}
	x->mark = l->end;
	return index_commit(x, l->added ? &l->w : NULL, l->f);
}

int
index_fill(struct indexer *x, bool check, struct fail *f)
{
	struct filling l = { .x = x, .check = check, .f = f, .w.fd = -1 };
	int rc;

	log_say(x->log, LOG_LEVEL_INFO, "indexer %s: reads the whole tree",
	    x->conf->worker);
	rc = fill(&l);
	if (rc == 0)
		rc = index_drop_unseen(x, &l.unseen, f);
	if (rc == 0)
		log_say(x->log, LOG_LEVEL_INFO, "indexer %s: %zu runs, %zu "
		    "new lines in the manifest", x->conf->worker, l.n,
		    l.added);
	manifest_abandon(&l.w);
	free(l.lines);
	fsck_set_free(&l.listed);
	fsck_set_free(&l.seen);
	fsck_set_free(&l.leaving);
	strs_free(&l.unseen);
	return rc;
}
