/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "lease.h"
#include "metrics.h"
#include "status.h"

enum kind { GAUGE, COUNTER };

/* Workers that are told of, and when that is. */
struct workers {
	const struct worker_state *v;
	size_t n;
	int64_t now_s;
};

static void
head(struct buf *out, const char *name, enum kind kind, const char *help)
{
	buf_addf(out, "# HELP adtspool_%s %s\n# TYPE adtspool_%s %s\n", name,
	    help, name, kind == COUNTER ? "counter" : "gauge");
}

/* Begins with NAME{LABEL="VALUE". */
static void
label(struct buf *out, const char *before, const char *key, const char *value)
{
	buf_addf(out, "%s%s=\"", before, key);
	for (const char *p = value ? value : ""; *p; p++) {
		if (*p == '\n')
			buf_add(out, "\\n");
		else if (*p == '"' || *p == '\\')
			buf_addf(out, "\\%c", *p);
		else
			buf_addn(out, p, 1);
	}
	buf_add(out, "\"");
}

static void
begin(struct buf *out, const char *name, const char *key, const char *value)
{
	buf_addf(out, "adtspool_%s", name);
	label(out, "{", key, value);
}

static void
end(struct buf *out, int64_t n)
{
	buf_addf(out, "} %" PRId64 "\n", n);
}

static int64_t
age_s(int64_t now_s, int64_t then_s)
{
	return now_s > then_s ? now_s - then_s : 0;
}

static bool
is_stopped(const struct worker_state *w)
{
	return w->state && strcmp(w->state, "stopped") == 0;
}

static void
put_info(const struct workers *w, struct buf *out)
{
	head(out, "worker_info", GAUGE, "What a worker is, and its state.");
	for (size_t i = 0; i < w->n; i++) {
		begin(out, "worker_info", "worker", w->v[i].worker);
		label(out, ",", "host", w->v[i].host);
		label(out, ",", "version", w->v[i].version);
		label(out, ",", "state", w->v[i].state);
		end(out, 1);
	}
}

enum gauge { SLOTS, RUNNING, PROBLEM, WARNING, STARTED, BEAT, BEAT_AGE,
	GAUGES };

/* Of those that have not stopped. */
static const struct { const char *name, *help; } gauges[GAUGES] = {
	[SLOTS] = { "worker_slots", "How many tests may run at the same time."
	    },
	[RUNNING] = { "worker_running_tests", "How many do." },
	[PROBLEM] = { "worker_problem", "Whether it claims nothing, for a "
	    "reason that adtspool status tells." },
	[WARNING] = { "worker_warning", "Whether its configuration could not "
	    "be reloaded in full." },
	[STARTED] = { "worker_start_time_seconds", "When it started." },
	[BEAT] = { "worker_heartbeat_timestamp_seconds", "Its last heartbeat, "
	    "by its own clock." },
	[BEAT_AGE] = { "worker_heartbeat_age_seconds", "How old that is." },
};

static int64_t
gauge_of(enum gauge what, const struct worker_state *w, int64_t now_s)
{
	switch (what) {
	case SLOTS:
		return w->slots;
	case RUNNING:
		return (int64_t)w->running.n;
	case PROBLEM:
		return w->problem != NULL;
	case WARNING:
		return w->warning != NULL;
	case STARTED:
		return w->started_s;
	case BEAT:
		return w->beat_s;
	default:
		return age_s(now_s, w->beat_s);
	}
}

static const struct {
	const char *name, *help;
	enum lease_count count;
} counters[] = {
	{ "claims_total", "Requests that it claimed.", LEASE_CLAIMS },
	{ "claim_conflicts_total", "Claims that others were faster with.",
	    LEASE_CLAIM_CONFLICTS },
	{ "lease_losses_total", "Attempts that others took over meanwhile.",
	    LEASE_LOSSES },
	{ "host_failures_total", "Times that this host could not run a test "
	    "or write its result, or was bad.", LEASE_HOST_FAILURES },
	{ "retries_total", "Attempts that were used up without a result.",
	    LEASE_RETRIES },
	{ "refused_total", "Requests that it put into bad/.", LEASE_REFUSED },
};

static void
put_results(const struct workers *w, struct buf *out)
{
	head(out, "results_total", COUNTER, "Results that it published, by "
	    "status.");
	for (size_t i = 0; i < w->n; i++)
		for (int c = LEASE_PASS; c < LEASE_COUNTS; c++) {
			begin(out, "results_total", "worker", w->v[i].worker);
			label(out, ",", "status", lease_count_names[c]);
			end(out, w->v[i].counts[c]);
		}
}

static void
put_workers(const struct workers *w, struct buf *out)
{
	put_info(w, out);
	for (enum gauge g = 0; g < GAUGES; g++) {
		head(out, gauges[g].name, GAUGE, gauges[g].help);
		for (size_t i = 0; i < w->n; i++) {
			if (is_stopped(&w->v[i]))
				continue;
			begin(out, gauges[g].name, "worker", w->v[i].worker);
			end(out, gauge_of(g, &w->v[i], w->now_s));
		}
	}
	for (size_t c = 0; c < sizeof counters / sizeof *counters; c++) {
		head(out, counters[c].name, COUNTER, counters[c].help);
		for (size_t i = 0; i < w->n; i++) {
			begin(out, counters[c].name, "worker", w->v[i].worker);
			end(out, w->v[i].counts[counters[c].count]);
		}
	}
	put_results(w, out);
}

static void
put_requests(const struct queue_status *q, struct buf *out)
{
	const struct { const char *state; size_t n; } states[] = {
	    { "waiting", q->waiting }, { "later", q->delayed },
	    { "running", q->running }, { "bad", q->bad } };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		begin(out, "queue_requests", "queue", q->name);
		label(out, ",", "state", states[i].state);
		end(out, (int64_t)states[i].n);
	}
}

static void
put_queues(const struct status *st, int64_t now_s, struct buf *out)
{
	head(out, "queue_requests", GAUGE, "Requests by state; later are those "
	    "that are not due.");
	for (size_t i = 0; i < st->n_queues; i++)
		put_requests(&st->queues[i], out);
	head(out, "queue_oldest_age_seconds", GAUGE, "How long the oldest has "
	    "waited; 0 where none does.");
	for (size_t i = 0; i < st->n_queues; i++) {
		int64_t oldest_s = st->queues[i].oldest_s;

		begin(out, "queue_oldest_age_seconds", "queue",
		    st->queues[i].name);
		end(out, oldest_s ? age_s(now_s, oldest_s) : 0);
	}
	head(out, "queue_held", GAUGE, "Whether nothing is claimed there.");
	for (size_t i = 0; i < st->n_queues; i++) {
		begin(out, "queue_held", "queue", st->queues[i].name);
		end(out, st->queues[i].is_held);
	}
}

static void
put_index(const struct metrics_index *x, int64_t now_s, struct buf *out)
{
	head(out, "index_notices", GAUGE, "What the indexer has still to take "
	    "in.");
	buf_addf(out, "adtspool_index_notices %zu\n", x->notices);
	head(out, "index_lag_seconds", GAUGE, "How long the oldest published "
	    "run of these has waited.");
	buf_addf(out, "adtspool_index_lag_seconds %" PRId64 "\n",
	    x->oldest_s ? age_s(now_s, x->oldest_s) : 0);
	head(out, "index_held", GAUGE, "Whether an indexer has the role.");
	buf_addf(out, "adtspool_index_held %d\n", x->holder[0] != '\0');
	if (!x->beat_s)
		return;
	head(out, "index_heartbeat_age_seconds", GAUGE, "The age of its last "
	    "heartbeat.");
	begin(out, "index_heartbeat_age_seconds", "indexer", x->holder);
	end(out, age_s(now_s, x->beat_s));
}

void
metrics_worker(const struct worker_state *w, struct buf *out)
{
	struct worker_state now = *w;
	const struct workers one = { &now, 1, clock_now_s() };

	/* The lease has the time of the beat; it was just written. */
	now.beat_s = one.now_s;
	put_workers(&one, out);
}

void
metrics_all(const struct status *st, const struct metrics_index *x,
	struct buf *out)
{
	const struct workers all = { st->workers, st->n_workers,
	    clock_now_s() };

	put_queues(st, all.now_s, out);
	head(out, "bad_lines", GAUGE, "Imported lines that were refused.");
	buf_addf(out, "adtspool_bad_lines %zu\n", st->bad_lines);
	put_workers(&all, out);
	put_index(x, all.now_s, out);
}

int
metrics_spool(const struct spool *s, struct buf *out, struct fail *f)
{
	struct metrics_index x;
	struct status st;
	int rc = status_read(s, &st, f);

	if (rc != 0)
		return -1;
	rc = metrics_read_index(s, &x, f);
	if (rc == 0)
		metrics_all(&st, &x, out);
	status_free(&st);
	return rc;
}
