/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "crew.h"
#include "fail.h"
#include "fs.h"

int
fs_write_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t w = write(fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Closes fd on every path; close(2) may be what reports EDQUOT on NFS. */
static int
sync_close(int fd)
{
	int bad = fs_sync(fd) != 0;
	int saved = errno;

	if (close(fd) != 0 && !bad)
		return -1;
	errno = saved;
	return bad ? -1 : 0;
}

int
fs_write_open(int dir, const char *name, const void *p, size_t n,
	struct fail *f)
{
	int fd = fs_create(dir, name);

	if (fd < 0)
		return fail_errno(f, "%s", name);
	if (fs_write_all(fd, p, n) == 0)
		return fd;
	(void)fail_errno(f, "%s", name);
	(void)close(fd);
	(void)fs_unlink(dir, name);
	return -1;
}

int
fs_write_new(int dir, const char *name, const void *p, size_t n,
	struct fail *f)
{
	int fd = fs_write_open(dir, name, p, n, f);

	if (fd < 0)
		return -1;
	if (sync_close(fd) != 0) {
		(void)fail_errno(f, "%s", name);
		(void)fs_unlink(dir, name);
		return -1;
	}
	return 0;
}

struct round {
	const int *fds;
	atomic_int err;
};

/*
 * On its way to the disk before the first is waited for.  That is no promise
 * yet, and may be refused; but what it cannot write, fsync(2) may not tell of
 * again.
 */
static void
begin(struct round *r, int fd)
{
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) != 0 &&
	    (errno == EIO || errno == ENOSPC || errno == EDQUOT))
		r->err = errno;
}

static void
end(void *context, size_t i)
{
	struct round *r = context;

	if (fs_sync(r->fds[i]) != 0)
		r->err = errno;
}

int
fs_sync_all(const int *fds, size_t n)
{
	struct round r = { .fds = fds };

	for (size_t i = 0; i < n; i++)
		begin(&r, fds[i]);
	/* More threads make little difference, on ext4 and XFS. */
	crew_run(n, CREW_MOST, end, &r);
	errno = r.err;
	return r.err ? -1 : 0;
}
