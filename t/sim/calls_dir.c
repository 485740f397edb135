/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrapped calls that change directories. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "change.h"
#include "proc.h"
#include "wrap.h"

/* Where a call is to act; the time of a call passes before it is found out. */
static int
find(int fd, const char *path, struct place *p)
{
	struct node *at;
	int rc = call_dir(fd, &at);

	if (rc == 0)
		rc = client_walk(proc_now->host, at, path, p);
	return rc != 0 ? rc : p->name.len ? 0 : -EEXIST;
}

static struct node *
disk_of(int fd, const char *path)
{
	struct node *at;
	struct place p;

	if (call_dir(fd, &at) != 0)
		return NULL;
	if (*path != '/')
		return at;
	return client_walk(proc_now->host, at, path, &p) == 0 ? p.dir : at;
}

static int
change_at(enum change_kind kind, int fd, const char *path, const char *target)
{
	struct change c = { .kind = kind, .host = proc_now->host,
	    .target = target };
	int rc;

	call_begin(disk_of(fd, path));
	rc = find(fd, path, &c.at);
	return rc != 0 ? rc : change_call(&c);
}

int
__wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	struct change c = { .kind = CHANGE_RENAME };
	int rc;

	if (!proc_now)
		return __real_renameat(from_fd, from, to_fd, to);
	c.host = proc_now->host;
	call_begin(disk_of(from_fd, from));
	rc = find(from_fd, from, &c.at);
	if (rc == 0)
		rc = find(to_fd, to, &c.to);
	if (rc == 0)
		rc = change_call(&c);
	if (calls_told)
		call_tell(rc, "renameat %s %s", from, to);
	return call_answer(rc);
}

int
__wrap_unlinkat(int fd, const char *path, int flags)
{
	int rc;

	if (!proc_now)
		return __real_unlinkat(fd, path, flags);
	rc = change_at(flags & AT_REMOVEDIR ? CHANGE_RMDIR : CHANGE_UNLINK,
	    fd, path, NULL);
	if (calls_told)
		call_tell(rc, "%s %s", flags & AT_REMOVEDIR ? "rmdir" :
		    "unlinkat", path);
	return call_answer(rc);
}

int
__wrap_mkdirat(int fd, const char *path, mode_t mode)
{
	int rc;

	if (!proc_now)
		return __real_mkdirat(fd, path, mode);
	rc = change_at(CHANGE_MKDIR, fd, path, NULL);
	if (calls_told)
		call_tell(rc, "mkdirat %s", path);
	return call_answer(rc);
}

int
__wrap_symlinkat(const char *target, int fd, const char *path)
{
	int rc;

	if (!proc_now)
		return __real_symlinkat(target, fd, path);
	rc = change_at(CHANGE_SYMLINK, fd, path, target);
	if (calls_told)
		call_tell(rc, "symlinkat %s %s", target, path);
	return call_answer(rc);
}
