/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "export.h"
#include "fail.h"
#include "find.h"
#include "json.h"
#include "request.h"
#include "result.h"
#include "scan.h"
#include "spool.h"
#include "tree.h"

struct exporter {
	const struct conf *conf;
	const struct spool *spool;
	const char *suite;
	struct json_writer w;
	struct found at;	/* while looking through a queue */
};

static void
put_time(struct json_writer *w, const char *key, int64_t s)
{
	char text[CLOCK_TEXT_MAX];

	clock_format_ms(text, s * 1000);
	json_put_string(w, key, s ? text : NULL);
}

/* One trigger string: britney splits it and credits every word. */
static void
put_triggers(struct json_writer *w, const struct strs *triggers)
{
	char *all = strs_join(triggers, " ");

	json_put_string(w, "trigger", triggers->n ? all : NULL);
	free(all);
}

/*
 * A version that is not known is "n/a", as in debci: null would tell britney
 * that the package is on the reject list.
 */
static int
put_result(void *context, const struct result *r, const char *run_id)
{
	struct exporter *e = context;
	struct json_writer *w = &e->w;
	int64_t published_s = r->finished_s;

	(void)clock_parse(run_id, &published_s);
	json_put_object(w, NULL);
	json_put_string(w, "run_id", run_id);
	put_time(w, "created_at", r->created_s);
	put_time(w, "updated_at", published_s);
	json_put_string(w, "suite", r->suite);
	json_put_string(w, "arch", r->arch);
	json_put_string(w, "package", r->package);
	json_put_string(w, "version", r->version ? r->version : "n/a");
	put_triggers(w, &r->triggers);
	json_put_string(w, "status", r->status);
	json_put_string(w, "message", r->message);
	json_put_string(w, "requestor", r->requester);
	put_time(w, "date", r->finished_s);
	json_put_number(w, "duration_seconds", r->finished_s - r->started_s);
	json_put_object_end(w);
	return 0;
}

/*
 * updated_at is now: a request that waits longer than britney's window would
 * drop out of it, and be made again.
 */
static void
put_pending(struct exporter *e, const struct request *r, const char *id)
{
	struct json_writer *w = &e->w;

	json_put_object(w, NULL);
	json_put_string(w, "run_id", id);
	put_time(w, "created_at", r->submit_time_s);
	put_time(w, "updated_at", clock_now_s());
	json_put_string(w, "suite", r->suite);
	json_put_string(w, "arch", r->arch);
	json_put_string(w, "package", r->package);
	json_put_string(w, "version", r->version);
	put_triggers(w, &r->triggers);
	json_put_null(w, "status");
	json_put_string(w, "requestor", r->requester);
	json_put_object_end(w);
}

/* What cannot be read is on its way, or will be refused: no answer yet. */
static void
put_file(struct exporter *e)
{
	struct request r;
	struct fail passed;

	if (find_read(e->conf, e->spool, &e->at, &r, &passed) == 0 &&
	    strcmp(r.suite, e->suite) == 0)
		put_pending(e, &r, e->at.token.id);
	request_free(&r);
}

static int
put_waiting(void *context, const struct scan_entry *entry)
{
	struct exporter *e = context;

	e->at.token = entry->token;
	if (!entry->is_token)
		e->at.token.id[0] = '\0';
	(void)snprintf(e->at.path, sizeof e->at.path, "new/%s%s%s",
	    entry->bucket, entry->bucket[0] ? "/" : "", entry->name);
	put_file(e);
	return 0;
}

/* Waiting first, then claimed: a token that moves on is seen at least once. */
static int
put_queue(struct exporter *e, const char *name, struct fail *f)
{
	struct strs claimed = { 0 };
	struct queue q;
	int rc = queue_open(&q, e->spool, name, f);

	if (rc == 0) {
		(void)snprintf(e->at.queue, sizeof e->at.queue, "%s", name);
		rc = scan_waiting(&q, put_waiting, e, f);
	}
	if (rc == 0)
		rc = scan_claimed(&q, &claimed, f);
	for (size_t i = 0; rc == 0 && i < claimed.n; i++) {
		(void)token_parse(&e->at.token, claimed.v[i]);
		(void)snprintf(e->at.path, sizeof e->at.path, "cur/%s",
		    claimed.v[i]);
		put_file(e);
	}
	strs_free(&claimed);
	queue_close(&q);
	return rc;
}

int
export_debci(const struct conf *c, const struct spool *s, const char *suite,
	int64_t since_s, struct buf *out, struct fail *f)
{
	struct exporter e = { .conf = c, .spool = s, .suite = suite,
	    .w = { .out = out, .pretty = true } };
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	json_put_object(&e.w, NULL);
	json_put_number(&e.w, "until", clock_now_s());
	json_put_number(&e.w, "since", since_s);
	json_put_array(&e.w, "results");
	/*
	 * Pending ones first: a token that is published meanwhile is told as
	 * both, and britney takes the result; the other way round it would be
	 * neither, and asked for again.
	 */
	for (size_t i = 0; rc == 0 && i < queues.n; i++)
		rc = put_queue(&e, queues.v[i], f);
	if (rc == 0)
		rc = tree_each(s, suite, since_s, put_result, &e, f);
	json_put_array_end(&e.w);
	json_put_object_end(&e.w);
	buf_add(out, "\n");
	strs_free(&queues);
	return rc;
}
