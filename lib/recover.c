/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "buf.h"
#include "clock.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "find.h"
#include "hook.h"
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
		tries_forget(q, t->id, t->attempt + 1);
	buf_free(&why);
	return o;
}

/* Of one that is at the taker's name now, and will be at that of next. */
static void
tell_hooks(const struct recovery *r, const struct queue *q,
	const struct token *mine, const char *what)
{
	struct found found = { .state = FIND_RUNNING, .token = *mine };
	char name[TOKEN_NAME_MAX];
	struct token lost = *mine;
	struct request request;
	struct fail passed;

	if (!r->spool->hooks || !r->conf->hooks ||
	    mine->epoch == TOKEN_EPOCH_DROPPED)
		return;		/* one that was dropped never ran */
	token_format(name, mine);
	(void)snprintf(found.queue, sizeof found.queue, "%s", q->name);
	(void)snprintf(found.path, sizeof found.path, "cur/%s", name);
	(void)find_read(r->conf, r->spool, &found, &request, &passed);
	(void)snprintf(lost.worker, sizeof lost.worker, "%s", r->worker);
	hook_tell(r->spool->hooks, &(struct hook_event){ .kind = HOOK_LOST,
	    .token = &lost, .queue = q->name, .package = request.package,
	    .suite = request.suite, .arch = request.arch,
	    .request = &request, .why = what,
	    .is_over = mine->attempt + 1 >= r->conf->attempts });
	request_free(&request);
}

/* From the taker's name to where it belongs. */
static enum commit_outcome
pass_on(const struct recovery *r, const struct queue *q,
	const struct token *t, const char *what, struct fail *f)
{
	struct token next = *t;

	if (t->epoch == TOKEN_EPOCH_DROPPED)
		return commit_undrop(q, t, f);	/* it never ran */
	next.epoch++;
	next.attempt++;
	if (next.attempt >= r->conf->attempts)
		return bury(q, t, what, f);
	return commit_back(q, t, &next, clock_now_s() + r->conf->backoff_s, f);
}

/* Who took the token out of cur/ knows that its stage is dead. */
static void
drop(const struct recovery *r, const char *attempt)
{
	struct fail f;

	if (stage_drop(r->spool, attempt, STAGE_DEAD, &f) == 0)
		return;
	log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	strs_add(r->left, attempt);
}

/*
 * In two steps, for others may be at it as well: to a name with this worker's,
 * which is nobody else's target, and on from there.  Between the two it is a
 * claim of ours like any other; the second step uses the attempt up, so that
 * one who dies between them uses up no more.
 */
static void
take_over(const struct recovery *r, const struct queue *q, const char *name,
	const struct token *t)
{
	struct token mine = *t;
	char *what = cause(r);
	enum commit_outcome o;
	struct fail f;

	(void)snprintf(mine.worker, sizeof mine.worker, "%s",
	    r->conf->worker);
	if (t->epoch != TOKEN_EPOCH_DROPPED)
		mine.epoch++;
	o = is_own(r) && t->epoch == TOKEN_EPOCH_DROPPED ? COMMIT_WON :
	    commit_admit(q, t, &mine, &f);
	if (o == COMMIT_WON) {
		log_say_about(r->log, LOG_LEVEL_INFO, &(struct log_about){
		    .id = t->id, .queue = q->name, .arch = q->arch },
		    "%s: %s/%s: %s; goes back", t->id, q->name, t->label,
		    what);
		if (t->epoch != TOKEN_EPOCH_DROPPED)
			tries_note(q, t, what);
		drop(r, name);
		tell_hooks(r, q, &mine, what);
		o = pass_on(r, q, &mine, what, &f);
	}
	if (o == COMMIT_FAILED)
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	free(what);
}

static bool
goes_on(const struct recovery *r)
{
	return !r->go_on || r->go_on(r->of);
}

static int
recover_claims(const struct recovery *r, const struct queue *q,
	struct fail *f)
{
	struct strs names = { 0 };
	int rc = scan_claimed(q, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n && goes_on(r); i++) {
		struct token t;

		if (token_parse(&t, names.v[i]) == 0 &&
		    strcmp(t.worker, r->worker) == 0)
			take_over(r, q, names.v[i], &t);
	}
	strs_free(&names);
	return rc;
}

static int
recover_queues(const struct recovery *r, const struct strs *but,
	struct fail *f)
{
	struct strs names = { 0 };
	int rc = spool_queues(r->spool, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct queue q;

		struct fail why;

		if (but && strs_has(but, names.v[i]))
			continue;
		/* One that is broken does not keep the others back. */
		if (queue_open(&q, r->spool, names.v[i], &why) != 0 ||
		    recover_claims(r, &q, &why) != 0)
			log_say(r->log, LOG_LEVEL_ERROR, "%s", why.text);
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

	for (size_t i = 0; rc == 0 && i < names.n && goes_on(r); i++) {
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
	return rc != 0 ? rc : stage_sweep(r->spool, r->worker, r->log, f);
}

int
recover_worker(const struct recovery *r, struct fail *f)
{
	/* Claims first: then it is seen which requests went on. */
	if (recover_queues(r, NULL, f) != 0)
		return -1;
	return recover_stages(r, f);
}

int
recover_strays(const struct recovery *r, struct fail *f)
{
	return recover_queues(r, &r->conf->queues, f);
}

int
recover(const struct conf *c, const struct spool *s, const struct log *log,
	struct strs *left, struct fail *f)
{
	const struct recovery r = { .conf = c, .spool = s, .log = log,
	    .worker = c->worker, .left = left };

	return recover_worker(&r, f);
}

static void
remove_scratch(void *of)
{
	const struct recovery *r = of;
	char *scratch = mem_printf("%s/%s", r->conf->scratch, r->worker);
	struct fail f;

	if (run_remove_scratches(scratch, &f) != 0)
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	free(scratch);
}

static void
meanwhile(void *of)
{
	(void)goes_on(of);
}

void
recover_aside(const struct recovery *r, void (*work)(void *of), void *of)
{
	struct recovery own = *r;

	aside_await(aside_start(work, of), meanwhile, &own);
}

void
recover_scratch(const struct recovery *r)
{
	struct recovery own = *r;

	recover_aside(r, remove_scratch, &own);
}

static void
add_holders(struct strs *workers, const struct strs *attempts)
{
	for (size_t i = 0; i < attempts->n; i++) {
		const char *worker = strrchr(attempts->v[i], '@') + 1;

		if (!strs_has(workers, worker))
			strs_add(workers, worker);
	}
}

int
recover_holders(const struct spool *s, struct strs *workers, struct fail *f)
{
	struct strs names = { 0 }, held = { 0 };
	int rc = spool_queues(s, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct fail passed;
		struct queue q;

		if (queue_open(&q, s, names.v[i], &passed) == 0)
			rc = scan_claimed(&q, &held, f);
		queue_close(&q);
	}
	if (rc == 0)
		rc = stage_list(s, NULL, &held, f);
	add_holders(workers, &held);
	strs_free(&names);
	strs_free(&held);
	return rc;
}
