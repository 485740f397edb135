/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coro.h"
#include "file.h"
#include "host.h"
#include "proc.h"
#include "sched.h"

struct proc *proc_now, *procs;

static pid_t last_pid;

void
procs_init(void)
{
	for (struct proc *p = procs; p; p = p->next)
		if (p->coro) {
			coro_free(p->coro);
			heap_drop(&p->heap);
		}
	procs = proc_now = NULL;
	last_pid = 100;
}

static void
begin(void *arg)
{
	struct proc *p = arg;

	p->main(p->arg);
	proc_exit(0);
}

static void
resume(struct proc *p)
{
	proc_now = p;
	heap_use(&p->heap);
	coro_resume(p->coro);
	heap_use(NULL);
	proc_now = NULL;
	if (p->has_ended) {
		coro_free(p->coro);
		heap_drop(&p->heap);
		p->coro = NULL;
	}
}

static void
wake(void *arg)
{
	struct proc *p = arg;

	if (p->has_ended || p->wake_at != sched_now)
		return;
	if (p->frozen_until > sched_now) {
		p->wake_at = p->frozen_until;
		p->is_deferred = true;
		sched_at(p->wake_at, wake, p);
		return;
	}
	p->wake_at = -1;
	p->is_deferred = false;
	resume(p);
}

struct proc *
proc_start(struct host *h, const char *name, struct proc *parent,
	void (*main)(void *arg), void *arg)
{
	struct proc *p = world_alloc(sizeof *p);

	p->pid = ++last_pid;
	p->host = h;
	p->parent = parent;
	(void)snprintf(p->name, sizeof p->name, "%s", name);
	p->main = main;
	p->arg = arg;
	p->is_protocol = true;
	p->coro = coro_make(begin, p);
	for (int i = 0; parent && i < PROC_FDS; i++)
		if ((p->fds[i] = parent->fds[i]))
			p->fds[i]->refs++;
	p->next = procs;
	procs = p;
	p->wake_at = sched_now;
	sched_at(sched_now, wake, p);
	return p;
}

static void
forget(struct proc *p)
{
	struct proc **at = &procs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
}

void
proc_wait(int64_t ns)
{
	struct proc *p = proc_now;
	int saved = errno;

	if (ns > SIM_NEVER - sched_now)
		ns = SIM_NEVER - sched_now - 1;
	p->wake_at = sched_now + ns;
	if (sched_may_pass(p->wake_at)) {
		sched_now = p->wake_at;
	} else {
		sched_at(p->wake_at, wake, p);
		coro_yield();
	}
	errno = saved;
}

bool
proc_sleep(int64_t ns, unsigned signals)
{
	struct proc *p = proc_now;

	p->wakers = signals;
	if (!(p->signals & signals))
		proc_wait(ns);
	p->wakers = 0;
	return p->signals & signals;
}

void
proc_signal(struct proc *p, int number)
{
	p->signals |= 1U << number;
	if (!(p->wakers & p->signals) || p->has_ended)
		return;
	p->wakers = 0;
	p->wake_at = sched_now;
	sched_at(sched_now, wake, p);
}

void
proc_freeze(struct proc *p, int64_t until)
{
	p->frozen_until = until;
}

void
proc_thaw(struct proc *p)
{
	p->frozen_until = 0;
	if (p->is_deferred && !p->has_ended) {
		p->wake_at = sched_now;
		sched_at(sched_now, wake, p);
	}
}

static void
orphan(struct proc *dead)
{
	for (struct proc *p = procs, *next; p; p = next) {
		next = p->next;
		if (p->parent != dead)
			continue;
		p->parent = NULL;
		if (p->has_ended)
			forget(p);
		else
			proc_signal(p, SIGTERM);	/* PR_SET_PDEATHSIG */
	}
}

void
proc_end(struct proc *p, int status)
{
	if (p->has_ended)
		return;
	p->has_ended = true;
	p->status = status;
	for (int i = 0; i < PROC_FDS; i++)
		if (p->fds[i])
			file_close(p->fds[i]);
	orphan(p);
	if (p->parent)
		proc_signal(p->parent, SIGCHLD);
	else
		forget(p);
	if (p->on_end)
		p->on_end(p);
	if (p == proc_now)
		coro_yield();	/* for good */
	coro_free(p->coro);
	heap_drop(&p->heap);
	p->coro = NULL;
}

void
proc_exit(int code)
{
	proc_end(proc_now, (code & 0xff) << 8);
	abort();
}

struct proc *
proc_of(pid_t pid)
{
	struct proc *p = procs;

	while (p && p->pid != pid)
		p = p->next;
	return p;
}

struct proc *
proc_reap(struct proc *parent, pid_t pid)
{
	struct proc *p = proc_of(pid);

	if (!p || p->parent != parent || !p->has_ended)
		return NULL;
	forget(p);
	return p;
}
