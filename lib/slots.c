/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <sys/wait.h>

#include "mem.h"
#include "slots.h"
#include "strs.h"

void
slots_init(struct slots *s, unsigned most)
{
	*s = (struct slots){ .n = most + SLOTS_SETTLING_MOST, .most = most };
	s->jobs = mem_alloc(s->n * sizeof *s->jobs);
}

void
slots_free(struct slots *s)
{
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
	return slots_count(s, JOB_RUNNING) + slots_count(s, JOB_LEAVING) +
	    slots_count(s, JOB_PUBLISHING) < s->most;
}

bool
slots_can_claim(const struct slots *s)
{
	return slots_have_room(s) &&
	    slots_count(s, JOB_SETTLING) < SLOTS_SETTLING_MOST;
}

struct job *
slots_next(struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == JOB_FREE)
			return &s->jobs[i];
	return NULL;
}

bool
slots_reap(struct slots *s)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		struct job *j = &s->jobs[i];
		int status;

		if (j->state == JOB_RUNNING &&
		    waitpid(j->pid, &status, WNOHANG) == j->pid) {
			job_ended(j, status);
			any = true;
		}
	}
	return any;
}

void
slots_push(struct slots *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct job *j = &s->jobs[i];

		if (j->state == JOB_SETTLING)
			job_settle(j, slots_have_room(s));
		else if (j->state == JOB_LEAVING || j->state == JOB_PUBLISHING)
			job_push(j);
	}
}

void
slots_give_back(struct slots *s, bool running)
{
	for (size_t i = 0; i < s->n; i++)
		if (running || s->jobs[i].state == JOB_SETTLING)
			job_give_back(&s->jobs[i]);
}

void
slots_running(const struct slots *s, struct strs *names)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->jobs[i].state == JOB_RUNNING)
			strs_add(names, s->jobs[i].claim.name);
}
