/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox_inside.h"
#include "strs.h"

enum { EXEC_STACK = 65536 };

_Noreturn void
sandbox_die(const char *what)
{
	(void)dprintf(STDERR_FILENO, "adtspool: sandbox: %s: %s\n", what,
	    strerror(errno));
	_exit(SANDBOX_NOT_STARTED);
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
lower(int resource, rlim_t most, rlim_t hard)
{
	struct rlimit r;

	if (getrlimit(resource, &r) != 0)
		return;
	if (r.rlim_max > hard)
		r.rlim_max = hard;
	if (r.rlim_cur > most)
		r.rlim_cur = most;
	(void)setrlimit(resource, &r);
}

/*
 * Core dumps are for tests to ask for.  The rest is lowered for good, where a
 * soft limit would keep nobody; who has used up its CPU time is told by SIGXCPU
 * a second before it is killed.
 */
static void
set_limits(const struct sandbox_limits *l)
{
	lower(RLIMIT_CORE, 0, RLIM_INFINITY);
	if (l->processes_most)
		lower(RLIMIT_NPROC, l->processes_most, l->processes_most);
	if (l->memory_most_bytes)
		lower(RLIMIT_DATA, (rlim_t)l->memory_most_bytes,
		    (rlim_t)l->memory_most_bytes);
	if (l->cpu_most_s)
		lower(RLIMIT_CPU, (rlim_t)l->cpu_most_s,
		    (rlim_t)l->cpu_most_s + 1);
}

static int
exec(void *plan)
{
	const struct sandbox_plan *p = plan;

	reset_signals();
	set_limits(&p->limits);
	/* For when the first process and the runner are killed at once. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setsid();
	if (chdir(p->directory) != 0)
		sandbox_die(p->directory);
	(void)execvp(p->argv->v[0], p->argv->v);
	sandbox_die(p->argv->v[0]);
}

pid_t
sandbox_spawn(const struct sandbox_plan *p)
{
	_Alignas(max_align_t) char stack[EXEC_STACK];
	struct sandbox_plan plan = *p;

	return clone(exec, stack + sizeof stack,
	    CLONE_VM | CLONE_VFORK | SIGCHLD, &plan);
}
