/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrapped calls on files. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "breaks.h"
#include "calls.h"
#include "change.h"
#include "file.h"
#include "host.h"
#include "journal.h"
#include "proc.h"
#include "sched.h"
#include "wrap.h"

/* What is opened for reading is seen as it is, or as of one time before. */
static struct file *
open_node(struct node *n, int flags)
{
	struct host *h = proc_now->host;
	struct file *f = file_make(FILE_NODE, h, n, flags);
	int64_t view = sched_now;

	if (n->kind == NODE_FILE) {
		file_recall(n, h);
		if ((flags & O_ACCMODE) == O_RDONLY)
			view = client_view(h, n);
		if (view < sched_now)
			f->seen = disk_version(n, view);
	}
	return f;
}

static int
open_there(struct node *n, int flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	struct fate fate;

	if (n->kind == NODE_LINK)
		return -ELOOP;
	if (flags & O_DIRECTORY && n->kind != NODE_DIR)
		return -ENOTDIR;
	if (writes && n->kind == NODE_DIR)
		return -EISDIR;
	fate = fault_draw(n->disk, writes ? CALL_WRITE : CALL_OPEN);
	if (fate.kills)
		proc_end(proc_now, 9);
	if (fate.err)
		return fate.err;
	if (node_is_gone(n))
		return -ESTALE;
	return call_fd(open_node(n, flags));
}

static int
open_at(int fd, const char *path, int flags)
{
	struct change c = { .kind = CHANGE_CREATE, .host = proc_now->host };
	struct node *at = NULL, *n;
	int rc = call_dir(fd, &at);

	call_begin(*path == '/' ? NULL : at);
	if (rc == 0)
		rc = client_walk(c.host, at, path, &c.at);
	if (rc != 0)
		return rc;
	n = client_look(c.host, &c.at);
	if (n && !((flags & O_CREAT) && (flags & O_EXCL)))
		return open_there(n, flags);
	if (!(flags & O_CREAT))
		return -ENOENT;
	rc = change_call(&c);
	if (rc == -EEXIST && !(flags & O_EXCL)) {
		/* Somebody was faster, or it is an answer to a repetition. */
		struct dent *d = disk_find(c.at.dir, &c.at.name);

		return d ? open_there(d->node, flags) : -ENOENT;
	}
	return rc != 0 ? rc : call_fd(open_node(c.made, flags));
}

int
__wrap_openat(int fd, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;
	int rc;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (!proc_now)
		return __real_openat(fd, path, flags, mode);
	rc = open_at(fd, path, flags);
	if (calls_told)
		call_tell(rc, "openat %s%s", path, flags & O_CREAT ?
		    " O_CREAT" : "");
	return call_answer(rc);
}

int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (!proc_now)
		return __real_open(path, flags, mode);
	return __wrap_openat(AT_FDCWD, path, flags, mode);
}

/* What writing, syncing and closing have in common: it may go wrong late. */
static int
settle(struct file *f, enum call call)
{
	struct fate fate = call_fate(f->node, call);

	if (fate.err && f->is_dirty && call == CALL_SYNC)
		file_spoil(f);
	return fate.err;
}

int
__wrap_close(int fd)
{
	struct file *f;
	int rc = 0;

	if (!proc_now)
		return __real_close(fd);
	f = call_file(fd);
	if (!f)
		return call_answer(-EBADF);
	/* Only what there is to be written is worth a call. */
	if (f->is_dirty && f->refs == 1)
		rc = settle(f, CALL_SYNC);
	proc_now->fds[fd] = NULL;
	file_close(f);
	return call_answer(rc);
}

int
__wrap_dup3(int from, int to, int flags)
{
	struct file *f, *before;

	if (!proc_now)
		return __real_dup3(from, to, flags);
	f = call_file(from);
	before = call_file(to);
	if (!f || !before)
		return call_answer(-EBADF);
	file_close(before);
	f->refs++;
	proc_now->fds[to] = f;
	return to;
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	struct file *f;
	struct fate fate;
	const char *text;
	size_t size;

	if (!proc_now)
		return __real_read(fd, p, n);
	f = call_file(fd);
	if (f && f->kind == FILE_SIGNALS)
		return call_answer((int)signals_read(p, n));
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	if (f->node->kind != NODE_FILE)
		return call_answer(-EISDIR);
	fate = call_fate(f->node, CALL_READ);
	if (fate.err)
		return call_answer(fate.err);
	text = file_text(f, &size);
	if (f->pos >= size)
		return 0;
	if (n > size - f->pos)
		n = size - f->pos;
	if (fate.is_short && n > 1)
		n = 1 + n / 3;
	memcpy(p, text + f->pos, n);
	f->pos += n;
	return (ssize_t)n;
}

static ssize_t
write_at(struct file *f, const void *p, size_t n, size_t at)
{
	struct fate fate = call_fate(f->node, CALL_WRITE);

	if (fate.err)
		return fate.err;
	if (fate.is_short && n > 1)
		n = 1 + n / 3;
	file_write(f, at, p, n);
	return (ssize_t)n;
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	struct file *f;
	ssize_t rc;
	size_t size;

	if (!proc_now)
		return __real_write(fd, p, n);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	if (f->flags & O_APPEND) {
		(void)file_text(f, &size);
		f->pos = size;
	}
	rc = write_at(f, p, n, f->pos);
	if (rc > 0)
		f->pos += (size_t)rc;
	return call_answer((int)rc);
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct file *f;

	if (!proc_now)
		return __real_pwrite(fd, p, n, at);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	return call_answer((int)write_at(f, p, n, (size_t)at));
}

int
__wrap_fsync(int fd)
{
	struct file *f;
	int rc;

	if (!proc_now)
		return __real_fsync(fd);
	if (broken == BREAKS_NO_FSYNC)
		return 0;
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	rc = settle(f, CALL_SYNC);
	if (rc == 0 && f->node->kind == NODE_FILE)
		file_sync(f);
	if (rc == 0)
		journal_sync(f->host, f->node);
	return call_answer(rc);
}

/* One after the other: here are no threads. */
int
__wrap_fs_sync_all(const int *fds, size_t n)
{
	int err = 0;

	if (!proc_now)
		return __real_fs_sync_all(fds, n);
	if (broken == BREAKS_UNSYNCED_BATCH)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (__wrap_fsync(fds[i]) != 0)
			err = errno;
	errno = err;
	return err ? -1 : 0;
}

int
__wrap_ftruncate(int fd, off_t size)
{
	struct file *f;
	int rc;

	if (!proc_now)
		return __real_ftruncate(fd, size);
	f = call_file(fd);
	if (call_bad(f) != 0)
		return call_answer(call_bad(f));
	rc = settle(f, CALL_WRITE);
	if (rc == 0)
		file_cut(f, (size_t)size);
	return call_answer(rc);
}
