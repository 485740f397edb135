/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a stage that nobody works on.  A listing that does not show
 * something may be old; one that shows it is right, since names are used once.
 * So a stage is committed when done/ shows its token, and dead when its request
 * is seen to have gone on: under a later epoch, or in bad/.  Otherwise it is
 * left alone.
 *
 * That there is a plan does not say that it was sealed, for it is written
 * before making/ becomes run/; but no committed attempt is between the two.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "commit.h"
#include "fail.h"
#include "find.h"
#include "log.h"
#include "publish.h"
#include "recover.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "tries.h"

enum fate {
	FATE_UNKNOWN,
	FATE_COMMITTED,
	FATE_DEAD,
	FATE_EMPTY	/* committed, and nothing is to be seen in it */
};

/*
 * Whether another attempt is the result.  It may have this one's epoch, where a
 * power cut has undone a claim, and another worker has made it again.
 */
static bool
is_of_another(const struct found *found, const struct token *t)
{
	return found->state == FIND_DONE &&
	    (found->token.epoch != t->epoch ||
	    strcmp(found->token.worker, t->worker) != 0);
}

/* From where the request was seen. */
static enum fate
judge(const struct found *found, const struct token *t, struct fail *f)
{
	if (is_of_another(found, t) ||
	    (found->state != FIND_NOWHERE && (found->token.epoch > t->epoch ||
	    (found->state == FIND_BAD && found->token.epoch == t->epoch))))
		return FATE_DEAD;
	(void)fail_set(f, EX_TEMPFAIL, "neither committed nor given back, as "
	    "far as can be seen");
	return FATE_UNKNOWN;
}

static enum fate
fate_in(const struct queue *q, const struct plan *p, const char *attempt,
	const struct token *t, struct fail *f)
{
	int there = scan_lists(q->done, p->day, attempt, f);
	struct found found;

	if (there == 1 && commit_sync(q, p->day, f) == 0)
		return FATE_COMMITTED;
	if (there != 0)
		return FATE_UNKNOWN;
	return find_in_queue(q, t->id, &found, f) != 0 ? FATE_UNKNOWN :
	    judge(&found, t, f);
}

/* A stage without a plan does not tell its queue. */
static enum fate
fate_anywhere(const struct spool *s, const struct token *t, struct fail *f)
{
	struct found found;

	if (find_request(s, t->id, &found, f) != 0)
		return FATE_UNKNOWN;
	/* No attempt is committed before it has a plan: it was here before. */
	if (found.state == FIND_DONE && !is_of_another(&found, t))
		return FATE_EMPTY;
	return judge(&found, t, f);
}

/* q is the queue of a committed one, queue_close'd by the caller. */
static enum fate
fate_of(const struct spool *s, const char *attempt, const struct token *t,
	struct queue *q, struct fail *f)
{
	struct plan p;

	*q = QUEUE_CLOSED;
	if (stage_read_plan(s, attempt, &p, f) != 0)
		return f->err == ENOENT ? fate_anywhere(s, t, f) :
		    FATE_UNKNOWN;
	return queue_open(q, s, p.queue, f) != 0 ? FATE_UNKNOWN :
	    fate_in(q, &p, attempt, t, f);
}

static int
publish(const struct spool *s, const char *attempt, const struct log *log,
	struct fail *f)
{
	char run_id[PUBLISH_RUN_ID_MAX];

	if (publish_stage(s, attempt, run_id, f) != 0)
		return -1;
	log_say(log, LOG_LEVEL_INFO, "%s: was committed; published now%s%s",
	    attempt, run_id[0] ? " as " : "", run_id);
	return 0;
}

int
recover_stage(const struct spool *s, const char *attempt,
	const struct log *log, struct fail *f)
{
	struct token t;
	struct queue q;
	int rc = 0;

	if (token_parse(&t, attempt) != 0)
		return fail_set(f, EX_DATAERR, "%s: no attempt's name",
		    attempt);
	switch (fate_of(s, attempt, &t, &q, f)) {
	case FATE_DEAD:
		rc = stage_drop(s, attempt, STAGE_DEAD, f);
		break;
	case FATE_COMMITTED:
		tries_forget(&q, t.id, t.attempt);
		rc = publish(s, attempt, log, f);
		break;
	case FATE_EMPTY:
		if (stage_drop_empty(s, attempt) == 0)
			break;
		/* fallthrough */
	default:
		/* Or gone by now: then there is nothing to do. */
		rc = scan_lists(s->staging, ".", attempt, f) == 0 ? 0 : -1;
	}
	queue_close(&q);
	return rc;
}

void
recover_left(const struct spool *s, const struct log *log, struct strs *left,
	int64_t until_ms)
{
	struct strs still = { 0 };

	for (size_t i = 0; i < left->n; i++) {
		struct fail f;

		if (clock_boot_ms() >= until_ms ||
		    recover_stage(s, left->v[i], log, &f) != 0)
			strs_add(&still, left->v[i]);
	}
	strs_free(left);
	*left = still;
}
