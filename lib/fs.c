/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "strs.h"

int
fs_open_dir(int at, const char *path)
{
	return openat(at, path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
fs_open_read(int at, const char *path)
{
	return openat(at, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
fs_create(int at, const char *path)
{
	return openat(at, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int
fs_rename(int from_dir, const char *from, int to_dir, const char *to)
{
	return renameat(from_dir, from, to_dir, to);
}

int
fs_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

int
fs_rmdir(int dir, const char *name)
{
	return unlinkat(dir, name, AT_REMOVEDIR);
}

int
fs_mkdir(int dir, const char *name)
{
	return mkdirat(dir, name, 0777);
}

int
fs_symlink(const char *target, int dir, const char *name)
{
	return symlinkat(target, dir, name);
}

int
fs_sync(int fd)
{
	return fsync(fd);
}

int
fs_punch(int fd, int64_t from, int64_t bytes)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from,
	    bytes);
}

int
fs_sync_dir(int at, const char *path)
{
	int fd = fs_open_dir(at, path), rc, err;

	if (fd < 0)
		return -1;
	rc = fs_sync(fd);
	err = errno;
	(void)close(fd);
	errno = err;
	return rc;
}

void
fs_share(int fd, int parent)
{
	enum { ALL = S_ISGID | S_IRWXU | S_IRWXG | S_IRWXO };
	struct stat own, above;

	if (fstat(fd, &own) == 0 && fstat(parent, &above) == 0 &&
	    (own.st_mode & ALL) != (above.st_mode & ALL))
		(void)fchmod(fd, above.st_mode & ALL);
}

void
fs_freshen(int dir)
{
	struct statfs st;

	if (fstatfs(dir, &st) == 0 && st.f_type == NFS_SUPER_MAGIC)
		(void)futimens(dir, NULL);
}

int
fs_mkdirs(int at, const char *path, struct fail *f)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof part) {
		errno = ENAMETOOLONG;
		return fail_errno(f, "%s", path);
	}
	/* The last one first: most often all but it are there. */
	if (fs_mkdir(at, path) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return fail_errno(f, "%s", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (fs_mkdir(at, part) != 0 && errno != EEXIST)
			return fail_errno(f, "%s", part);
	}
	return 0;
}

static int
overwrite(int dir, const char *name, const void *p, size_t n, bool sync)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	struct stat st;
	int bad, saved;

	if (fd < 0)
		return -1;
	bad = fs_write_all(fd, p, n) != 0 || fstat(fd, &st) != 0 ||
	    (st.st_size > (off_t)n && ftruncate(fd, (off_t)n) != 0) ||
	    (sync && fs_sync(fd) != 0);
	saved = errno;
	if (close(fd) != 0 && !bad)
		return -1;
	errno = saved;
	return bad ? -1 : 0;
}

int
fs_overwrite(int dir, const char *name, const void *p, size_t n,
	struct fail *f)
{
	return overwrite(dir, name, p, n, false) == 0 ? 0 :
	    fail_errno(f, "%s", name);
}

int
fs_overwrite_sync(int dir, const char *name, const void *p, size_t n,
	struct fail *f)
{
	return overwrite(dir, name, p, n, true) == 0 ? 0 :
	    fail_errno(f, "%s", name);
}

static int
read_all(int fd, size_t most, struct buf *b)
{
	char chunk[16384];
	size_t sum = 0;
	ssize_t n;

	/*
	 * Not from this host's cache: with ceph-fuse that keeps what was read
	 * while another host has the file open and overwrites it in place.
	 */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	while ((n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		sum += (size_t)n;
		if (sum > most) {
			errno = EFBIG;
			return -1;
		}
		buf_addn(b, chunk, (size_t)n);
	}
	buf_add(b, "");
	return 0;
}

int
fs_read_fd(int fd, const char *name, size_t most, struct buf *b,
	struct fail *f)
{
	return read_all(fd, most, b) == 0 ? 0 : fail_errno(f, "%s", name);
}

int
fs_read(int dir, const char *name, size_t most, struct buf *b, struct fail *f)
{
	int fd = fs_open_read(dir, name);
	struct stat st;
	int bad;

	if (fd < 0)
		return fail_errno(f, "%s", name);
	bad = fstat(fd, &st) != 0;
	if (!bad && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		bad = 1;
	} else if (!bad && st.st_size > 0 && (size_t)st.st_size > most) {
		errno = EFBIG;
		bad = 1;
	}
	if (bad || read_all(fd, most, b) != 0) {
		bad = 1;
		(void)fail_errno(f, "%s", name);
	}
	(void)close(fd);
	return bad ? -1 : 0;
}

static unsigned char
type_of(int dir, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return (unsigned char)IFTODT(st.st_mode);
}

static DIR *
open_listing(int at, const char *path, struct fail *f)
{
	int fd = fs_open_dir(at, path);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		(void)fail_errno(f, "%s", path);
		if (fd >= 0)
			(void)close(fd);
	}
	return d;
}

/* The next name but . and ..; NULL at the end, or with errno. */
static struct dirent *
next_entry(DIR *d)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")));
	return e;
}

/* bad: whether reading ended with errno. */
static int
close_listing(DIR *d, bool bad, const char *path, struct fail *f)
{
	if (bad)
		(void)fail_errno(f, "%s", path);
	(void)closedir(d);
	return bad ? -1 : 0;
}

int
fs_each(int at, const char *path,
	int (*each)(void *context, const char *name, unsigned char type),
	void *context, struct fail *f)
{
	DIR *d = open_listing(at, path, f);
	struct dirent *e;

	if (!d)
		return -1;
	while ((e = next_entry(d)))
		if (each(context, e->d_name, type_of(dirfd(d), e)) != 0)
			break;
	return close_listing(d, !e && errno != 0, path, f);
}

int
fs_each_inode(int at, const char *path,
	int (*each)(void *context, const char *name, uint64_t inode),
	void *context, struct fail *f)
{
	DIR *d = open_listing(at, path, f);
	struct dirent *e;

	if (!d)
		return -1;
	while ((e = next_entry(d)))
		if (each(context, e->d_name, e->d_ino) != 0)
			break;
	return close_listing(d, !e && errno != 0, path, f);
}

struct wanted {
	const char *name;
	uint64_t *inode;
	bool seen;
};

static int
is_wanted(void *context, const char *name, uint64_t inode)
{
	struct wanted *w = context;

	w->seen = strcmp(name, w->name) == 0;
	if (w->seen)
		*w->inode = inode;
	return w->seen;
}

int
fs_find(int at, const char *path, const char *name, uint64_t *inode,
	struct fail *f)
{
	struct wanted w = { name, inode, false };

	if (fs_each_inode(at, path, is_wanted, &w, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	return w.seen;
}

struct listing {
	struct strs *names;
	size_t most, n;
};

static int
keep_name(void *context, const char *name, unsigned char type)
{
	struct listing *l = context;

	(void)type;
	if (l->n++ < l->most)
		strs_add(l->names, name);
	return l->n >= l->most;
}

int
fs_list(int at, const char *path, size_t most, struct strs *names,
	struct fail *f)
{
	struct listing l = { names, most, 0 };

	return fs_each(at, path, keep_name, &l, f);
}

bool
fs_is_dir(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

bool
fs_is_local(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}
