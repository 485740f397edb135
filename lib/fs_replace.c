/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "fail.h"
#include "fs.h"

/*
 * Whether a file that nobody else knows of has got that name, though the rename
 * found it gone: only its reply was lost.
 */
static bool
has_become(int dir, const struct stat *scratch, const char *name,
	const char *base)
{
	char folder[PATH_MAX];
	uint64_t inode;
	struct fail f;

	(void)snprintf(folder, sizeof folder, "%.*s.", (int)(base - name),
	    name);
	return fs_find(dir, folder, base, &inode, &f) == 1 &&
	    inode == scratch->st_ino;
}

int
fs_replace(int dir, const char *name, const void *p, size_t n,
	struct fail *f)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	char scratch[PATH_MAX];
	struct stat st = { 0 };
	unsigned long r;

	if (getrandom(&r, sizeof r, 0) != (ssize_t)sizeof r)
		return fail_errno(f, "%s", name);
	if (snprintf(scratch, sizeof scratch, "%.*s.%s.%lx",
	    (int)(base - name), name, base, r) >= (int)sizeof scratch) {
		errno = ENAMETOOLONG;
		return fail_errno(f, "%s", name);
	}
	if (fs_write_new(dir, scratch, p, n, f) != 0)
		return -1;
	(void)fstatat(dir, scratch, &st, AT_SYMLINK_NOFOLLOW);
	if (fs_rename(dir, scratch, dir, name) != 0) {
		(void)fail_errno(f, "%s", name);
		if (f->err != ENOENT || !has_become(dir, &st, name, base)) {
			(void)fs_unlink(dir, scratch);
			return -1;
		}
	}
	if (!slash && dir != AT_FDCWD && fs_sync(dir) != 0)
		return fail_errno(f, "%s", name);
	return 0;
}
