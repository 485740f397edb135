/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "commit.h"
#include "conf.h"
#include "log.h"
#include "mem.h"
#include "scan.h"
#include "slots.h"
#include "spool.h"
#include "strs.h"

void
slots_init(struct slots *s, unsigned most)
{
	*s = (struct slots){ .n = most + SLOTS_SETTLING_MOST, .most = most };
	s->jobs = mem_alloc(s->n * sizeof *s->jobs);
}

void
slots_limit(struct slots *s, unsigned most)
{
	size_t n = most + SLOTS_SETTLING_MOST;

	s->most = most;
	if (n <= s->n)
		return;
	s->jobs = mem_grow(s->jobs, n, sizeof *s->jobs);
	memset(s->jobs + s->n, 0, (n - s->n) * sizeof *s->jobs);
	s->n = n;
}

void
slots_move(struct slots *s, const struct queue *from, const struct queue *to)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state != JOB_FREE)
			s->jobs[i].queue = to + (s->jobs[i].queue - from);
}

static bool
has_process(const struct job *j)
{
	return j->state == JOB_RUNNING || j->state == JOB_CLEANING;
}

void
slots_free(struct slots *s)
{
	/* One that hangs, or was stopped, would hold the worker's name. */
	for (size_t i = 0; i < s->n; i++)
		if (has_process(&s->jobs[i]) && s->jobs[i].pid > 0)
			(void)kill(s->jobs[i].pid, SIGKILL);
	free(s->jobs);
	*s = (struct slots){ 0 };
}

size_t
slots_count(const struct slots *s, enum job_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->jobs[i].state == state;
	return n;
}

bool
slots_are_idle(const struct slots *s)
{
	return slots_count(s, JOB_FREE) == s->n;
}

bool
slots_have_room(const struct slots *s)
{
	return !s->closed && slots_count(s, JOB_RUNNING) +
	    slots_count(s, JOB_LEAVING) + slots_count(s, JOB_PUBLISHING) +
	    slots_count(s, JOB_CLEANING) <
	    (s->cautious && *s->cautious ? 1 : s->most);
}

bool
slots_have_process(const struct slots *s)
{
	return slots_count(s, JOB_RUNNING) + slots_count(s, JOB_CLEANING) > 0;
}

bool
slots_only_leave(const struct slots *s)
{
	return !slots_have_process(s) && slots_count(s, JOB_SETTLING) == 0;
}

bool
slots_can_settle(const struct slots *s)
{
	return slots_count(s, JOB_SETTLING) < SLOTS_SETTLING_MOST;
}

bool
slots_hold(const struct slots *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state != JOB_FREE &&
		    strcmp(s->jobs[i].claim.name, name) == 0)
			return true;
	return false;
}

struct job *
slots_next(struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == JOB_FREE)
			return &s->jobs[i];
	return NULL;
}

/*
 * A listing may be old, so it is a rename that tells whether the token is here:
 * to the next epoch, as which a job takes it over; or, where it was not judged
 * yet, back to new/ itself.
 */
static int
adopt(struct job *j, const struct job_shop *shop, const struct queue *q,
	const struct token *t, struct fail *f)
{
	struct claim found = { .token = *t };
	enum commit_outcome o;

	found.token.epoch++;
	token_format(found.name, &found.token);
	o = t->epoch == TOKEN_EPOCH_DROPPED ? commit_undrop(q, t, f) :
	    commit_admit(q, t, &found.token, f);
	if (o != COMMIT_WON)
		return o == COMMIT_LOST ? 0 : -1;
	log_say_about(shop->log, LOG_LEVEL_INFO, &(struct log_about){
	    .id = t->id, .queue = q->name, .arch = q->arch }, "%s: %s/%s: was "
	    "claimed, though the answer was lost", t->id, q->name, t->label);
	if (t->epoch != TOKEN_EPOCH_DROPPED)
		job_take(j, shop, q, &found);
	return 0;
}

int
slots_adopt(struct slots *s, const struct job_shop *shop,
	const struct queue *q, const struct strs *claimed, struct fail *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < claimed->n; i++) {
		struct job *j = slots_next(s);
		struct token t;

		if (j && token_parse(&t, claimed->v[i]) == 0 &&
		    strcmp(t.worker, shop->conf->worker) == 0 &&
		    !slots_hold(s, claimed->v[i]))
			rc = adopt(j, shop, q, &t, f);
	}
	return rc;
}

bool
slots_reap(struct slots *s)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		struct job *j = &s->jobs[i];
		int status = SIGKILL;	/* where it cannot be told */
		pid_t pid = !has_process(j) ? 0 :
		    waitpid(j->pid, &status, WNOHANG);

		if (pid == 0 || (pid < 0 && errno != ECHILD))
			continue;
		if (j->state == JOB_RUNNING)
			job_ended(j, status);
		else
			*j = (struct job){ .state = JOB_FREE, .pid = -1 };
		any = true;
	}
	return any;
}

const char *
slots_problem(const struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		if ((s->jobs[i].state == JOB_LEAVING ||
		    s->jobs[i].state == JOB_PUBLISHING) && s->jobs[i].said[0])
			return s->jobs[i].said;
	return NULL;
}

bool
slots_push(struct slots *s, int64_t until_ms)
{
	size_t before = slots_count(s, JOB_FREE);

	for (size_t i = 0; i < s->n && clock_boot_ms() < until_ms; i++) {
		struct job *j = &s->jobs[s->turn++ % s->n];

		if (j->state == JOB_SETTLING)
			job_settle(j, slots_have_room(s));
		else if (j->state == JOB_LEAVING || j->state == JOB_PUBLISHING)
			job_push(j);
	}
	return slots_count(s, JOB_FREE) > before;
}

void
slots_give_back(struct slots *s, bool running)
{
	for (size_t i = 0; i < s->n; i++)
		if (running || s->jobs[i].state == JOB_SETTLING)
			job_give_back(&s->jobs[i]);
}

void
slots_obey(struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		job_obey(&s->jobs[i]);
}

void
slots_running(const struct slots *s, struct strs *names)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == JOB_RUNNING)
			strs_add(names, s->jobs[i].claim.name);
}
