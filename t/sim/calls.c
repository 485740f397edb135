/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "disk.h"
#include "file.h"
#include "host.h"
#include "proc.h"
#include "sched.h"

uint64_t calls_steps;
bool calls_told;

void
call_begin(const struct node *n)
{
	struct proc *p = proc_now;

	if (n && !n->disk->shared)
		return;
	calls_steps += p->is_protocol;
	proc_wait(host_latency_ns(p->host));
	while (p->host->away_until > sched_now)
		proc_wait(p->host->away_until - sched_now +
		    host_latency_ns(p->host));
}

struct fate
call_fate(const struct node *n, enum call call)
{
	struct fate fate;

	call_begin(n);
	fate = fault_draw(n->disk, call);
	if (fate.kills)
		proc_end(proc_now, 9);
	return fate;
}

struct file *
call_file(int fd)
{
	if (fd < 0 || fd >= PROC_FDS)
		return NULL;
	return proc_now->fds[fd];
}

/* What was held open when something else was mounted there. */
static bool
is_stale(const struct file *f)
{
	return f->node && f->node->disk->shared &&
	    f->opened_at < f->host->mounted_at;
}

int
call_bad(const struct file *f)
{
	return !f ? -EBADF : f->kind != FILE_NODE ? -EINVAL :
	    is_stale(f) ? -ESTALE : 0;
}

int
call_fd(struct file *f)
{
	for (int fd = 3; fd < PROC_FDS; fd++)
		if (!proc_now->fds[fd]) {
			proc_now->fds[fd] = f;
			return fd;
		}
	file_close(f);
	return -EMFILE;
}

int
call_dir(int fd, struct node **dir)
{
	const struct file *f = call_file(fd);
	int rc = fd == AT_FDCWD ? 0 : call_bad(f);

	if (rc == 0)
		*dir = f ? f->node : proc_now->host->local->root;
	return rc;
}

int
call_answer(int rc)
{
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

void
call_tell(int64_t rc, const char *fmt, ...)
{
	const struct proc *p = proc_now;
	int saved = errno;
	va_list ap;

	(void)printf("%11.6f %s %s[%d] ", (double)sched_now / 1e9,
	    p->host->name, p->name, (int)p->pid);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	if (rc < 0)
		(void)printf(" = %s\n", strerrorname_np((int)-rc));
	else
		(void)printf(" = %lld\n", (long long)rc);
	errno = saved;
}
