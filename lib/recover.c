/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "find.h"
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

enum fate { FATE_UNKNOWN, FATE_COMMITTED, FATE_DEAD };

/*
 * A listing that does not show something may be old; one that shows it is
 * right, since names are used once.  So a sealed stage is only dead when its
 * request is seen to have gone on: under a later epoch, or to bad/.
 */
static enum fate
fate_in(const struct queue *q, const struct plan *p, const char *attempt,
	struct fail *f)
{
	int there = scan_lists(q->done, p->day, attempt, f);
	struct found found;
	struct token t;

	if (there != 0)
		return there == 1 ? FATE_COMMITTED : FATE_UNKNOWN;
	if (token_parse(&t, attempt) != 0 ||
	    find_in_queue(q, t.id, &found, f) != 0)
		return FATE_UNKNOWN;
	if (found.state == FIND_BAD || (found.state != FIND_NOWHERE &&
	    found.token.epoch > t.epoch))
		return FATE_DEAD;
	(void)fail_set(f, EX_TEMPFAIL, "neither committed nor given back, as "
	    "far as can be seen");
	return FATE_UNKNOWN;
}

static enum fate
fate_of(const struct spool *s, const char *attempt, struct fail *f)
{
	enum fate fate = FATE_UNKNOWN;
	struct queue q;
	struct plan p;

	if (stage_read_plan(s, attempt, &p, f) != 0)
		return f->err == ENOENT ? FATE_DEAD : FATE_UNKNOWN;
	if (queue_open(&q, s, p.queue, f) == 0)
		fate = fate_in(&q, &p, attempt, f);
	queue_close(&q);
	return fate;
}

static int
recover_stage(const struct spool *s, const char *attempt,
	const struct log *log, struct fail *f)
{
	char run_id[PUBLISH_RUN_ID_MAX];

	switch (fate_of(s, attempt, f)) {
	case FATE_DEAD:
		return stage_drop(s, attempt, f);
	case FATE_COMMITTED:
		if (publish_stage(s, attempt, run_id, f) != 0)
			return -1;
		log_say(log, LOG_LEVEL_INFO, "%s: was committed; published "
		    "now%s%s", attempt, run_id[0] ? " as " : "", run_id);
		return 0;
	case FATE_UNKNOWN:
		break;
	}
	return -1;
}

void
recover_left(const struct spool *s, const struct log *log, struct strs *left)
{
	struct strs still = { 0 };

	for (size_t i = 0; i < left->n; i++) {
		struct fail f;

		if (recover_stage(s, left->v[i], log, &f) != 0)
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
	for (size_t i = 0; rc == 0 && i < left->n; i++)
		log_say(log, LOG_LEVEL_ERROR, "%s: cannot be recovered yet; "
		    "tried again at each poll", left->v[i]);
	if (rc == 0 && run_remove_scratch(scratch, f) != 0)
		log_say(log, LOG_LEVEL_ERROR, "%s", f->text);
	strs_free(&names);
	free(scratch);
	return rc;
}
