/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "recover.h"
#include "run.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "tries.h"

static bool
is_own(const struct recovery *r)
{
	return strcmp(r->worker, r->conf->worker) == 0;
}

/* free() it. */
static char *
cause(const struct recovery *r)
{
	return is_own(r) ? mem_dup("its worker ended while it ran") :
	    mem_printf("its worker %s ended, or showed no heartbeat for its "
	    "lease, as %s saw", r->worker, r->conf->worker);
}

static enum commit_outcome
bury(const struct queue *q, const struct token *t, const char *what,
	struct fail *f)
{
	struct buf why = { 0 };
	enum commit_outcome o;

	buf_addf(&why, "adtspool: %s: %s: %s, and %u attempts are used up; the "
	    "worker's log may tell why. To try again: mv this file into "
	    "%s/new\n", q->name, t->label, what, t->attempt + 1, q->name);
	tries_tell(q, t->id, t->attempt, &why);
	o = commit_bad(q, t, why.s, f);
	if (o == COMMIT_WON)
		tries_forget(q, t->id, t->attempt);
	buf_free(&why);
	return o;
}

static enum commit_outcome
give_back(const struct recovery *r, const struct queue *q,
	const struct token *t, const char *what, struct fail *f)
{
	struct token next = *t;
	enum commit_outcome o;

	next.epoch++;
	next.attempt++;
	if (t->epoch == TOKEN_EPOCH_DROPPED)
		return commit_undrop(q, t, f);	/* it never ran */
	if (next.attempt >= r->conf->attempts)
		return bury(q, t, what, f);
	o = commit_back(q, t, &next, clock_now_s() + r->conf->backoff_s, f);
	if (o == COMMIT_WON)
		tries_note(q, t, what);
	return o;
}

/* Who took the token out of cur/ knows that its stage is dead. */
static void
drop(const struct recovery *r, const char *attempt)
{
	struct fail f;

	if (stage_drop(r->spool, attempt, &f) == 0)
		return;
	log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	strs_add(r->left, attempt);
}

static void
take_back(const struct recovery *r, const struct queue *q, const char *name,
	const struct token *t)
{
	char *what = cause(r);
	struct fail f;

	switch (give_back(r, q, t, what, &f)) {
	case COMMIT_WON:
		log_say(r->log, LOG_LEVEL_INFO, "%s: %s/%s: %s; %s", t->id,
		    q->name, t->label, what,
		    t->epoch == TOKEN_EPOCH_DROPPED ||
		    t->attempt + 1 < r->conf->attempts ? "goes back" :
		    "and that was the last attempt");
		drop(r, name);
		break;
	case COMMIT_LOST:
		break;
	case COMMIT_FAILED:
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
		break;
	}
	free(what);
}

static int
recover_claims(const struct recovery *r, const struct queue *q,
	struct fail *f)
{
	struct strs names = { 0 };
	int rc = scan_claimed(q, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct token t;

		if (token_parse(&t, names.v[i]) == 0 &&
		    strcmp(t.worker, r->worker) == 0)
			take_back(r, q, names.v[i], &t);
	}
	strs_free(&names);
	return rc;
}

static int
recover_queues(const struct recovery *r, struct fail *f)
{
	struct strs names = { 0 };
	int rc = spool_queues(r->spool, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct queue q;

		rc = queue_open(&q, r->spool, names.v[i], f);
		if (rc == 0)
			rc = recover_claims(r, &q, f);
		queue_close(&q);
	}
	strs_free(&names);
	return rc;
}

static int
recover_stages(const struct recovery *r, struct fail *f)
{
	struct strs names = { 0 };
	int rc = stage_list(r->spool, r->worker, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct fail why;

		if (strs_has(r->left, names.v[i]) ||
		    recover_stage(r->spool, names.v[i], r->log, &why) == 0)
			continue;
		strs_add(r->left, names.v[i]);
		log_say(r->log, LOG_LEVEL_ERROR, "%s: cannot be recovered "
		    "yet: %s; tried again from time to time", names.v[i],
		    why.text);
	}
	strs_free(&names);
	return rc != 0 ? rc : stage_sweep(r->spool, r->worker, f);
}

int
recover_worker(const struct recovery *r, struct fail *f)
{
	/* Claims first: then it is seen which requests went on. */
	return recover_queues(r, f) == 0 && recover_stages(r, f) == 0 ? 0 : -1;
}

int
recover(const struct conf *c, const struct spool *s, const struct log *log,
	struct strs *left, struct fail *f)
{
	const struct recovery r = { c, s, log, c->worker, left };
	char *scratch = mem_printf("%s/%s", c->scratch, c->worker);
	int rc = recover_worker(&r, f);

	if (rc == 0 && run_remove_scratch(scratch, f) != 0)
		log_say(log, LOG_LEVEL_ERROR, "%s", f->text);
	free(scratch);
	return rc;
}
