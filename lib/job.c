/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"
#include "conf.h"
#include "fence.h"
#include "fs.h"
#include "job_leave.h"
#include "policy.h"
#include "run.h"
#include "spool.h"
#include "stage.h"

void
job_take(struct job *j, const struct job_shop *shop, const struct queue *q,
	const struct claim *claim)
{
	*j = (struct job){ .state = JOB_SETTLING, .shop = shop, .queue = q,
	    .claim = *claim, .pid = -1, .exit_code = -1 };
}

static int
make_places(struct job *j, struct fail *f)
{
	if (!j->scratch)
		j->scratch = run_scratch(j->shop->conf, &j->claim.token);
	return run_remove_scratch(j->scratch, f) != 0 ||
	    fs_mkdirs(AT_FDCWD, j->scratch, f) != 0 ||
	    stage_make(j->shop->spool, j->claim.name, f) != 0 ? -1 : 0;
}

static int
start(struct job *j, struct fail *f)
{
	const struct job_shop *shop = j->shop;
	struct policy_verdict verdict;
	struct run run = { .conf = shop->conf, .spool = shop->spool,
	    .log = shop->log, .request = &j->request,
	    .token = &j->claim.token, .attempt = j->claim.name,
	    .queue = j->queue->name, .day = j->day, .fence = shop->fence,
	    .fence_passes = fence_passes(shop->fence),
	    .failures = shop->failures, .isolated = shop->isolated,
	    .cgroup = shop->cgroup };

	commit_day(j->day);
	if (make_places(j, f) != 0)
		return -1;
	run.scratch = j->scratch;
	if (shop->policy)
		policy_look(shop->policy, shop->log);
	policy_judge(shop->policy, &j->request, j->queue->name, &verdict);
	run.verdict = &verdict;
	j->pid = run_start(&run, f);
	policy_verdict_free(&verdict);
	if (j->pid < 0)
		return -1;
	j->state = JOB_RUNNING;
	job_say(j, LOG_LEVEL_INFO, "started");
	job_hook(j, HOOK_CLAIMED);
	return 0;
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
		job_leave_back(j, j->claim.token.attempt,
		    job_due_s(&j->request));
	else if (job_is_for_others(j))
		job_leave_back(j, j->claim.token.attempt, clock_now_s());
	else if (start(j, &f) != 0)
		job_leave_to_others(j, f.text, job_due_s(&j->request));
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
		job_leave_unharmed(j);
	} else if (f->err == EACCES || f->err == EPERM ||
	    now_ms - j->failing_since_ms > JOB_FAILING_MOST_MS) {
		job_trouble(j, f->text);
		job_leave_unharmed(j);
	}
}

void
job_settle(struct job *j, bool room)
{
	struct fail f = { 0 };
	enum admit a = admit(j->shop->conf, j->queue, &j->claim, &j->settling,
	    &j->request, j->digest, &f);

	if (a != ADMIT_BAD && job_is_cancelled(j)) {
		job_leave_cancelled(j);
		return;
	}
	switch (a) {
	case ADMIT_WAIT:
		return;
	case ADMIT_BAD:
		job_leave_bad(j, &f);
		return;
	case ADMIT_SORT:
		job_leave_back(j, j->claim.token.attempt,
		    job_due_s(&j->request));
		return;
	case ADMIT_FAILED:
		not_readable(j, &f);
		return;
	case ADMIT_RUN:
		admitted(j, room);
		return;
	}
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
	job_leave_unharmed(j);
}
