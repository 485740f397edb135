/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a stage that nobody works on.  A listing that does not show
 * something may be old; one that shows it is right, since names are used once.
 * So a stage is committed when done/ shows its token, and dead when its request
 * is seen to have gone on: under a later epoch, or in bad/.  Otherwise it is
 * left alone.
 */
#include <errno.h>
#include <stdbool.h>

#include "fail.h"
#include "find.h"
#include "log.h"
#include "publish.h"
#include "recover.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

enum fate { FATE_UNKNOWN, FATE_COMMITTED, FATE_DEAD };

/* From where the request was seen. */
static enum fate
judge(const struct found *found, const struct token *t, struct fail *f)
{
	if (found->state == FIND_BAD || (found->state != FIND_NOWHERE &&
	    found->token.epoch > t->epoch))
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

	if (there != 0)
		return there == 1 ? FATE_COMMITTED : FATE_UNKNOWN;
	return find_in_queue(q, t->id, &found, f) != 0 ? FATE_UNKNOWN :
	    judge(&found, t, f);
}

/* A stage without a plan does not tell its queue. */
static enum fate
fate_anywhere(const struct spool *s, const struct token *t, struct fail *f)
{
	struct found found;

	return find_request(s, t->id, &found, f) != 0 ? FATE_UNKNOWN :
	    judge(&found, t, f);
}

static enum fate
fate_of(const struct spool *s, const char *attempt, struct fail *f)
{
	enum fate fate = FATE_UNKNOWN;
	struct token t;
	struct queue q;
	struct plan p;

	if (token_parse(&t, attempt) != 0) {
		(void)fail_set(f, EX_DATAERR, "%s: no attempt's name",
		    attempt);
		return FATE_UNKNOWN;
	}
	if (stage_read_plan(s, attempt, &p, f) != 0)
		return f->err == ENOENT ? fate_anywhere(s, &t, f) :
		    FATE_UNKNOWN;
	if (queue_open(&q, s, p.queue, f) == 0)
		fate = fate_in(&q, &p, attempt, &t, f);
	queue_close(&q);
	return fate;
}

int
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
	/* Or gone by now: then there is nothing to do. */
	return scan_lists(s->staging, ".", attempt, f) == 0 ? 0 : -1;
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
