/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an attempt's end means: a result, one more try, or the request's end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "buf.h"
#include "conf.h"
#include "control.h"
#include "elsewhere.h"
#include "fs.h"
#include "health.h"
#include "job_leave.h"
#include "mem.h"
#include "result.h"
#include "run.h"
#include "spool.h"
#include "tries.h"

enum { RESULT_SIZE_MOST = 1 << 20 };

/* An attempt is used up without a result: once more, later, or never. */
static void
retry(struct job *j, const char *why)
{
	unsigned used = j->claim.token.attempt + 1;
	struct fail f;

	if (job_is_cancelled(j)) {
		job_leave_cancelled(j);
		return;
	}
	if (used < j->shop->conf->attempts) {
		int64_t wait_s = elsewhere_backoff_s(j->shop->conf, used);
		char *text = mem_printf("%s; attempt %u of %u, goes back for "
		    "%lld s", why, used, j->shop->conf->attempts,
		    (long long)wait_s);

		job_say(j, LOG_LEVEL_INFO, text);
		free(text);
		tries_note(j->queue, &j->claim.token, why);
		job_prefer_others(j, wait_s);
		free(j->why);
		j->why = mem_dup(why);
		job_leave_back(j, used, clock_now_s() + wait_s);
		return;
	}
	(void)fail_set(&f, EX_TEMPFAIL, "%s/cur/%s: %s, %u times; "
	    "the worker's log tells more. To try again: mv this file into "
	    "%s/new", j->queue->name, j->claim.name, why, used,
	    j->queue->name);
	job_leave_bad(j, &f);
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

/* What more its result tells than what all of that exit code do. */
static void
add_message(const struct result *r, int code, struct buf *text)
{
	char *usual = result_message(code);
	size_t n = strlen(usual);

	if (r->message && strncmp(r->message, usual, n) != 0)
		buf_addf(text, ": %.400s", r->message);
	else if (r->message)
		buf_addf(text, "%.400s", r->message + n);
	free(usual);
}

/* What is in its stage of a failure; it may be a stranger's text. */
static char *
tell_failure(struct job *j, int code)
{
	char *path = mem_printf("%s/run/result.json", j->claim.name);
	struct buf b = { 0 }, text = { 0 };
	struct result r;
	struct fail passed;

	buf_addf(&text, "testbed failure (exit %d)", code);
	if (fs_read(j->shop->spool->staging, path, RESULT_SIZE_MOST, &b,
	    &passed) == 0 && b.s && result_read(&r, path, b.s, b.len,
	    &passed) == 0) {
		add_message(&r, code, &text);
		result_free(&r);
		free(j->result);
		j->result = mem_dupn(b.s, b.len);
	}
	buf_free(&b);
	free(path);
	return text.s;
}

static void
end_of_testbed(struct job *j)
{
	char *why = tell_failure(j, j->exit_code);

	if (!job_blame_host(j, why)) {
		if (is_to_be_retried(j))
			retry(j, why);
		else
			job_leave(j, JOB_AS_DONE);
	}
	free(why);
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
		job_leave_back(j, t->attempt, job_due_s(&j->request));
	} else {
		job_leave_to_others(j, "this host cannot run tests; the log "
		    "tells why", code == RUN_NOT_STARTED ?
		    job_due_s(&j->request) :
		    clock_now_s() + j->shop->conf->backoff_s);
	}
}

/* True where it was told to end, and left no result before it did. */
static bool
ended_by_order(struct job *j, int code)
{
	bool has_result = (code >= 0 && code <= RESULT_EXIT_OTHER) ||
	    code == RESULT_EXIT_REJECTED;
	char *why;

	if (j->order == JOB_ORDER_NONE || has_result)
		return false;
	if (j->order == JOB_ORDER_CANCEL) {
		job_leave_cancelled(j);
		return true;
	}
	why = mem_dup(j->order_why);
	retry(j, why);
	free(why);
	return true;
}

void
job_ended(struct job *j, int wait_status)
{
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;

	j->pid = -1;
	if (ended_by_order(j, code))
		return;
	if (code == RESULT_EXIT_REJECTED) {
		j->exit_code = code;
		job_leave(j, JOB_AS_DONE);
		return;
	}
	/* A result that was there already is one all the same. */
	if (j->given_back ? code < 0 || code > RESULT_EXIT_OTHER :
	    code == RUN_STOPPED && *j->shop->stopping) {
		job_say(j, LOG_LEVEL_INFO, "given back");
		job_leave_unharmed(j);
		return;
	}
	if (is_hosts_fault(code)) {
		leave_hosts_fault(j, code);
		return;
	}
	if (code < 0 || code > RESULT_EXIT_OTHER) {
		job_pause(j, "no result could be made; the log tells why");
		if (job_blame_host(j, "no result could be made"))
			return;
		job_count(j, LEASE_HOST_FAILURES);
		retry(j, "no result could be made");
		return;
	}
	j->exit_code = code;
	if (strcmp(run_status(j->shop->conf, code), "tmpfail") == 0) {
		end_of_testbed(j);
		return;
	}
	if (health_is_well(j->shop->health)) {
		(void)elsewhere_forget_bad(j->shop->elsewhere);
		job_say(j, LOG_LEVEL_INFO, "came to an end: this host is well "
		    "again");
	}
	job_leave(j, JOB_AS_DONE);
}

static void
end_by_order(struct job *j, enum job_order order, char *why)
{
	if (j->order == JOB_ORDER_NONE && j->pid > 0)
		(void)kill(j->pid, SIGTERM);
	j->order = order;
	free(j->order_why);
	j->order_why = why;
	job_say(j, LOG_LEVEL_INFO, why);
}

void
job_obey(struct job *j)
{
	const struct strs *control = j->shop ? j->shop->control : NULL;

	if (j->state != JOB_RUNNING || !control)
		return;
	if (j->order != JOB_ORDER_CANCEL && job_is_cancelled(j))
		end_by_order(j, JOB_ORDER_CANCEL, control_tell(j->shop->spool,
		    CONTROL_CANCEL, j->claim.token.id, "cancelled"));
	else if (j->order == JOB_ORDER_NONE &&
	    control_has(control, CONTROL_KILL, j->claim.name))
		end_by_order(j, JOB_ORDER_KILL, control_tell(j->shop->spool,
		    CONTROL_KILL, j->claim.name, "killed"));
}
