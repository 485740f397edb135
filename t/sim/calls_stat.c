/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrapped calls that tell of files, lock them, or are of no effect here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>

#include "calls.h"
#include "client.h"
#include "file.h"
#include "host.h"
#include "proc.h"
#include "sched.h"
#include "wrap.h"

static void
describe(const struct node *n, const struct version *v, size_t size,
	struct stat *st)
{
	static const mode_t modes[] = { [NODE_FILE] = S_IFREG | 0644,
	    [NODE_DIR] = S_IFDIR | 0755, [NODE_LINK] = S_IFLNK | 0777 };
	int64_t modified = v ? v->modified : HOST_BEGIN_NS +
	    n->changed / profile.tick_ns * profile.tick_ns;

	memset(st, 0, sizeof *st);
	st->st_dev = (dev_t)(2 + (n->disk->shared ?
	    proc_now->host->mounted_at : 0));
	st->st_ino = n->ino;
	st->st_mode = modes[n->kind];
	st->st_nlink = !node_is_gone(n);
	st->st_size = (off_t)size;
	st->st_mtim.tv_sec = modified / SIM_S;
	st->st_mtim.tv_nsec = modified % SIM_S;
}

int
__wrap_fstat(int fd, struct stat *st)
{
	struct file *f;
	struct fate fate;
	size_t size;

	if (!proc_now)
		return __real_fstat(fd, st);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	fate = call_fate(f->node, CALL_STAT);
	if (fate.err)
		return call_answer(fate.err);
	(void)file_text(f, &size);
	describe(f->node, f->seen ? f->seen : f->node->now, size, st);
	return 0;
}

static int
stat_at(int fd, const char *path, struct stat *st)
{
	struct host *h = proc_now->host;
	struct node *at = NULL, *n;
	struct version *v = NULL;
	struct place p;
	struct fate fate;
	int rc = call_dir(fd, &at);

	call_begin(*path == '/' ? NULL : at);
	if (rc == 0)
		rc = client_walk(h, at, path, &p);
	if (rc != 0)
		return rc;
	fate = fault_draw(p.dir->disk, CALL_STAT);
	if (fate.kills)
		proc_end(proc_now, 9);
	if (fate.err)
		return fate.err;
	n = client_look(h, &p);
	if (!n)
		return -ENOENT;
	if (n->kind == NODE_FILE)
		v = disk_version(n, client_view(h, n));
	describe(n, v, v ? v->size : 0, st);
	return 0;
}

int
__wrap_fstatat(int fd, const char *path, struct stat *st, int flags)
{
	int rc;

	if (!proc_now)
		return __real_fstatat(fd, path, st, flags);
	rc = stat_at(fd, path, st);
	if (calls_told)
		call_tell(rc, "fstatat %s", path);
	return call_answer(rc);
}

int
__wrap_lstat(const char *path, struct stat *st)
{
	if (!proc_now)
		return __real_lstat(path, st);
	return __wrap_fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* Nothing is mounted inside what is removed. */
int
__wrap_statx(int fd, const char *path, int flags, unsigned mask,
	struct statx *st)
{
	if (!proc_now)
		return __real_statx(fd, path, flags, mask, st);
	memset(st, 0, sizeof *st);
	return 0;
}

int
__wrap_fstatfs(int fd, struct statfs *st)
{
	static const long types[] = { [FS_NFS] = NFS_SUPER_MAGIC,
	    [FS_CEPH] = FUSE_SUPER_MAGIC, [FS_LOCAL] = EXT4_SUPER_MAGIC };
	const struct file *f;

	if (!proc_now)
		return __real_fstatfs(fd, st);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	memset(st, 0, sizeof *st);
	st->f_type = types[f->node->disk->shared ? profile.fs : FS_LOCAL];
	st->f_bsize = 4096;
	st->f_blocks = st->f_bfree = st->f_bavail = 1 << 24;
	st->f_files = st->f_ffree = 1 << 24;
	return 0;
}

ssize_t
__wrap_readlinkat(int fd, const char *path, char *p, size_t n)
{
	struct node *at, *link;
	struct place place;
	struct fate fate;
	int rc;

	if (!proc_now)
		return __real_readlinkat(fd, path, p, n);
	rc = call_dir(fd, &at);
	if (rc != 0)
		return call_answer(rc);
	fate = call_fate(at, CALL_STAT);
	rc = client_walk(proc_now->host, at, path, &place);
	link = rc == 0 ? client_look(proc_now->host, &place) : NULL;
	if (fate.err || !link || link->kind != NODE_LINK)
		return call_answer(fate.err ? fate.err : link ? -EINVAL :
		    -ENOENT);
	if (n > strlen(link->target))
		n = strlen(link->target);
	memcpy(p, link->target, n);
	return (ssize_t)n;
}

/* One that is held by a host that is gone is held for a while. */
static bool
is_locked(const struct node *n, const struct file *f)
{
	if (n->lock_until > sched_now)
		return true;
	return n->lock && n->lock != f && (!profile.no_locks ||
	    n->lock->host == f->host);
}

int
__wrap_flock(int fd, int how)
{
	struct file *f;
	struct fate fate;
	int rc = 0;

	if (!proc_now)
		return __real_flock(fd, how);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	fate = call_fate(f->node, CALL_LOCK);
	if (fate.err)
		rc = fate.err;
	else if (how & LOCK_UN)
		f->node->lock = f->node->lock == f ? NULL : f->node->lock;
	else if (is_locked(f->node, f))
		rc = -EWOULDBLOCK;
	else
		f->node->lock = f;
	if (calls_told)
		call_tell(rc, "flock %s", node_name(f->node));
	return call_answer(rc);
}

/* Read leases, where the kernel knows of everybody who writes. */
int
__wrap_fcntl(int fd, int what, ...)
{
	struct file *f;
	va_list ap;
	long how;

	va_start(ap, what);
	how = va_arg(ap, long);
	va_end(ap);
	if (!proc_now)
		return __real_fcntl(fd, what, how);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	if (what != F_SETLEASE)
		return 0;
	return call_answer(how == F_RDLCK && f->node->writers ? -EAGAIN : 0);
}

static int
tell_space(const struct disk *d, struct statvfs *st)
{
	memset(st, 0, sizeof *st);
	st->f_frsize = st->f_bsize = 4096;
	st->f_blocks = st->f_files = 1 << 24;
	st->f_bavail = st->f_bfree = fault_is_full(d) ? 0 : 1 << 24;
	st->f_favail = st->f_ffree = 1 << 24;
	st->f_flag = fault_is_read_only(d) ? ST_RDONLY : 0;
	return 0;
}

int
__wrap_statvfs(const char *path, struct statvfs *st)
{
	struct place p;
	int rc;

	if (!proc_now)
		return __real_statvfs(path, st);
	rc = client_walk(proc_now->host, NULL, path, &p);
	return call_answer(rc != 0 ? rc : tell_space(p.dir->disk, st));
}

int
__wrap_fstatvfs(int fd, struct statvfs *st)
{
	struct file *f;
	struct fate fate;

	if (!proc_now)
		return __real_fstatvfs(fd, st);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	fate = call_fate(f->node, CALL_STAT);
	return call_answer(fate.err ? fate.err : tell_space(f->node->disk,
	    st));
}

/* The server's clock: what was done within one tick is seen from now on. */
int
__wrap_futimens(int fd, const struct timespec times[2])
{
	struct file *f;
	struct fate fate;

	if (!proc_now)
		return __real_futimens(fd, times);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	fate = call_fate(f->node, CALL_WRITE);
	if (fate.err)
		return call_answer(fate.err);
	f->node->changed = f->node->views[f->host->id].own = sched_now;
	return 0;
}

int
__wrap_chmod(const char *path, mode_t mode)
{
	return proc_now ? 0 : __real_chmod(path, mode);
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	return proc_now ? 0 : __real_fchmod(fd, mode);
}

int
__wrap_fchmodat(int fd, const char *path, mode_t mode, int flags)
{
	return proc_now ? 0 : __real_fchmodat(fd, path, mode, flags);
}
