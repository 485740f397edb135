/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "fail.h"
#include "fsck_look.h"
#include "mem.h"

static int
by_id_and_hash(const void *a, const void *b)
{
	const struct fsck_seen *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* The folders in the order in which tokens travel. */
static void
look_at_tokens(struct fsck *x, const struct queue *q)
{
	fsck_look_tmp(x, q);
	fsck_look_waiting(x, q);
	fsck_look_claimed(x, q);
	fsck_look_bad(x, q);
	fsck_look_done(x, q);
}

static void
look_at_leftovers(struct fsck *x, const struct queue *q)
{
	fsck_look_links(x, q);
	fsck_look_tries(x, q);
}

static void
each_queue(struct fsck *x, void (*look)(struct fsck *x, const struct queue *q))
{
	for (size_t i = 0; i < x->queues.n; i++) {
		struct queue q;
		struct fail f;

		if (queue_open(&q, x->spool, x->queues.v[i], &f) == 0)
			look(x, &q);
		else
			fsck_go_blind(x, &f);
		queue_close(&q);
	}
}

/* Ids that were seen twice, or that have a stage, are kept with their names. */
static void
want(struct fsck *x)
{
	for (size_t i = 0; i < x->twice_ids.n; i++)
		fsck_set_add(&x->wanted, x->twice_ids.v[i]);
	fsck_set_sort(&x->wanted);
}

static void
look(struct fsck *x)
{
	fsck_look_folders(x);
	if (x->whole)
		fsck_list_stages(x);
	want(x);
	each_queue(x, look_at_tokens);
	fsck_ids_sort(&x->ids);
	if (x->n_seen)
		qsort(x->seen, x->n_seen, sizeof *x->seen, by_id_and_hash);
	fsck_look_twice(x);
	each_queue(x, look_at_leftovers);
	if (x->whole) {
		fsck_look_stages(x);
		fsck_look_workers(x);
		fsck_look_imported(x);
		fsck_look_index(x);
	}
	if (x->options->deep)
		fsck_look_runs(x);
	fsck_set_sort(&x->keys);
	x->report->tokens = x->ids.n;
	x->report->queues = x->queues.n;
}

/* Forgets what belongs to one look alone. */
static void
forget(struct fsck *x)
{
	for (size_t i = 0; i < x->n_seen; i++)
		free(x->seen[i].path);
	for (size_t i = 0; i < x->n_bearers; i++) {
		free(x->bearers[i].worker);
		free(x->bearers[i].claim);
	}
	free(x->seen);
	free(x->bearers);
	x->seen = NULL;
	x->bearers = NULL;
	x->n_seen = x->seen_room = x->n_bearers = 0;
	strs_free(&x->queues);
	strs_free(&x->stages);
	fsck_set_free(&x->keys);
	fsck_set_free(&x->wanted);
	fsck_ids_free(&x->ids);
}

static void
wait_ms(int64_t ms)
{
	const struct timespec t = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&t, NULL);
}

/* A second look, where the first has found something. */
static int
look_again(struct fsck *x, int64_t beats_ms, struct fail *f)
{
	if (!x->keys.n && !x->twice_ids.n && !x->twice_runs.n &&
	    !x->report->blind[0])
		return 0;
	x->before = x->keys;
	x->keys = (struct fsck_set){ 0 };
	forget(x);
	wait_ms(x->options->moment_ms + 2 * beats_ms);
	x->again = true;
	x->partial = false;
	x->report->blind[0] = '\0';
	x->now_s = clock_now_s();
	look(x);
	return fsck_check_beats(x, f);
}

static void
repair(struct fsck *x)
{
	for (size_t i = 0; i < x->report->n; i++) {
		struct fsck_finding *g = &x->report->v[i];
		struct fail f = { 0 };

		if (!x->options->repair || !g->words->repair)
			continue;
		g->state = g->words->repair(x, g, &f);
		if (g->state == FSCK_LEFT)
			g->trouble = mem_dup(f.text);
	}
}

static void
add_up(struct fsck_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct fsck_finding *g = &r->v[i];

		r->repaired += g->state == FSCK_REPAIRED;
		r->left += !g->words->hint && (g->state == FSCK_FOUND ||
		    g->state == FSCK_LEFT);
	}
	r->left += r->more;
}

static int
check_names(const struct spool *s, const struct strs *queues, struct fail *f)
{
	for (size_t i = 0; i < queues->n; i++) {
		int there = queue_exists(s, queues->v[i], f);

		if (there < 0)
			return -1;
		if (!there)
			return fail_set(f, EX_CONFIG, "%s: there is no queue "
			    "\"%.80s\"", s->path, queues->v[i]);
	}
	return 0;
}

int
fsck(const struct conf *c, const struct spool *s, const struct fsck_options *o,
	struct fsck_report *r, struct fail *f)
{
	struct fsck x = { .conf = c, .spool = s, .options = o, .report = r,
	    .now_s = clock_now_s(), .whole = o->queues->n == 0 };
	int64_t beats_ms;
	int rc;

	*r = (struct fsck_report){ .spool_path = s->path,
	    .results_path = s->results_path };
	if (check_names(s, o->queues, f) != 0)
		return -1;
	beats_ms = fsck_note_beats(&x);
	look(&x);
	rc = look_again(&x, beats_ms, f);
	if (rc == 0)
		repair(&x);
	add_up(r);
	forget(&x);
	fsck_set_free(&x.before);
	fsck_set_free(&x.twice);
	fsck_set_free(&x.twice_ids);
	fsck_set_free(&x.twice_runs);
	strs_free(&x.beats);
	strs_free(&x.dead);
	return rc;
}

int
fsck_status(const struct fsck_report *r)
{
	if (r->blind[0])
		return EX_TEMPFAIL;
	return r->left ? EX_DATAERR : EX_OK;
}

void
fsck_report_free(struct fsck_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].object);
		free(r->v[i].what);
		free(r->v[i].trouble);
	}
	free(r->v);
	*r = (struct fsck_report){ 0 };
}
