/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices become lines of the manifest and runs of the store.  One that comes
 * twice changes nothing.  One whose run cannot be seen is tried again, less and
 * less often: a lookup that finds nothing may be an old one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_set.h"
#include "index_inside.h"
#include "index_read.h"
#include "mem.h"
#include "result.h"
#include "store.h"

enum { STUCK_LEAST_MS = 1000, STUCK_WAIT_MOST_MS = 600 * 1000 };

/* What was done with a notice. */
struct taken {
	struct notice notice;
	bool known;		/* the store had it so already */
};

struct batch {
	struct indexer *x;
	struct strs names;	/* in the order of their runs */
	struct taken *v;
	size_t n;
	struct fsck_set recent;	/* lines that need not be written again */
	bool has_recent;
	size_t lines;
	size_t handled;		/* notices that will not be listed at once */
};

static struct index_stuck *
find_stuck(struct indexer *x, const char *name)
{
	for (size_t i = 0; i < x->n_stuck; i++)
		if (strcmp(x->stuck[i].name, name) == 0)
			return &x->stuck[i];
	return NULL;
}

/* false: there are too many. */
static bool
note_stuck(struct indexer *x, const char *name)
{
	struct index_stuck *s = find_stuck(x, name);

	if (!s && x->n_stuck >= INDEX_STUCK_MOST)
		return false;
	if (!s) {
		if (x->n_stuck == x->stuck_room) {
			x->stuck_room += x->stuck_room / 2 + 16;
			x->stuck = mem_grow(x->stuck, x->stuck_room,
			    sizeof *x->stuck);
		}
		s = &x->stuck[x->n_stuck++];
		*s = (struct index_stuck){ .name = mem_dup(name),
		    .wait_ms = STUCK_LEAST_MS / 2, .listed = true };
	}
	s->wait_ms = 2 * s->wait_ms < STUCK_WAIT_MOST_MS ? 2 * s->wait_ms :
	    STUCK_WAIT_MOST_MS;
	s->next_ms = clock_boot_ms() + s->wait_ms;
	return true;
}

/* Those that are not left as notices any more are forgotten. */
static void
forget_stuck(struct indexer *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->n_stuck; i++)
		if (x->stuck[i].listed)
			x->stuck[kept++] = x->stuck[i];
		else
			free(x->stuck[i].name);
	x->n_stuck = kept;
}

int64_t
index_stuck_at_ms(const struct indexer *x)
{
	int64_t at_ms = INT64_MAX;

	for (size_t i = 0; i < x->n_stuck; i++)
		if (x->stuck[i].next_ms < at_ms)
			at_ms = x->stuck[i].next_ms;
	return at_ms;
}

void
index_stuck_free(struct indexer *x)
{
	for (size_t i = 0; i < x->n_stuck; i++)
		free(x->stuck[i].name);
	free(x->stuck);
}

/* Sorts by run, and what is new before what is gone. */
static int
keep_notice(void *context, const char *name, unsigned char type)
{
	struct batch *b = context;
	struct index_stuck *s;
	struct notice n;

	(void)type;
	if (notice_parse(&n, name) != 0)
		return 0;
	s = find_stuck(b->x, name);
	if (s)
		s->listed = true;
	if (!s || s->next_ms <= clock_boot_ms())
		strs_addf(&b->names, "%s%d%s", n.run_id,
		    n.kind == NOTICE_GONE, name);
	return b->names.n >= INDEX_BATCH_MOST;
}

static int
list_notices(struct batch *b, struct fail *f)
{
	struct indexer *x = b->x;

	for (size_t i = 0; i < x->n_stuck; i++)
		x->stuck[i].listed = false;
	if (notice_each(x->spool, keep_notice, b, f) != 0)
		return -1;
	if (b->names.n < INDEX_BATCH_MOST)
		forget_stuck(x);
	strs_sort(&b->names);
	return 0;
}

static int
put_new(struct batch *b, const struct notice *n, const char *name,
	struct fail *f)
{
	struct indexer *x = b->x;
	struct result r = { 0 };
	enum index_seen seen = index_read(x, n, &r);
	int rc = 0;

	if (seen == INDEX_SEEN) {
		rc = store_put(x->store, &r, n->run_id, f);
		b->v[b->n++] = (struct taken){ *n, false };
	} else if (seen == INDEX_UNSEEN) {
		b->handled += note_stuck(x, name);
	} else {
		b->handled++;
		rc = notice_end(x->spool, name, f);
	}
	result_free(&r);
	return rc;
}

static int
take_notice(struct batch *b, const char *name, struct fail *f)
{
	struct store *store = b->x->store;
	struct notice n;
	int has;

	(void)notice_parse(&n, name);
	has = index_has(b->x, &n, f);
	if (has < 0)
		return -1;
	if (n.kind == NOTICE_NEW && !has)
		return put_new(b, &n, name, f);
	if (n.kind == NOTICE_GONE && store_remove(store, n.suite, n.arch,
	    n.source, n.run_id, f) != 0)
		return -1;
	b->v[b->n++] = (struct taken){ n, (n.kind == NOTICE_NEW) == has };
	return 0;
}

static uint64_t
hash_of(const struct notice *n)
{
	char name[NOTICE_NAME_MAX];

	notice_format(name, n);
	return fsck_hash(0, name);
}

static int
note_recent(void *context, const struct notice *n)
{
	struct batch *b = context;

	fsck_set_add(&b->recent, hash_of(n));
	return 0;
}

/*
 * That the store knows a run does not tell that the manifests do: it may have
 * been filled from the tree before the notice was read.  The last two hours
 * tell of a notice that came twice; an older one may be told twice.
 */
static int
read_recent(struct batch *b, struct fail *f)
{
	struct manifest_mark from = { .offset = 0 };
	struct strs hours = { 0 };
	int rc = manifest_hours(b->x->spool, &hours, f);

	b->has_recent = true;
	if (rc == 0 && hours.n) {
		(void)snprintf(from.hour, sizeof from.hour, "%s",
		    hours.v[hours.n > 1 ? hours.n - 2 : 0]);
		rc = manifest_read(b->x->spool, &from, note_recent, b, f);
	}
	fsck_set_sort(&b->recent);
	strs_free(&hours);
	return rc;
}

static int
add_line(struct batch *b, struct manifest_writer *w, const struct taken *t,
	struct fail *f)
{
	if (t->known && !b->has_recent && read_recent(b, f) != 0)
		return -1;
	if (t->known && fsck_set_has(&b->recent, hash_of(&t->notice)))
		return 0;
	if (b->lines++ == 0 && manifest_begin(w, &b->x->role, &b->x->mark,
	    f) != 0)
		return -1;
	return manifest_add(w, &t->notice, f);
}

static int
write_batch(struct batch *b, struct fail *f)
{
	struct manifest_writer w = { .fd = -1 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = add_line(b, &w, &b->v[i], f);
	if (rc == 0)
		rc = index_commit(b->x, b->lines ? &w : NULL, f);
	else
		(void)store_undo(b->x->store, &(struct fail){ 0 });
	manifest_abandon(&w);
	return rc;
}

/* The manifest has it: the notice may go, and what waits for it may begin. */
static int
end_notice(struct indexer *x, const struct taken *t, struct fail *f)
{
	struct notice other = t->notice;
	char name[NOTICE_NAME_MAX];

	if (!t->known && !strs_has(&x->suites, t->notice.suite))
		strs_add(&x->suites, t->notice.suite);
	if (t->notice.kind == NOTICE_GONE) {
		if (index_leave(x, &t->notice, f) != 0)
			return -1;
		/* It would come after, and be indexed while it leaves. */
		other.kind = NOTICE_NEW;
	}
	notice_format(name, &other);
	return notice_end(x->spool, name, f);
}

static int
take_batch(struct batch *b, struct fail *f)
{
	struct indexer *x = b->x;
	int rc = 0;

	if (store_begin(x->store, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < b->names.n && index_go_on(x); i++)
		rc = take_notice(b, b->names.v[i] + PUBLISH_RUN_ID_MAX, f);
	if (rc != 0) {
		(void)store_undo(x->store, &(struct fail){ 0 });
		return -1;
	}
	if (write_batch(b, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		x->debci.due |= !b->v[i].known;
		rc = end_notice(x, &b->v[i], f);
	}
	x->ubuntu.due = x->data.due |= x->debci.due;
	return rc;
}

int
index_take(struct indexer *x, struct fail *f)
{
	struct batch b = { .x = x };
	int rc = list_notices(&b, f);

	if (rc == 0 && b.names.n) {
		b.v = mem_grow(NULL, b.names.n, sizeof *b.v);
		rc = take_batch(&b, f);
	}
	x->more = rc == 0 && b.names.n >= INDEX_BATCH_MOST &&
	    b.n + b.handled > 0;
	x->taken_in += b.n;
	strs_free(&b.names);
	free(b.v);
	fsck_set_free(&b.recent);
	return rc;
}
