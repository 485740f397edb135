/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup_base.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "strs.h"

static const char leaf[] = "/worker";

enum { PROC_MOST = 1 << 20, MOVES_MOST = 10 };

int
cgroup_put(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = strlen(text);
	ssize_t done = fd < 0 ? -1 : write(fd, text, n);
	int err = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = err;
	return done == (ssize_t)n ? 0 : -1;
}

static int
read_proc(const char *path, struct strs *lines)
{
	struct buf b = { 0 };
	struct fail passed;
	int fd = fs_open_read(AT_FDCWD, path);
	int rc = fd < 0 ? -1 : fs_read_fd(fd, path, PROC_MOST, &b, &passed);

	if (rc == 0 && b.s)
		strs_split(lines, b.s, "\n");
	if (fd >= 0)
		(void)close(fd);
	buf_free(&b);
	return rc;
}

/*
 * Where cgroup2 is mounted, and which of its cgroups is seen there; proc(5)
 * has the fields of a line, a "-", and then the filesystem's type.
 */
static char *
mount_point(char root[4096])
{
	struct strs lines = { 0 };
	char at[4096], *found = NULL;

	(void)read_proc("/proc/self/mountinfo", &lines);
	for (size_t i = 0; i < lines.n && !found; i++)
		if (strstr(lines.v[i], " - cgroup2 ") &&
		    sscanf(lines.v[i], "%*s %*s %*s %4095s %4095s", root,
		    at) == 2)
			found = mem_dup(at);
	strs_free(&lines);
	return found;
}

/* The directory of this process's own cgroup. */
static char *
own(void)
{
	struct strs lines = { 0 };
	char root[4096], *at = mount_point(root), *found = NULL;
	size_t n = at && strcmp(root, "/") != 0 ? strlen(root) : 0;

	(void)read_proc("/proc/self/cgroup", &lines);
	for (size_t i = 0; at && i < lines.n && !found; i++)
		if (strncmp(lines.v[i], "0::/", 4) == 0 &&
		    strncmp(lines.v[i] + 3, root, n) == 0)
			found = mem_printf("%s%s", at, lines.v[i] + 3 + n);
	strs_free(&lines);
	free(at);
	return found;
}

/* What systemd sets on a unit with Delegate=: systemd.resource-control(5) */
static bool
is_delegated(const char *path)
{
	char value[4];

	return (getxattr(path, "user.delegate", value, sizeof value) == 1 ||
	    getxattr(path, "trusted.delegate", value, sizeof value) == 1) &&
	    value[0] == '1';
}

/* BASE seen from within it, or from BASE/worker, as after an upgrade. */
static char *
delegated_base(void)
{
	char *path = own();
	size_t n = path ? strlen(path) : 0;

	if (path && is_delegated(path))
		return path;
	if (n > sizeof leaf && strcmp(path + n - strlen(leaf), leaf) == 0) {
		path[n - strlen(leaf)] = '\0';
		if (is_delegated(path))
			return path;
	}
	free(path);
	return NULL;
}

/* One write, one process; who is gone by then needs no more moving. */
static int
move_all(int base, int to, struct fail *f)
{
	struct buf b = { 0 };
	int rc = fs_read(base, "cgroup.procs", PROC_MOST, &b, f);
	struct strs pids = { 0 };

	if (rc == 0 && b.s)
		strs_split(&pids, b.s, "\n");
	for (size_t i = 0; rc == 0 && i < pids.n; i++)
		if (cgroup_put(to, "cgroup.procs", pids.v[i]) != 0 &&
		    errno != ESRCH)
			rc = fail_errno(f, "%s: cannot be moved", pids.v[i]);
	rc = rc != 0 ? -1 : (int)pids.n;
	strs_free(&pids);
	buf_free(&b);
	return rc;
}

/* Until nobody is left: while one is moved, it may make another. */
static int
move_down(const char *path, struct fail *f)
{
	char *to_path = mem_printf("%s%s", path, leaf);
	int base = fs_open_dir(AT_FDCWD, path), to = -1, rc = -1;

	if (fs_mkdirs(AT_FDCWD, to_path, f) == 0) {
		to = fs_open_dir(AT_FDCWD, to_path);
		rc = base < 0 || to < 0 ? fail_errno(f, "%s", to_path) : 1;
	}
	for (int i = 0; rc > 0 && i < MOVES_MOST; i++)
		rc = move_all(base, to, f);
	if (base >= 0)
		(void)close(base);
	if (to >= 0)
		(void)close(to);
	free(to_path);
	return rc > 0 ? fail_set(f, EX_TEMPFAIL, "%s: does not become empty",
	    path) : rc;
}

static char *
named_base(const struct conf *c, struct fail *f)
{
	struct statfs v;

	if (fs_mkdirs(AT_FDCWD, c->cgroup, f) != 0)
		return NULL;
	if (statfs(c->cgroup, &v) == 0 && v.f_type == CGROUP2_SUPER_MAGIC)
		return mem_dup(c->cgroup);
	(void)fail_set(f, EX_CONFIG, "%s: not on a cgroup2 filesystem",
	    c->cgroup);
	return NULL;
}

char *
cgroup_base(const struct conf *c, struct fail *f)
{
	char *path;

	if (c->cgroup[0] == '/')
		return named_base(c, f);
	path = delegated_base();
	if (!path)
		(void)fail_set(f, EX_UNAVAILABLE, "no cgroup is delegated to "
		    "this worker");
	else if (move_down(path, f) == 0)
		return path;
	free(path);
	return NULL;
}
