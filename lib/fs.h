/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to the filesystem: every call that changes a spool or a results
 * tree is made in fs.c, relative to a directory descriptor, so that a test can
 * make any of them fail (the linker's --wrap) and a reader can find them all.
 *
 * Raw verbs return what the system call returns, with errno.  The others
 * return 0 or -1 and fill a struct fail, naming the path as it was given.
 */
#ifndef FS_H
#define FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;
struct strs;

/* Raw.  None follows a symlink in the last component. */
int fs_open_dir(int at, const char *path);	/* O_DIRECTORY|O_CLOEXEC */
int fs_open_read(int at, const char *path);	/* O_NONBLOCK too */
int fs_create(int at, const char *path);	/* O_WRONLY|O_EXCL, mode 0666 */
int fs_rename(int from_dir, const char *from, int to_dir, const char *to);
int fs_unlink(int dir, const char *name);
int fs_rmdir(int dir, const char *name);
int fs_mkdir(int dir, const char *name);
int fs_symlink(const char *target, int dir, const char *name);
int fs_sync(int fd);			/* fsync(2), of a directory too */
int fs_sync_dir(int at, const char *path);	/* the same, by its path */
int fs_write_all(int fd, const void *p, size_t n);	/* however often */

/*
 * fsync(2) of each, many at the same time: a local journal's commit, and a
 * server, serve them together, and nobody waits for what others have written
 * there, as with syncfs(2), which FUSE does not pass on.  By threads, that are
 * gone when it returns.  Of files; all are tried; -1 with one's errno.
 */
int fs_sync_all(const int *fds, size_t n);

/* Gives back a file's space from there on, which reads as zeros then. */
int fs_punch(int fd, int64_t from, int64_t bytes);

/*
 * Opens up a directory that was just made to all that its parent is open to,
 * whatever the umask says: others have to work in it.  May fail unseen.
 */
void fs_share(int fd, int parent);

/*
 * On NFS, changes a directory's time, so that the client gives up what it
 * remembers of it: two changes in one tick of the server's clock look like one
 * to NFSv3, and the second stays unseen until the next.  Elsewhere nothing.
 */
void fs_freshen(int dir);

/* Makes every missing directory of a relative path; there already is fine. */
int fs_mkdirs(int at, const char *path, struct fail *f);

/*
 * Writes a new file and fsyncs it; the directory entry is the caller's to
 * sync.  An existing name is an error (EEXIST in f->err).
 */
int fs_write_new(int dir, const char *name, const void *p, size_t n,
	struct fail *f);

/* The same, not synced yet: its descriptor, or -1. */
int fs_write_open(int dir, const char *name, const void *p, size_t n,
	struct fail *f);

/*
 * Replaces (or makes) a file at once and durably: a reader sees the old or
 * the new text.  Its scratch name begins with a dot and is unique.
 */
int fs_replace(int dir, const char *name, const void *p, size_t n,
	struct fail *f);

/*
 * Overwrites a file in place (made when missing), never truncating in
 * between: for the small files that other hosts poll (HAZARDS of NFS: a file
 * replaced by rename can be read stale).  Not synced, unless it is asked for.
 */
int fs_overwrite(int dir, const char *name, const void *p, size_t n,
	struct fail *f);
int fs_overwrite_sync(int dir, const char *name, const void *p, size_t n,
	struct fail *f);

/*
 * Appends a file's bytes to b.  More than most bytes is an error (EFBIG), as
 * is anything but a regular file (EINVAL): never blocks, never follows.
 */
int fs_read(int dir, const char *name, size_t most, struct buf *b,
	struct fail *f);

/* The same from an open descriptor of any kind; name is for messages. */
int fs_read_fd(int fd, const char *name, size_t most, struct buf *b,
	struct fail *f);

/*
 * Appends the names in a directory (without . and ..), unsorted, at most
 * `most` of them, from a fresh opendir each time.  A directory that is not
 * there is an error with f->err ENOENT.
 */
int fs_list(int at, const char *path, size_t most, struct strs *names,
	struct fail *f);

/*
 * Calls each for every name (without . and ..) of a directory, freshly
 * opened, until each returns non-zero; type is readdir(3)'s d_type, asked for
 * with fstatat where the filesystem does not tell.  Memory does not grow with
 * the directory.
 */
int fs_each(int at, const char *path,
	int (*each)(void *context, const char *name, unsigned char type),
	void *context, struct fail *f);

/* The same with each name's inode number, as the listing tells it. */
int fs_each_inode(int at, const char *path,
	int (*each)(void *context, const char *name, uint64_t inode),
	void *context, struct fail *f);

/*
 * Looks for a name in a fresh listing of a directory: 1 and the inode number
 * that the listing tells, 0 where it is not shown, -1 on an error.  A
 * directory that is not there shows nothing.
 */
int fs_find(int at, const char *path, const char *name, uint64_t *inode,
	struct fail *f);

/*
 * Removes a file or a whole tree, never following a symlink; gone is fine.  A
 * directory on which something is mounted stays, with what is in that: EBUSY.
 */
int fs_remove_tree(int at, const char *name, struct fail *f);

bool fs_is_dir(int at, const char *name);	/* a symlink is not */

/* Whether it is known that all who change it do that through this kernel. */
bool fs_is_local(int fd);

#endif
