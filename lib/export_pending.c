/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "entry.h"
#include "export.h"
#include "export_pending.h"
#include "fail.h"
#include "find.h"
#include "mem.h"
#include "request.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

struct item {
	char *key;		/* the id; or, without one, the file */
	char id[TOKEN_ID_MAX];	/* "" for a file that was dropped */
	struct request request;
	char *ppa;
	bool seen;		/* at this look */
	bool late;		/* not at the one before */
	bool replaced;		/* a dropped file that was read again */
};

struct items {
	struct item *v;
	size_t n, room;
};

struct export_pending {
	struct items known;	/* sorted by their keys */
};

/* A look at the queues. */
struct look {
	const struct conf *conf;
	const struct spool *spool;
	struct items *known, fresh;
	struct found at;
	struct strs *changed;	/* suites; may be NULL */
};

static void
item_free(struct item *i)
{
	free(i->key);
	request_free(&i->request);
	free(i->ppa);
}

static void
items_free(struct items *l)
{
	for (size_t i = 0; i < l->n; i++)
		item_free(&l->v[i]);
	free(l->v);
	*l = (struct items){ 0 };
}

static void
items_add(struct items *l, const struct item *i)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->v = mem_grow(l->v, l->room, sizeof *l->v);
	}
	l->v[l->n++] = *i;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->key,
	    ((const struct item *)b)->key);
}

static struct item *
items_find(const struct items *sorted, char *key)
{
	struct item wanted = { .key = key };

	return sorted->n == 0 ? NULL :
	    bsearch(&wanted, sorted->v, sorted->n, sizeof *sorted->v, by_key);
}

struct export_pending *
export_pending_new(void)
{
	return mem_alloc(sizeof(struct export_pending));
}

void
export_pending_free(struct export_pending *p)
{
	if (p)
		items_free(&p->known);
	free(p);
}

/* What cannot be read is on its way, or will be refused: no answer yet. */
static void
read_one(struct look *l, char *key)
{
	struct item i = { .seen = true };
	struct fail passed;

	if (find_read(l->conf, l->spool, &l->at, &i.request, &passed) != 0) {
		request_free(&i.request);
		return;
	}
	memcpy(i.id, l->at.token.id, sizeof i.id);
	i.key = mem_dup(key);
	i.ppa = entry_ppa(&i.request.ppas);
	items_add(&l->fresh, &i);
}

/*
 * What a request asks for never changes, so it is read once; a dropped file,
 * which may be replaced by another of its name, each time.
 */
static void
see(struct look *l)
{
	bool dropped = !l->at.token.id[0];
	char *key = dropped ? mem_printf("%s/%s", l->at.queue, l->at.path) :
	    mem_dup(l->at.token.id);
	struct item *known = items_find(l->known, key);

	if (known && !dropped)
		known->seen = true;
	else
		read_one(l, key);
	free(key);
}

static int
see_waiting(void *context, const struct scan_entry *e)
{
	struct look *l = context;

	l->at.token = e->token;
	if (!e->is_token)
		l->at.token.id[0] = '\0';
	(void)snprintf(l->at.path, sizeof l->at.path, "new/%s%s%s", e->bucket,
	    e->bucket[0] ? "/" : "", e->name);
	see(l);
	return 0;
}

static int
see_queue(struct look *l, const char *name, struct fail *f)
{
	struct strs claimed = { 0 };
	struct queue q;
	int rc = queue_open(&q, l->spool, name, f);

	if (rc == 0) {
		(void)snprintf(l->at.queue, sizeof l->at.queue, "%s", name);
		rc = scan_waiting(&q, see_waiting, l, f);
	}
	if (rc == 0)
		rc = scan_claimed(&q, &claimed, f);
	for (size_t i = 0; rc == 0 && i < claimed.n; i++) {
		(void)token_parse(&l->at.token, claimed.v[i]);
		(void)snprintf(l->at.path, sizeof l->at.path, "cur/%s",
		    claimed.v[i]);
		see(l);
	}
	strs_free(&claimed);
	queue_close(&q);
	return rc;
}

/*
 * A stage is of what is committed and not yet published when its token is in
 * the folder of done/ that its plan says; otherwise another look has seen it.
 */
static void
see_stage(struct look *l, const char *attempt)
{
	struct plan plan;
	struct fail passed;

	if (token_parse(&l->at.token, attempt) != 0 ||
	    stage_read_plan(l->spool, attempt, &plan, &passed) != 0)
		return;
	(void)snprintf(l->at.queue, sizeof l->at.queue, "%s", plan.queue);
	(void)snprintf(l->at.path, sizeof l->at.path, "done/%s/%s", plan.day,
	    attempt);
	see(l);
}

static void
note_change(struct look *l, const struct item *i)
{
	if (l->changed && !strs_has(l->changed, i->request.suite))
		strs_add(l->changed, i->request.suite);
}

/* Of a request that was seen twice, on its way, one is kept. */
static void
take_fresh(struct look *l, struct items *next)
{
	if (l->fresh.n > 0)
		qsort(l->fresh.v, l->fresh.n, sizeof *l->fresh.v, by_key);
	for (size_t i = 0; i < l->fresh.n; i++) {
		struct item *now = &l->fresh.v[i];
		struct item *known = items_find(l->known, now->key);

		if (i + 1 < l->fresh.n && by_key(now, now + 1) == 0) {
			item_free(now);
			continue;
		}
		if (known)
			known->replaced = true;
		else
			note_change(l, now);
		items_add(next, now);
	}
	free(l->fresh.v);
}

/* What was not seen for the first time stays for one more look. */
static void
take_known(struct look *l, struct items *next)
{
	for (size_t i = 0; i < l->known->n; i++) {
		struct item *known = &l->known->v[i];

		if (known->replaced || (known->late && !known->seen)) {
			if (!known->replaced)
				note_change(l, known);
			item_free(known);
			continue;
		}
		known->late = !known->seen;
		items_add(next, known);
	}
	free(l->known->v);
}

int
export_pending_refresh(struct export_pending *p, const struct conf *c,
	const struct spool *s, struct strs *changed, struct fail *f)
{
	struct look l = { .conf = c, .spool = s, .known = &p->known,
	    .changed = changed };
	struct strs queues = { 0 }, stages = { 0 };
	struct items next = { 0 };
	int rc = spool_queues(s, &queues, f);

	for (size_t i = 0; i < p->known.n; i++)
		p->known.v[i].seen = false;
	for (size_t i = 0; rc == 0 && i < queues.n; i++)
		rc = see_queue(&l, queues.v[i], f);
	if (rc == 0)
		rc = stage_list(s, NULL, &stages, f);
	for (size_t i = 0; rc == 0 && i < stages.n; i++)
		see_stage(&l, stages.v[i]);
	if (rc == 0) {
		take_fresh(&l, &next);
		take_known(&l, &next);
		if (next.n > 0)
			qsort(next.v, next.n, sizeof *next.v, by_key);
		p->known = next;
	} else {
		items_free(&l.fresh);
	}
	strs_free(&queues);
	strs_free(&stages);
	return rc;
}

static bool
is_wanted(const struct item *i, const struct export_query *q)
{
	return strcmp(i->request.suite, q->suite) == 0 &&
	    strcmp(i->ppa, q->ppa) == 0;
}

void
export_pending_put(const struct export_pending *p,
	const struct export_query *q, struct buf *out, bool *filled)
{
	int64_t now_s = clock_now_s();

	for (size_t i = 0; i < p->known.n; i++) {
		const struct item *item = &p->known.v[i];

		if (!is_wanted(item, q))
			continue;
		export_list_next(out, filled);
		entry_pending(out, &item->request, item->id, now_s);
	}
}

void
export_pending_suites(const struct export_pending *p, struct strs *suites)
{
	for (size_t i = 0; i < p->known.n; i++) {
		const char *suite = p->known.v[i].request.suite;

		if (!strs_has(suites, suite))
			strs_add(suites, suite);
	}
}

void
export_pending_ppas(const struct export_pending *p, const char *suite,
	struct strs *ppas)
{
	for (size_t i = 0; i < p->known.n; i++) {
		const struct item *item = &p->known.v[i];

		if (item->ppa[0] && strcmp(item->request.suite, suite) == 0 &&
		    !strs_has(ppas, item->ppa))
			strs_add(ppas, item->ppa);
	}
}

size_t
export_pending_count(const struct export_pending *p)
{
	return p->known.n;
}
