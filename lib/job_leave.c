/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "bucket.h"
#include "buf.h"
#include "commit.h"
#include "conf.h"
#include "control.h"
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
	const struct log_about about = { .id = j->claim.token.id,
	    .queue = j->queue->name, .package = j->request.package,
	    .suite = j->request.suite, .arch = j->request.arch };

	log_say_about(j->shop->log, level, &about, "%s: %s/%s: %s", about.id,
	    about.queue, about.package ? about.package :
	    j->claim.token.label, what);
}

void
job_count(const struct job *j, enum lease_count what)
{
	if (j->shop->counts && what < LEASE_COUNTS)
		j->shop->counts[what]++;
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
job_hook(const struct job *j, enum hook_kind kind)
{
	const struct request *r = &j->request;

	hook_tell(j->shop->spool->hooks, &(struct hook_event){ .kind = kind,
	    .token = &j->claim.token, .queue = j->queue->name,
	    .package = r->package, .suite = r->suite, .arch = r->arch,
	    .request = r, .result = j->result, .why = j->why,
	    .is_over = j->how == JOB_AS_BAD });
}

/* An attempt was used up, or was the last.  Who cancels knows of it. */
static bool
has_failed(const struct job *j)
{
	return j->request.package && !job_is_cancelled(j) &&
	    (j->how == JOB_AS_BAD || (j->how == JOB_AS_BACK &&
	    j->next.attempt > j->claim.token.attempt));
}

static void
clean(void *of)
{
	struct job *j = of;
	struct fail f;

	if (run_remove_cgroup(j->shop->cgroup, j->scratch, &f) != 0 ||
	    run_remove_scratch(j->scratch, &f) != 0)
		job_say(j, LOG_LEVEL_ERROR, f.text);
}

/* A testbed's removal may take minutes, in which the worker has to beat. */
void
job_clean_up(struct job *j)
{
	pid_t pid = j->scratch && run_is_left(j->shop->cgroup, j->scratch) ?
	    aside_start(clean, j) : 0;

	free(j->scratch);
	free(j->why);
	free(j->result);
	free(j->order_why);
	request_free(&j->request);
	*j = (struct job){ .state = pid > 0 ? JOB_CLEANING : JOB_FREE,
	    .shop = j->shop, .queue = j->queue, .pid = pid > 0 ? pid : -1 };
}

/* What was asked of this attempt, or of a request that has ended, is done. */
static void
forget_orders(const struct job *j, bool has_ended)
{
	const struct strs *control = j->shop->control;
	struct fail passed;	/* whoever sees it later removes it */

	if (!control)
		return;
	if (has_ended && job_is_cancelled(j))
		(void)control_drop(j->shop->spool, CONTROL_CANCEL,
		    j->claim.token.id, &passed);
	if (control_has(control, CONTROL_KILL, j->claim.name))
		(void)control_drop(j->shop->spool, CONTROL_KILL,
		    j->claim.name, &passed);
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
	if (j->run_id[0]) {
		tell_recent(j, j->run_id);
		job_count(j, lease_count_of(run_status(j->shop->conf,
		    j->exit_code)));
	}
	forget_orders(j, true);
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
		job_count(j, LEASE_REFUSED);
		if (j->digest[0])
			pending_leave(j->queue, j->digest, j->claim.token.id);
		tries_forget(j->queue, j->claim.token.id,
		    j->claim.token.attempt);
	}
	if (o == COMMIT_WON && has_failed(j))
		job_hook(j, HOOK_FAILED);
	forget_orders(j, j->how == JOB_AS_BAD && o == COMMIT_WON);
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
		if (o == COMMIT_LOST) {
			job_count(j, LEASE_LOSSES);
			job_say(j, LOG_LEVEL_ERROR, "was taken away meanwhile; "
			    "what this attempt found is not the result");
		}
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

void
job_leave_bad(struct job *j, const struct fail *f)
{
	struct buf why = { 0 };

	buf_addf(&why, "adtspool: %s\n", f->text);
	tries_tell(j->queue, j->claim.token.id, j->claim.token.attempt, &why);
	free(j->why);
	j->why = why.s;
	job_say(j, LOG_LEVEL_INFO, f->text);
	job_leave(j, JOB_AS_BAD);
}

static unsigned
priority_of(const struct job *j)
{
	/* Once it has been judged, its token tells: that may be changed. */
	return j->claim.token.epoch == TOKEN_EPOCH_DROPPED &&
	    j->request.priority >= 0 ? (unsigned)j->request.priority :
	    j->claim.token.priority;
}

void
job_leave_back(struct job *j, unsigned attempts, int64_t due_s)
{
	if (attempts > j->claim.token.attempt)
		job_count(j, LEASE_RETRIES);
	j->next = j->claim.token;
	j->next.epoch++;
	j->next.attempt = attempts;
	j->due_s = due_s;
	if (j->request.package) {
		token_label(&j->next, j->request.package);
		j->next.priority = priority_of(j);
	}
	job_leave(j, JOB_AS_BACK);
}

int64_t
job_due_s(const struct request *r)
{
	if (r->not_before_s > clock_now_s())
		return bucket_not_before(r->not_before_s);
	return r->submit_time_s ? r->submit_time_s : clock_now_s();
}

void
job_leave_unharmed(struct job *j)
{
	if (j->claim.token.epoch == TOKEN_EPOCH_DROPPED)
		job_leave(j, JOB_AS_DROP);
	else
		job_leave_back(j, j->claim.token.attempt,
		    job_due_s(&j->request));
}

void
job_pause(struct job *j, const char *why)
{
	struct job_trouble *t = j->shop->trouble;

	t->until_ms = clock_boot_ms() + JOB_TROUBLE_MS;
	(void)snprintf(t->text, sizeof t->text, "%s", why);
	job_say(j, LOG_LEVEL_ERROR, why);
}

void
job_trouble(struct job *j, const char *why)
{
	job_count(j, LEASE_HOST_FAILURES);
	job_pause(j, why);
}

void
job_leave_to_others(struct job *j, const char *why, int64_t due_s)
{
	job_trouble(j, why);
	job_leave_back(j, j->claim.token.attempt, due_s);
}

bool
job_is_cancelled(const struct job *j)
{
	return j->shop->control && control_has(j->shop->control,
	    CONTROL_CANCEL, j->claim.token.id);
}

void
job_leave_cancelled(struct job *j)
{
	struct fail f;
	char *why = j->order == JOB_ORDER_CANCEL ? mem_dup(j->order_why) :
	    control_tell(j->shop->spool, CONTROL_CANCEL, j->claim.token.id,
	    "cancelled");

	(void)fail_set(&f, EX_TEMPFAIL, "%s/cur/%s: %s. To try again: mv this "
	    "file into %s/new", j->queue->name, j->claim.name, why,
	    j->queue->name);
	free(why);
	job_leave_bad(j, &f);
}
