/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "strs.h"

enum { REMOVE_DEPTH_MOST = 100 };	/* descriptors at once */

/* False, too, where the kernel does not tell. */
static bool
is_mounted(int dir, const char *name)
{
	struct statx st;

	return statx(dir, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW |
	    AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 &&
	    (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/*
 * A directory that its owner may not list is made so: tests leave such.  What
 * is mounted there is not entered: it is looked at when it is open, so that
 * nothing comes in between.
 */
static int
open_to_empty(int dir, const char *name)
{
	int fd = fs_open_dir(dir, name);

	if (fd < 0 && errno == EACCES && !is_mounted(dir, name) &&
	    fchmodat(dir, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = fs_open_dir(dir, name);
	if (fd >= 0 && is_mounted(fd, "")) {
		(void)close(fd);
		errno = EBUSY;
		return -1;
	}
	if (fd >= 0)
		(void)fchmod(fd, 0700);
	return fd;
}

/*
 * Depth first, one descriptor a level.  A tree of strangers may be as deep as
 * it likes to be: what lies below REMOVE_DEPTH_MOST is moved up to the top,
 * for another round.
 */
struct removal {
	int top;
	bool moved;
	struct fail *f;
};

static int
move_up(struct removal *r, int dir, const char *name)
{
	char fresh[2 * sizeof(unsigned long) + 1];
	unsigned long random;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return -1;
	(void)snprintf(fresh, sizeof fresh, "%lx", random);
	r->moved = true;
	return fs_rename(dir, name, r->top, fresh);
}

static int remove_inside(struct removal *r, int dir, int depth);

static int
remove_entry(struct removal *r, int dir, const char *name, int depth)
{
	int sub, rc;

	if (fs_unlink(dir, name) == 0 || errno == ENOENT)
		return 0;
	if (!fs_is_dir(dir, name) || (sub = open_to_empty(dir, name)) < 0)
		return fail_errno(r->f, "%s", name);
	if (depth == REMOVE_DEPTH_MOST) {
		rc = move_up(r, dir, name);
		(void)close(sub);
		return rc == 0 ? 0 : fail_errno(r->f, "%s", name);
	}
	rc = remove_inside(r, sub, depth + 1);
	(void)close(sub);
	if (rc == 0 && fs_rmdir(dir, name) != 0 && errno != ENOENT)
		rc = fail_errno(r->f, "%s", name);
	return rc;
}

static int
remove_inside(struct removal *r, int dir, int depth)
{
	struct strs names = { 0 };
	int rc = fs_list(dir, ".", SIZE_MAX, &names, r->f);

	/* One that stays (chattr +i) does not keep the others. */
	for (size_t i = 0; i < names.n; i++)
		if (remove_entry(r, dir, names.v[i], depth) != 0)
			rc = -1;
	strs_free(&names);
	return rc;
}

int
fs_remove_tree(int at, const char *name, struct fail *f)
{
	struct removal r = { .f = f };
	int rc;

	if (fs_unlink(at, name) == 0 || errno == ENOENT)
		return 0;
	r.top = open_to_empty(at, name);
	if (r.top < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", name);
	do {
		r.moved = false;
		rc = remove_inside(&r, r.top, 1);
	} while (rc == 0 && r.moved);
	(void)close(r.top);
	if (rc == 0 && fs_rmdir(at, name) != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s", name);
	return rc;
}
