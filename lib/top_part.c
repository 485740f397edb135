/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "spool.h"
#include "status.h"
#include "token.h"
#include "top_part.h"

static enum top_look
head(const struct top_view *v, enum top_part part)
{
	return v->chosen == part ? TOP_HEAD_CHOSEN : TOP_HEAD;
}

static void
span(char out[CLOCK_TEXT_MAX], int64_t s)
{
	clock_format_span(out, s > 0 ? s : 0);	/* clocks differ */
}

static void
put_queues(const struct status *st, const struct top_view *v,
	struct top_lines *out)
{
	top_add(out, v, head(v, TOP_QUEUES), "%-22s %8s %8s %8s %6s %7s  %s",
	    "QUEUE", "WAITING", "LATER", "RUNNING", "BAD", "DONE", "OLDEST");
	for (size_t i = 0; i < st->n_queues; i++) {
		const struct queue_status *q = &st->queues[i];
		char age[CLOCK_TEXT_MAX] = "-";

		if (v->queue && strcmp(v->queue, q->name) != 0)
			continue;
		if (q->oldest_s)
			span(age, v->now_s - q->oldest_s);
		top_add(out, v, q->is_held ? TOP_WARN : TOP_PLAIN,
		    "%-22.22s %8zu %8zu %8zu %6zu %7zu  %s%s", q->name,
		    q->waiting, q->delayed, q->running, q->bad,
		    q->done_today, age, q->is_held ? " held" : "");
	}
}

/* What needs somebody comes first, who has ended last. */
static int
weight(const struct worker_state *w, int64_t now_s)
{
	const char *word = status_word(w, now_s);

	return strcmp(word, "stopped") == 0 ? 3 :
	    strcmp(word, "silent") == 0 ? 0 :
	    w->problem || w->warning ? 1 : 2;
}

static void
put_worker(const struct status *st, const struct top_view *v,
	const struct worker_state *w, struct top_lines *out)
{
	static const enum top_look looks[] = { TOP_BAD, TOP_WARN, TOP_GOOD,
	    TOP_DIM };
	char ago[CLOCK_TEXT_MAX], name[128], slots[32];
	bool other = w->host && strcmp(w->host, w->worker) != 0;

	if (v->queue && !strs_has(&w->queues, v->queue))
		return;
	span(ago, v->now_s - w->beat_s);
	(void)snprintf(slots, sizeof slots, "%zu/%lld",
	    status_runs_on(st, w->worker), (long long)w->slots);
	(void)snprintf(name, sizeof name, "%s%s%s", w->worker,
	    other ? "@" : "", other ? w->host : "");
	top_add(out, v, looks[weight(w, v->now_s)],
	    "%-20.20s %-9s %7s %8s  %s", name, status_word(w, v->now_s),
	    slots, ago, w->problem ? w->problem :
	    w->warning ? w->warning : "-");
}

static void
put_workers(const struct status *st, const struct top_view *v,
	struct top_lines *out)
{
	top_add(out, v, head(v, TOP_WORKERS), "%-20s %-9s %7s %8s  %s",
	    "WORKER", "STATE", "SLOTS", "BEAT", "PROBLEM");
	for (int level = 0; level <= 3; level++)
		for (size_t i = 0; i < st->n_workers; i++)
			if (weight(&st->workers[i], v->now_s) == level)
				put_worker(st, v, &st->workers[i], out);
}

/* What runs, ready to be sorted. */
struct running {
	const char *line;
	int queue;		/* how long its name is */
	struct token t;
	int64_t for_s, usual_s;	/* 0: not known */
	enum top_sort by;
};

static int64_t
excess(const struct running *r)
{
	return r->usual_s ? r->for_s - r->usual_s : INT64_MIN;
}

static int
compare(const void *a, const void *b)
{
	const struct running *x = a, *y = b;
	int64_t p = x->for_s, q = y->for_s;

	if (x->by == TOP_BY_EXCESS) {
		p = excess(x);
		q = excess(y);
	}
	if (x->by == TOP_BY_NAME || p == q)
		return strcmp(x->t.label, y->t.label) ?
		    strcmp(x->t.label, y->t.label) : strcmp(x->line, y->line);
	return p < q ? 1 : -1;
}

static size_t
collect(const struct status *st, const struct top_view *v,
	struct running *all)
{
	size_t n = 0;

	for (size_t i = 0; i < st->running.n; i++) {
		struct running *r = &all[n];
		int64_t since_s = st->claims[i].since_s;

		*r = (struct running){ .line = st->running.v[i],
		    .by = v->sort, .usual_s = st->claims[i].expect_s,
		    .for_s = since_s && since_s < v->now_s ?
		    v->now_s - since_s : 0 };
		r->queue = (int)strcspn(r->line, " ");
		if (v->queue && ((size_t)r->queue != strlen(v->queue) ||
		    strncmp(r->line, v->queue, (size_t)r->queue) != 0))
			continue;
		n += token_parse(&r->t, r->line + r->queue + 1) == 0;
	}
	return n;
}

static void
put_running(const struct status *st, const struct top_view *v,
	struct top_lines *out)
{
	struct running *all = mem_alloc((st->running.n + 1) * sizeof *all);
	size_t n = collect(st, v, all);

	qsort(all, n, sizeof *all, compare);
	top_add(out, v, head(v, TOP_RUNNING),
	    "%-12s %-22s %-10s %-14s %8s %8s", "RUNNING", "WHAT", "QUEUE",
	    "WORKER", "FOR", "USUALLY");
	for (size_t i = 0; i < n; i++) {
		const struct running *r = &all[i];
		char since[CLOCK_TEXT_MAX], usual[CLOCK_TEXT_MAX] = "-";

		span(since, r->for_s);
		if (r->usual_s)
			span(usual, r->usual_s);
		top_add(out, v, r->usual_s && r->for_s > 2 * r->usual_s ?
		    TOP_WARN : TOP_PLAIN,
		    "%-12s %-22.22s %-10.*s %-14.14s %8s %8s", r->t.id,
		    r->t.label, r->queue < 10 ? r->queue : 10, r->line,
		    r->t.worker, since, usual);
	}
	free(all);
}

static void
put_failure(const struct top_view *v, const struct strs *w,
	struct top_lines *out)
{
	char arch[NAME_ARCH_MAX + 1], ago[CLOCK_TEXT_MAX] = "-";
	int64_t at_s;

	if (v->queue) {
		queue_arch(arch, v->queue);
		if (strcmp(arch, w->v[4]) != 0)
			return;
	}
	if (clock_parse(w->v[0], &at_s) == 0)
		span(ago, v->now_s - at_s);
	top_add(out, v, strcmp(w->v[1], "fail") == 0 ? TOP_BAD : TOP_WARN,
	    "%-10s %-8s %4s  %s/%s/%s/%s", ago, w->v[1], w->v[2], w->v[3],
	    w->v[4], w->v[5], w->v[6]);
}

static void
put_failures(const struct status *st, const struct top_view *v,
	struct top_lines *out)
{
	top_add(out, v, head(v, TOP_FAILURES), "%-10s %-8s %4s  %s",
	    "FAILURES", "STATUS", "EXIT", "RUN");
	for (size_t i = 0; i < st->recent.n; i++) {
		struct strs words = { 0 };

		strs_split(&words, st->recent.v[i], " ");
		if (words.n == 8 && strcmp(words.v[1], "pass") != 0 &&
		    strcmp(words.v[1], "neutral") != 0)
			put_failure(v, &words, out);
		strs_free(&words);
	}
}

void
top_part(const struct status *st, const struct top_view *v,
	enum top_part part, struct top_lines *out)
{
	static void (*const put[TOP_PARTS])(const struct status *st,
	    const struct top_view *v, struct top_lines *out) = { put_queues,
	    put_workers, put_running, put_failures };

	put[part](st, v, out);
}
