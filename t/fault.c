/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "fault.h"

int __real_renameat(int from_dir, const char *from, int to_dir,
	const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir,
	const char *to);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __real_mkdirat(int dir, const char *name, mode_t mode);
int __wrap_mkdirat(int dir, const char *name, mode_t mode);
int __real_symlinkat(const char *target, int dir, const char *name);
int __wrap_symlinkat(const char *target, int dir, const char *name);
int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

static struct {
	struct fault *fault;
	atomic_uint calls;	/* of threads, too */
	unsigned crash_at, meddle_at;
	void (*meddle)(void);
} now;

static const struct { const char *name; int err; } kinds[FAULT_KINDS] = {
	[FAULT_EIO] = { "EIO", EIO },
	[FAULT_ENOSPC] = { "ENOSPC", ENOSPC },
	[FAULT_ESTALE] = { "ESTALE", ESTALE },
	[FAULT_LOST_REPLY] = { "lost reply", 0 },
};

bool
fault_next(struct fault *x)
{
	if (x->nth == 0 || x->struck) {
		x->nth++;
	} else {
		x->nth = 1;
		x->kind++;
	}
	x->struck = false;
	(void)snprintf(x->what, sizeof x->what, "%s at %u: not reached",
	    x->kind < FAULT_KINDS ? kinds[x->kind].name : "", x->nth);
	return x->kind < FAULT_KINDS;
}

void
fault_on(struct fault *x)
{
	fault_off();
	now.fault = x;
}

void
fault_off(void)
{
	now.fault = NULL;
	now.calls = 0;
	now.crash_at = now.meddle_at = 0;
}

void
fault_crash_at(unsigned nth)
{
	fault_off();
	now.crash_at = nth;
}

void
fault_meddle_at(unsigned nth, void (*meddle)(void))
{
	fault_off();
	now.meddle_at = nth;
	now.meddle = meddle;
}

enum strike { GO_ON, FAIL, LOSE };

/* Counts a call; FAIL has set errno. */
static enum strike
strike(const char *call, const char *name)
{
	struct fault *x = now.fault;
	bool on = x || now.crash_at || now.meddle_at;
	unsigned nth;

	if (!on)
		return GO_ON;
	nth = atomic_fetch_add(&now.calls, 1) + 1;
	if (nth == now.crash_at)
		_exit(0);
	if (nth == now.meddle_at) {
		now.meddle_at = 0;
		now.meddle();
	}
	if (!x || nth != x->nth)
		return GO_ON;
	x->struck = true;
	(void)snprintf(x->what, sizeof x->what, "%s at %u: %s %.80s",
	    kinds[x->kind].name, x->nth, call, name);
	errno = kinds[x->kind].err;
	return x->kind == FAULT_LOST_REPLY ? LOSE : FAIL;
}

/* What the client sees when its call was done and then repeated. */
static int
reply(enum strike s, int rc, int err)
{
	if (s != LOSE || rc != 0)
		return rc;
	errno = err;
	return -1;
}

int
__wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	enum strike s = strike("renameat", to);

	return s == FAIL ? -1 : reply(s, __real_renameat(from_dir, from,
	    to_dir, to), ENOENT);
}

int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	enum strike s = strike("unlinkat", name);

	return s == FAIL ? -1 : reply(s, __real_unlinkat(dir, name, flags),
	    ENOENT);
}

int
__wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	enum strike s = strike("mkdirat", name);

	return s == FAIL ? -1 : reply(s, __real_mkdirat(dir, name, mode),
	    EEXIST);
}

int
__wrap_symlinkat(const char *target, int dir, const char *name)
{
	enum strike s = strike("symlinkat", name);

	return s == FAIL ? -1 : reply(s, __real_symlinkat(target, dir, name),
	    EEXIST);
}

int
__wrap_openat(int dir, const char *name, int flags, ...)
{
	enum strike s = flags & O_CREAT ? strike("openat", name) : GO_ON;
	mode_t mode = 0;
	va_list ap;
	int fd;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (s == FAIL)
		return -1;
	fd = __real_openat(dir, name, flags, mode);
	if (s != LOSE || !(flags & O_EXCL) || fd < 0)
		return fd;
	(void)close(fd);
	errno = EEXIST;
	return -1;
}

/* Repeating one of these is as good as doing it once: no reply is lost. */
int
__wrap_fsync(int fd)
{
	return strike("fsync", "") == FAIL ? -1 : __real_fsync(fd);
}

int
__wrap_ftruncate(int fd, off_t size)
{
	return strike("ftruncate", "") == FAIL ? -1 :
	    __real_ftruncate(fd, size);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	return strike("write", "") == FAIL ? -1 : __real_write(fd, p, n);
}
