/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"
#include "conf.h"
#include "job_leave.h"
#include "lease.h"
#include "mem.h"
#include "pending.h"
#include "run.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "tries.h"

void
job_say(struct job *j, enum log_level level, const char *what)
{
	log_say(j->shop->log, level, "%s: %s/%s: %s", j->claim.token.id,
	    j->queue->name, j->request.package ? j->request.package :
	    j->claim.token.label, what);
}

void
job_say_failure(struct job *j, const struct fail *f)
{
	if (strcmp(j->said, f->text) == 0)
		return;
	(void)snprintf(j->said, sizeof j->said, "%s", f->text);
	job_say(j, LOG_LEVEL_ERROR, f->text);
}

void
job_clean_up(struct job *j)
{
	struct fail f;

	if (j->scratch && run_remove_scratch(j->scratch, &f) != 0)
		job_say(j, LOG_LEVEL_ERROR, f.text);
	free(j->scratch);
	free(j->why);
	request_free(&j->request);
	*j = (struct job){ .state = JOB_FREE, .pid = -1 };
}

static void
tell_recent(struct job *j, const char *run_id)
{
	char now[CLOCK_TEXT_MAX], *line;

	clock_format(now, "%Y-%m-%dT%H:%M:%SZ", clock_now_s());
	line = mem_printf("%s %s %d %s %s %s %s %s", now,
	    run_status(j->shop->conf, j->exit_code), j->exit_code,
	    j->request.suite,
	    j->request.arch, j->request.package, run_id, j->claim.token.id);
	lease_recent(j->shop->recent, line);
	free(line);
}

static void
publish(struct job *j)
{
	char run_id[PUBLISH_RUN_ID_MAX], text[128];
	struct fail f;
	int rc;

	/* Before the stage goes: while that is there, somebody comes back. */
	tries_forget(j->queue, j->claim.token.id, j->claim.token.attempt);
	rc = publish_stage(j->shop->spool, j->claim.name, run_id, &f);
	/* Told once: a later try only cleans up. */
	if (run_id[0])
		memcpy(j->run_id, run_id, sizeof run_id);
	if (rc != 0) {
		job_say_failure(j, &f);
		return;
	}
	pending_leave(j->queue, j->digest, j->claim.token.id);
	(void)snprintf(text, sizeof text, "exit %d, %s, published as %s",
	    j->exit_code, run_status(j->shop->conf, j->exit_code),
	    j->run_id[0] ? j->run_id : "another's");
	job_say(j, LOG_LEVEL_INFO, text);
	if (j->run_id[0])
		tell_recent(j, j->run_id);
	job_clean_up(j);
}

static enum commit_outcome
move(struct job *j, struct fail *f)
{
	switch (j->how) {
	case JOB_AS_DONE:
		return commit_done(j->queue, &j->claim.token, j->day, f);
	case JOB_AS_BACK:
		return commit_back(j->queue, &j->claim.token, &j->next,
		    j->due_s, f);
	case JOB_AS_DROP:
		return commit_undrop(j->queue, &j->claim.token, f);
	case JOB_AS_BAD:
		return commit_bad(j->queue, &j->claim.token, j->why, f);
	}
	abort();
}

/*
 * The token is out of cur/, by our rename or by somebody else's.  Of an attempt
 * that was to be the result it is not known that it is not (only a reply may
 * have been lost): its stage stays until that is seen.
 */
static void
settle(struct job *j, enum commit_outcome o)
{
	struct fail f;

	if (j->how == JOB_AS_DONE && o == COMMIT_LOST) {
		strs_add(j->shop->left, j->claim.name);
	} else if (stage_drop(j->shop->spool, j->claim.name, STAGE_DEAD,
	    &f) != 0) {
		job_say_failure(j, &f);
		strs_add(j->shop->left, j->claim.name);
	}
	if (j->how == JOB_AS_BAD && o == COMMIT_WON) {
		if (j->digest[0])
			pending_leave(j->queue, j->digest, j->claim.token.id);
		tries_forget(j->queue, j->claim.token.id,
		    j->claim.token.attempt);
	}
	job_clean_up(j);
}

void
job_push(struct job *j)
{
	struct fail f = { 0 };
	enum commit_outcome o = COMMIT_WON;

	if (j->state == JOB_LEAVING) {
		o = move(j, &f);
		if (o == COMMIT_FAILED) {
			job_say_failure(j, &f);
			/* Not for ever into a bucket that lets nobody in. */
			if (j->due_s < clock_now_s())
				j->due_s = clock_now_s();
			return;
		}
		if (o == COMMIT_LOST)
			job_say(j, LOG_LEVEL_ERROR, "was taken away meanwhile; "
			    "what this attempt found is not the result");
		j->state = JOB_PUBLISHING;
	}
	if (j->state != JOB_PUBLISHING)
		return;
	if (j->how == JOB_AS_DONE && o == COMMIT_WON)
		publish(j);
	else
		settle(j, o);
}

void
job_leave(struct job *j, enum job_leave how)
{
	j->state = JOB_LEAVING;
	j->how = how;
	job_push(j);
}
