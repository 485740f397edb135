/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "status.h"
#include "token.h"

enum { RECENT_MOST = 10, SILENT_BEATS = 3 };

static void
print_queues(const struct status *st, struct buf *out)
{
	buf_addf(out, "%-20s %8s %8s %8s %8s %8s  %s\n", "QUEUE", "WAITING",
	    "LATER", "RUNNING", "BAD", "DONE", "OLDEST");
	for (size_t i = 0; i < st->n_queues; i++) {
		const struct queue_status *q = &st->queues[i];
		char age[CLOCK_TEXT_MAX] = "-";

		if (q->oldest_s)
			clock_format_span(age, clock_now_s() - q->oldest_s);
		buf_addf(out, "%-20s %8zu %8zu %8zu %8zu %8zu  %s%s\n",
		    q->name, q->waiting, q->delayed, q->running, q->bad,
		    q->done_today, age, q->is_held ? " held" : "");
	}
	if (st->bad_lines)
		buf_addf(out, "%zu imported lines were no requests: see bad/ "
		    "in the spool\n", st->bad_lines);
}

const char *
status_word(const struct worker_state *w, int64_t now_s)
{
	if (!w->state || strcmp(w->state, "stopped") == 0)
		return "stopped";
	return now_s - w->beat_s > SILENT_BEATS * w->heartbeat_s ? "silent" :
	    w->state;
}

size_t
status_runs_on(const struct status *st, const char *worker)
{
	size_t n = 0;

	for (size_t i = 0; i < st->running.n; i++)
		n += strcmp(strrchr(st->running.v[i], '@') + 1, worker) == 0;
	return n;
}

static void
print_workers(const struct status *st, struct buf *out)
{
	buf_addf(out, "\n%-28s %-10s %7s  %-12s %s\n", "WORKER", "STATE",
	    "SLOTS", "LAST BEAT", "PROBLEM");
	for (size_t i = 0; i < st->n_workers; i++) {
		const struct worker_state *w = &st->workers[i];
		char ago[CLOCK_TEXT_MAX];

		clock_format_span(ago, clock_now_s() - w->beat_s);
		buf_addf(out, "%-28s %-10s %3zu/%-3d  %-12s %s\n", w->worker,
		    status_word(w, clock_now_s()),
		    status_runs_on(st, w->worker), (int)w->slots, ago,
		    w->problem ? w->problem : w->warning ? w->warning : "-");
	}
}

static int64_t
elapsed_s(const struct running_status *claim)
{
	int64_t s = clock_now_s() - claim->since_s;

	return s > 0 ? s : 0;	/* the server's clock is another one */
}

static void
print_control(const struct status *st, struct buf *out)
{
	if (st->control.n)
		buf_addf(out, "\n%-20s %-16s %s\n", "ASKED AT", "BY",
		    "WHAT");
	for (size_t i = 0; i < st->control.n; i++) {
		const struct control_order *o = &st->orders[i];
		char at[CLOCK_TEXT_MAX];

		clock_format(at, "%Y-%m-%dT%H:%M:%SZ", o->since_s);
		buf_addf(out, "%-20s %-16s %s%s%s\n", at, o->who,
		    st->control.v[i], o->why[0] ? ": " : "", o->why);
	}
}

/* When it should end, by what runs took before; 0: not known. */
static int64_t
expected_end_s(const struct running_status *claim)
{
	return claim->since_s && claim->expect_s ?
	    claim->since_s + claim->expect_s : 0;
}

static void
print_running(const struct status *st, struct buf *out)
{
	buf_addf(out, "\n%-12s %-23s %-10s %-16s %-7s %s\n", "RUNNING", "WHAT",
	    "QUEUE", "WORKER", "FOR", "ENDS IN");
	for (size_t i = 0; i < st->running.n; i++) {
		const char *line = st->running.v[i];
		int queue = (int)strcspn(line, " ");
		int64_t end_s = expected_end_s(&st->claims[i]);
		int64_t left_s = end_s - clock_now_s();
		char since[CLOCK_TEXT_MAX] = "-", left[CLOCK_TEXT_MAX] = "-";
		struct token t;

		if (st->claims[i].since_s)
			clock_format_span(since, elapsed_s(&st->claims[i]));
		if (end_s && left_s > 0)
			clock_format_span(left, left_s);
		else if (end_s)
			(void)snprintf(left, sizeof left, "overdue");
		if (token_parse(&t, line + queue + 1) == 0)
			buf_addf(out, "%-12s %-23s %-10.*s %-16s %-7s %s\n",
			    t.id, t.label, queue, line, t.worker, since,
			    left);
	}
}

static void
print_recent(const struct status *st, struct buf *out)
{
	buf_addf(out, "\n%-20s %-7s %4s  %s\n", "RESULTS", "STATUS", "EXIT",
	    "RUN");
	for (size_t i = 0; i < st->recent.n && i < RECENT_MOST; i++) {
		struct strs w = { 0 };

		strs_split(&w, st->recent.v[i], " ");
		if (w.n == 8)
			buf_addf(out, "%-20s %-7s %4s  %s/%s/%s/%s\n", w.v[0],
			    w.v[1], w.v[2], w.v[3], w.v[4], w.v[5], w.v[6]);
		strs_free(&w);
	}
}

void
status_text(const struct status *st, struct buf *out)
{
	print_queues(st, out);
	print_workers(st, out);
	print_running(st, out);
	print_control(st, out);
	print_recent(st, out);
}

static void
put_queue(struct json_writer *w, const struct queue_status *q)
{
	json_put_object(w, NULL);
	json_put_string(w, "queue", q->name);
	json_put_number(w, "waiting", (int64_t)q->waiting);
	json_put_number(w, "later", (int64_t)q->delayed);
	json_put_number(w, "running", (int64_t)q->running);
	json_put_number(w, "bad", (int64_t)q->bad);
	json_put_number(w, "done_today", (int64_t)q->done_today);
	json_put_bool(w, "held", q->is_held);
	if (q->oldest_s)
		json_put_number(w, "oldest", q->oldest_s);
	else
		json_put_null(w, "oldest");
	json_put_object_end(w);
}

static void
put_worker(struct json_writer *w, const struct worker_state *s)
{
	json_put_object(w, NULL);
	json_put_string(w, "worker", s->worker);
	json_put_string(w, "host", s->host);
	json_put_string(w, "state", status_word(s, clock_now_s()));
	json_put_string(w, "problem", s->problem);
	json_put_string(w, "warning", s->warning);
	json_put_string(w, "version", s->version);
	json_put_number(w, "slots", s->slots);
	json_put_number(w, "started", s->started_s);
	json_put_number(w, "beat", s->beat);
	json_put_number(w, "beat_time", s->beat_s);
	json_put_strings(w, "queues", &s->queues);
	json_put_object_end(w);
}

/* Null where it is not known. */
static void
put_time(struct json_writer *w, const char *key, int64_t s)
{
	if (s)
		json_put_number(w, key, s);
	else
		json_put_null(w, key);
}

static void
put_running(struct json_writer *w, const char *line,
	const struct running_status *claim)
{
	char queue[NAME_QUEUE_MAX + 1];
	int n = (int)strcspn(line, " ");
	struct token t;

	if (token_parse(&t, line + n + 1) != 0)
		return;
	(void)snprintf(queue, sizeof queue, "%.*s", n, line);
	json_put_object(w, NULL);
	json_put_string(w, "id", t.id);
	json_put_string(w, "label", t.label);
	json_put_string(w, "queue", queue);
	json_put_string(w, "worker", t.worker);
	json_put_number(w, "attempt", t.attempt + 1);
	put_time(w, "since", claim->since_s);
	put_time(w, "usual_duration", claim->expect_s);
	put_time(w, "expected_end", expected_end_s(claim));
	json_put_object_end(w);
}

static void
put_order(struct json_writer *w, const char *name,
	const struct control_order *o)
{
	json_put_object(w, NULL);
	json_put_string(w, "name", name);
	json_put_string(w, "who", o->who);
	json_put_string(w, "why", o->why[0] ? o->why : NULL);
	put_time(w, "since", o->since_s);
	json_put_object_end(w);
}

static void
put_recent(struct json_writer *w, const char *line)
{
	static const char *const keys[] = { "time", "status", "exit_code",
	    "suite", "arch", "package", "run_id", "id" };
	enum { KEYS = sizeof keys / sizeof *keys, EXIT_CODE = 2 };
	struct strs words = { 0 };

	strs_split(&words, line, " ");
	if (words.n == KEYS) {
		json_put_object(w, NULL);
		for (size_t i = 0; i < KEYS; i++)
			if (i == EXIT_CODE)
				json_put_number(w, keys[i],
				    strtol(words.v[i], NULL, 10));
			else
				json_put_string(w, keys[i], words.v[i]);
		json_put_object_end(w);
	}
	strs_free(&words);
}

void
status_json(const struct status *st, struct buf *out)
{
	struct json_writer w = { .out = out, .pretty = true };

	json_put_object(&w, NULL);
	json_put_array(&w, "queues");
	for (size_t i = 0; i < st->n_queues; i++)
		put_queue(&w, &st->queues[i]);
	json_put_array_end(&w);
	json_put_array(&w, "workers");
	for (size_t i = 0; i < st->n_workers; i++)
		put_worker(&w, &st->workers[i]);
	json_put_array_end(&w);
	json_put_array(&w, "running");
	for (size_t i = 0; i < st->running.n; i++)
		put_running(&w, st->running.v[i], &st->claims[i]);
	json_put_array_end(&w);
	json_put_array(&w, "control");
	for (size_t i = 0; i < st->control.n; i++)
		put_order(&w, st->control.v[i], &st->orders[i]);
	json_put_array_end(&w);
	json_put_array(&w, "results");
	for (size_t i = 0; i < st->recent.n; i++)
		put_recent(&w, st->recent.v[i]);
	json_put_array_end(&w);
	json_put_number(&w, "bad_lines", (int64_t)st->bad_lines);
	json_put_object_end(&w);
	buf_add(out, "\n");
}
