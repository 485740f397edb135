/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bucket.h"
#include "buf.h"
#include "commit.h"
#include "conf.h"
#include "fence.h"
#include "fs.h"
#include "job_leave.h"
#include "mem.h"
#include "result.h"
#include "run.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "tries.h"

void
job_take(struct job *j, const struct job_shop *shop, const struct queue *q,
	const struct claim *claim)
{
	*j = (struct job){ .state = JOB_SETTLING, .shop = shop, .queue = q,
	    .claim = *claim, .pid = -1, .exit_code = -1 };
}

/* Its reason comes with what became of the attempts before. */
static void
leave_bad(struct job *j, const struct fail *f)
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
	return j->request.priority >= 0 ? (unsigned)j->request.priority :
	    j->claim.token.priority;
}

/* Back to new/; attempts says how many are used up by then. */
static void
leave_back(struct job *j, unsigned attempts, int64_t due_s)
{
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

/* When a request is due that was not served yet. */
static int64_t
due_of(const struct request *r)
{
	if (r->not_before_s > clock_now_s())
		return bucket_not_before(r->not_before_s);
	return r->submit_time_s ? r->submit_time_s : clock_now_s();
}

static int
start(struct job *j, struct fail *f)
{
	const struct job_shop *shop = j->shop;
	struct run run = { .conf = shop->conf, .spool = shop->spool,
	    .log = shop->log, .request = &j->request,
	    .token = &j->claim.token, .attempt = j->claim.name,
	    .queue = j->queue->name, .day = j->day, .fence = shop->fence,
	    .fence_passes = fence_passes(shop->fence),
	    .isolated = shop->isolated };

	commit_day(j->day);
	if (!j->scratch)
		j->scratch = mem_printf("%s/%s/%s.%u", shop->conf->scratch,
		    j->claim.token.worker, j->claim.token.id,
		    j->claim.token.epoch);
	run.scratch = j->scratch;
	if (run_remove_scratch(j->scratch, f) != 0 ||
	    fs_mkdirs(AT_FDCWD, j->scratch, f) != 0 ||
	    stage_make(shop->spool, j->claim.name, f) != 0)
		return -1;
	j->pid = run_start(&run, f);
	if (j->pid < 0)
		return -1;
	j->state = JOB_RUNNING;
	job_say(j, LOG_LEVEL_INFO, "started");
	return 0;
}

static void
give_back(struct job *j)
{
	if (j->claim.token.epoch == TOKEN_EPOCH_DROPPED)
		job_leave(j, JOB_AS_DROP);
	else
		leave_back(j, j->claim.token.attempt, due_of(&j->request));
}

static void
note_trouble(struct job *j, const char *why)
{
	struct job_trouble *t = j->shop->trouble;

	t->until_ms = clock_boot_ms() + JOB_TROUBLE_MS;
	(void)snprintf(t->text, sizeof t->text, "%s", why);
	job_say(j, LOG_LEVEL_ERROR, why);
}

/*
 * This host is at fault, not the request: no attempt is used up.  Where the
 * request may have brought it about, others go first.
 */
static void
leave_for_others(struct job *j, const char *why, int64_t due_s)
{
	note_trouble(j, why);
	leave_back(j, j->claim.token.attempt, due_s);
}

/* A dropped file that was judged gets the name of what it asks for. */
static enum commit_outcome
become_request(struct job *j, struct fail *f)
{
	struct token next = j->claim.token;
	enum commit_outcome o;

	if (next.epoch != TOKEN_EPOCH_DROPPED)
		return COMMIT_WON;
	next.epoch++;
	token_label(&next, j->request.package);
	o = commit_admit(j->queue, &j->claim.token, &next, f);
	if (o == COMMIT_WON) {
		j->claim.token = next;
		token_format(j->claim.name, &next);
	}
	return o;
}

static void
admitted(struct job *j, bool room)
{
	struct fail f;

	switch (become_request(j, &f)) {
	case COMMIT_FAILED:
		job_say_failure(j, &f);
		request_free(&j->request);
		return;
	case COMMIT_LOST:
		job_clean_up(j);
		return;
	case COMMIT_WON:
		break;
	}
	if (!room)
		leave_back(j, j->claim.token.attempt, due_of(&j->request));
	else if (start(j, &f) != 0)
		leave_for_others(j, f.text, due_of(&j->request));
}

/* Another host may be able to read it. */
static void
not_readable(struct job *j, const struct fail *f)
{
	int64_t now_ms = clock_boot_ms();

	job_say_failure(j, f);
	if (!j->failing_since_ms)
		j->failing_since_ms = now_ms;
	if (f->err == ENOENT) {		/* not in cur/ any more */
		give_back(j);
	} else if (f->err == EACCES || f->err == EPERM ||
	    now_ms - j->failing_since_ms > JOB_FAILING_MOST_MS) {
		note_trouble(j, f->text);
		give_back(j);
	}
}

void
job_settle(struct job *j, bool room)
{
	struct fail f = { 0 };

	switch (admit(j->shop->conf, j->queue, &j->claim, &j->settling,
	    &j->request, j->digest, &f)) {
	case ADMIT_WAIT:
		return;
	case ADMIT_BAD:
		leave_bad(j, &f);
		return;
	case ADMIT_SORT:
		leave_back(j, j->claim.token.attempt, due_of(&j->request));
		return;
	case ADMIT_FAILED:
		not_readable(j, &f);
		return;
	case ADMIT_RUN:
		admitted(j, room);
		return;
	}
}

/* An attempt is used up without a result: once more, later, or never. */
static void
retry(struct job *j, const char *why)
{
	unsigned used = j->claim.token.attempt + 1;
	struct fail f;

	if (used < j->shop->conf->attempts) {
		int64_t wait_s = j->shop->conf->backoff_s <<
		    (used > 10 ? 10 : used - 1);
		char *text = mem_printf("%s; attempt %u of %u, goes back for "
		    "%lld s", why, used, j->shop->conf->attempts,
		    (long long)wait_s);

		job_say(j, LOG_LEVEL_INFO, text);
		free(text);
		tries_note(j->queue, &j->claim.token, why);
		leave_back(j, used, clock_now_s() + wait_s);
		return;
	}
	(void)fail_set(&f, EX_TEMPFAIL, "%s/cur/%s: %s, %u times; "
	    "the worker's log tells more. To try again: mv this file into "
	    "%s/new", j->queue->name, j->claim.name, why, used,
	    j->queue->name);
	leave_bad(j, &f);
}

static bool
is_to_be_retried(const struct job *j)
{
	if (j->claim.token.attempt + 1 >= j->shop->conf->attempts)
		return false;
	return j->exit_code == RESULT_EXIT_TESTBED ||
	    (j->exit_code == RESULT_EXIT_OTHER &&
	    strcmp(j->shop->conf->exit_20, "retry") == 0);
}

static bool
is_hosts_fault(int code)
{
	return code == RUN_FENCED || code == RUN_NOT_STARTED ||
	    code == RUN_BAD_HOST;
}

/* No attempt is used up, unless the request brings it about everywhere. */
static void
leave_hosts_fault(struct job *j, int code)
{
	const struct token *t = &j->claim.token;

	if (code != RUN_NOT_STARTED &&
	    t->epoch / JOB_ROUNDS_MOST > t->attempt) {
		retry(j, "no host could run it to its end");
	} else if (code == RUN_FENCED) {
		job_say(j, LOG_LEVEL_ERROR, "the spool took no heartbeat for "
		    "half the lease, so this test was ended");
		leave_back(j, t->attempt, due_of(&j->request));
	} else {
		leave_for_others(j, "this host cannot run tests; the log "
		    "tells why", code == RUN_NOT_STARTED ?
		    due_of(&j->request) :
		    clock_now_s() + j->shop->conf->backoff_s);
	}
}

void
job_ended(struct job *j, int wait_status)
{
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
	char text[64];

	j->pid = -1;
	/* A result that was there already is one all the same. */
	if (j->given_back ? code < 0 || code > RESULT_EXIT_OTHER :
	    code == RUN_STOPPED && *j->shop->stopping) {
		job_say(j, LOG_LEVEL_INFO, "given back");
		give_back(j);
		return;
	}
	if (is_hosts_fault(code)) {
		leave_hosts_fault(j, code);
		return;
	}
	if (code < 0 || code > RESULT_EXIT_OTHER) {
		note_trouble(j, "no result could be made; the log tells why");
		retry(j, "no result could be made");
		return;
	}
	j->exit_code = code;
	if (is_to_be_retried(j)) {
		(void)snprintf(text, sizeof text, "testbed failure (exit %d)",
		    code);
		retry(j, text);
		return;
	}
	job_leave(j, JOB_AS_DONE);
}

void
job_give_back(struct job *j)
{
	if (j->state == JOB_RUNNING) {
		if (j->pid > 0)
			(void)kill(j->pid, SIGTERM);
		j->given_back = true;
		return;
	}
	if (j->state != JOB_SETTLING)
		return;
	job_say(j, LOG_LEVEL_INFO, "given back");
	give_back(j);
}
