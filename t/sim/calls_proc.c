/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrapped calls on time, processes and the rest. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "calls.h"
#include "file.h"
#include "host.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "wrap.h"

enum { WORKER_SIGNALS = 1 << SIGTERM | 1 << SIGINT | 1 << SIGHUP |
	1 << SIGCHLD };

static struct rng rng;

void
calls_proc_init(uint64_t seed)
{
	rng = rng_make(seed, 4);
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int64_t ns;

	if (!proc_now)
		return __real_clock_gettime(clock, t);
	ns = clock == CLOCK_REALTIME ? host_wall_ns(proc_now->host) :
	    host_boot_ns(proc_now->host);
	t->tv_sec = ns / SIM_S;
	t->tv_nsec = ns % SIM_S;
	return 0;
}

int
__wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
	if (!proc_now)
		return __real_nanosleep(t, left);
	proc_wait(t->tv_sec * SIM_S + t->tv_nsec);
	return 0;
}

int
__wrap_poll(struct pollfd *p, nfds_t n, int ms)
{
	int ready = 0;
	bool any;

	if (!proc_now)
		return __real_poll(p, n, ms);
	any = proc_sleep(ms < 0 ? SIM_NEVER : ms * SIM_MS, WORKER_SIGNALS);
	for (nfds_t i = 0; i < n; i++) {
		const struct file *f = call_file(p[i].fd);

		p[i].revents = any && f && f->kind == FILE_SIGNALS ? POLLIN : 0;
		ready += p[i].revents != 0;
	}
	return ready;
}

int
__wrap_signalfd(int fd, const sigset_t *set, int flags)
{
	if (!proc_now)
		return __real_signalfd(fd, set, flags);
	return call_answer(call_fd(file_make(FILE_SIGNALS, proc_now->host,
	    NULL, 0)));
}

int
signals_read(void *p, size_t n)
{
	struct signalfd_siginfo si = { 0 };

	for (int number = 1; number < 32; number++) {
		unsigned bit = 1U << number;

		if (!(proc_now->signals & bit & WORKER_SIGNALS))
			continue;
		if (n < sizeof si)
			return -EINVAL;
		proc_now->signals &= ~bit;
		si.ssi_signo = (uint32_t)number;
		memcpy(p, &si, sizeof si);
		return (int)sizeof si;
	}
	return -EAGAIN;
}

int
__wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return proc_now ? 0 : __real_sigprocmask(how, set, old);
}

int
__wrap_sigaction(int number, const struct sigaction *a, struct sigaction *old)
{
	return proc_now ? 0 : __real_sigaction(number, a, old);
}

int
__wrap_kill(pid_t pid, int number)
{
	struct proc *p;

	if (!proc_now)
		return __real_kill(pid, number);
	p = proc_of(pid);
	if (!p || p->host != proc_now->host)
		return call_answer(-ESRCH);
	proc_signal(p, number);
	return 0;
}

pid_t
__wrap_waitpid(pid_t pid, int *status, int options)
{
	struct proc *p;

	if (!proc_now)
		return __real_waitpid(pid, status, options);
	for (;;) {
		const struct proc *child = proc_of(pid);

		if (!child || child->parent != proc_now)
			return call_answer(-ECHILD);
		p = proc_reap(proc_now, pid);
		if (p || options & WNOHANG)
			break;
		/* It may be pending already, for another one. */
		proc_now->signals &= ~(1U << SIGCHLD);
		(void)proc_sleep(SIM_NEVER, 1U << SIGCHLD);
	}
	if (p)
		*status = p->status;
	return p ? pid : 0;
}

/* What processes share is theirs until the world ends. */
void *
__wrap_mmap(void *at, size_t n, int protection, int flags, int fd,
	off_t offset)
{
	if (!proc_now)
		return __real_mmap(at, n, protection, flags, fd, offset);
	return world_alloc(n);
}

int
__wrap_munmap(void *p, size_t n)
{
	return proc_now ? 0 : __real_munmap(p, n);
}

pid_t
__wrap_getpid(void)
{
	return proc_now ? proc_now->pid : __real_getpid();
}

uid_t
__wrap_geteuid(void)
{
	return proc_now ? 0 : __real_geteuid();
}

ssize_t
__wrap_getrandom(void *p, size_t n, unsigned flags)
{
	unsigned char *out = p;

	if (!proc_now)
		return __real_getrandom(p, n, flags);
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)rng_below(&rng, 256);
	return (ssize_t)n;
}

int
__wrap_gethostname(char *p, size_t n)
{
	if (!proc_now)
		return __real_gethostname(p, n);
	(void)snprintf(p, n, "%s", proc_now->host->name);
	return 0;
}

char *
__wrap_getenv(const char *name)
{
	return proc_now ? NULL : __real_getenv(name);
}

int
__wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *p, size_t n,
	struct passwd **found)
{
	if (!proc_now)
		return __real_getpwuid_r(uid, pw, p, n, found);
	*found = NULL;
	return 0;
}
