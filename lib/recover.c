/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "publish.h"
#include "recover.h"
#include "run.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

static int
give_back(const struct conf *c, const struct queue *q, const struct token *t,
	const struct log *log, struct fail *f)
{
	struct token next = *t;
	enum commit_outcome o;
	char *why;

	next.epoch++;
	next.attempt++;
	if (t->epoch == TOKEN_EPOCH_DROPPED) {
		o = commit_undrop(q, t, f);	/* it never ran */
	} else if (next.attempt < c->attempts) {
		log_say(log, LOG_LEVEL_INFO, "%s: %s/%s: its worker ended "
		    "while it ran; goes back", t->id, q->name, t->label);
		o = commit_back(q, t, &next, clock_now_s() + c->backoff_s, f);
	} else {
		why = mem_printf("adtspool: %s: %s: its worker ended while it "
		    "ran, and %u attempts are used up; the worker's log may "
		    "tell why. To try again: mv this file into %s/new\n",
		    q->name, t->label, next.attempt, q->name);
		log_say(log, LOG_LEVEL_ERROR, "%s: %s/%s: its worker ended "
		    "while it ran, for the last time", t->id, q->name,
		    t->label);
		o = commit_bad(q, t, why, f);
		free(why);
	}
	return o == COMMIT_FAILED ? -1 : 0;
}

static int
recover_claims(const struct conf *c, const struct queue *q,
	const struct log *log, struct fail *f)
{
	struct strs names = { 0 };
	int rc = scan_claimed(q, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct token t;

		if (token_parse(&t, names.v[i]) == 0 &&
		    strcmp(t.worker, c->worker) == 0)
			rc = give_back(c, q, &t, log, f);
	}
	strs_free(&names);
	return rc;
}

/* Whether the attempt is in the done/ that its plan tells: 1, 0, -1. */
static int
is_committed(const struct spool *s, const char *attempt, struct fail *f)
{
	struct queue q;
	struct plan p;
	int there;

	if (stage_read_plan(s, attempt, &p, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	if (queue_open(&q, s, p.queue, f) != 0)
		return -1;
	there = scan_lists(q.done, p.day, attempt, f);
	queue_close(&q);
	return there;
}

static int
recover_stage(const struct spool *s, const char *attempt,
	const struct log *log, struct fail *f)
{
	char run_id[PUBLISH_RUN_ID_MAX];

	switch (is_committed(s, attempt, f)) {
	case 0:
		return stage_drop(s, attempt, f);
	case 1:
		if (publish_stage(s, attempt, run_id, f) != 0)
			return -1;
		log_say(log, LOG_LEVEL_INFO, "%s: was committed; published "
		    "now%s%s", attempt, run_id[0] ? " as " : "", run_id);
		return 0;
	default:
		return -1;
	}
}

void
recover_left(const struct spool *s, const struct log *log, struct strs *left)
{
	struct strs still = { 0 };

	for (size_t i = 0; i < left->n; i++) {
		struct fail f;

		if (recover_stage(s, left->v[i], log, &f) == 0)
			continue;
		log_say(log, LOG_LEVEL_ERROR, "%s: %s", left->v[i], f.text);
		strs_add(&still, left->v[i]);
	}
	strs_free(left);
	*left = still;
}

int
recover(const struct conf *c, const struct spool *s, const struct log *log,
	struct strs *left, struct fail *f)
{
	char *scratch = mem_printf("%s/%s", c->scratch, c->worker);
	struct strs names = { 0 };
	int rc = spool_queues(s, &names, f);

	/* Claims first: then a stage that is not committed is dead. */
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct queue q;

		rc = queue_open(&q, s, names.v[i], f);
		if (rc == 0)
			rc = recover_claims(c, &q, log, f);
		queue_close(&q);
	}
	if (rc == 0)
		rc = stage_list(s, c->worker, left, f);
	if (rc == 0)
		recover_left(s, log, left);
	if (rc == 0 && run_remove_scratch(scratch, f) != 0)
		log_say(log, LOG_LEVEL_ERROR, "%s", f->text);
	strs_free(&names);
	free(scratch);
	return rc;
}
