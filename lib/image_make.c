/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From nothing to the newest version.  Killed before the rename, it leaves a
 * .part, and before the symlink, a version that nobody knows; both are removed
 * by who makes the next one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"
#include "mounts.h"
#include "strs.h"

struct making {
	const struct conf *conf;
	const struct image *image;
	int dir;
	char *folder;		/* TESTBEDS/VIRT */
	char *part;		/* below it, as are all names here */
	char *link;
};

static int
take_lock(const struct making *m, int *lock, struct fail *f)
{
	char *name = mem_printf("%s@%s.lock", m->image->suite,
	    m->image->arch);

	*lock = openat(m->dir, name, O_RDONLY | O_CREAT | O_NOFOLLOW |
	    O_CLOEXEC, 0644);
	if (*lock < 0)
		(void)fail_errno(f, "%s/%s", m->folder, name);
	else if (flock(*lock, LOCK_EX | LOCK_NB) != 0)
		(void)fail_set(f, EX_TEMPFAIL, "%s/%s: another adtspool "
		    "testbed is making it; wait for its end", m->folder,
		    m->link);
	else
		f->status = EX_OK;
	free(name);
	return f->status == EX_OK ? 0 : -1;
}

/* What is mounted in it may be the host's own. */
static int
has_no_mounts(const char *path, struct fail *f)
{
	struct strs at = { 0 };
	int rc = mounts_in(path, &at, f);

	if (rc == 0 && at.n)
		rc = fail_set(f, EX_TEMPFAIL, "%s: is mounted and not "
		    "removed; umount it", at.v[0]);
	strs_free(&at);
	return rc;
}

static int
remove_one(const struct making *m, const char *name, struct fail *f)
{
	char *path = mem_printf("%s/%s", m->folder, name);
	int rc = has_no_mounts(path, f);

	if (rc == 0)
		rc = fs_remove_tree(m->dir, name, f);
	free(path);
	return rc;
}

static bool
is_held(const struct making *m, const char *version)
{
	int fd = openat(m->dir, version, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;

	if (fd >= 0)
		(void)close(fd);
	return held;
}

/* Of versions with one symlink, it alone removes: it has the lock. */
static int
remove_old(const struct making *m, struct fail *f)
{
	struct strs old = { 0 };
	int rc = image_old(m->dir, m->image, &old, f);

	for (size_t i = 0; rc == 0 && i < old.n && !is_held(m, old.v[i]);
	    i++) {
		image_forget(m->image, old.v[i]);
		rc = remove_one(m, old.v[i], f);
	}
	strs_free(&old);
	return rc;
}

/* When the newest one was made, as its name has it; 0: there is none. */
static int64_t
newest_s(const struct making *m)
{
	char *newest = image_newest(m->dir, m->link);
	struct image i = { 0 };
	int64_t made_s = 0;

	if (!newest || image_parse(&i, &made_s, newest) != 0)
		made_s = 0;
	image_free(&i);
	free(newest);
	return made_s;
}

/* Later than all others, whatever the clock says: their order matters. */
static char *
new_version(const struct making *m)
{
	int64_t now_s = clock_now_s(), before_s = newest_s(m);
	char time[CLOCK_TEXT_MAX], *name;

	if (now_s <= before_s)
		now_s = before_s + 1;
	for (;;) {
		clock_format(time, "%Y%m%dT%H%M%S", now_s++);
		name = mem_printf("%s@%s@%s%s", m->image->suite,
		    m->image->arch, time,
		    image_traits[m->image->kind].suffix);
		if (faccessat(m->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			return name;
		free(name);
	}
}

static int
lead_to(const struct making *m, const char *version, struct fail *f)
{
	char *fresh = mem_printf("%s/link", m->part);
	int rc = 0;

	if (fs_symlink(version, m->dir, fresh) != 0 ||
	    fs_rename(m->dir, fresh, m->dir, m->link) != 0 ||
	    fs_sync(m->dir) != 0)
		rc = fail_errno(f, "%s/%s", m->folder, m->link);
	free(fresh);
	return rc;
}

static int
publish(const struct making *m, struct fail *f)
{
	char *made = mem_printf("%s/made", m->part), *version = new_version(m);
	int rc = 0;

	if (fs_rename(m->dir, made, m->dir, version) != 0)
		rc = fail_errno(f, "%s/%s", m->folder, version);
	if (rc == 0)
		rc = image_enter(m->conf, m->image, version, f);
	if (rc == 0)
		rc = lead_to(m, version, f);
	free(version);
	free(made);
	return rc;
}

static int
build(const struct making *m, struct fail *f)
{
	char *made = mem_printf("%s/%s/made", m->folder, m->part);
	char *tmp = mem_printf("%s/%s/tmp", m->folder, m->part);
	int rc = fs_mkdirs(AT_FDCWD, tmp, f);

	if (rc == 0)
		rc = image_build(m->conf, m->image, made, tmp, f);
	if (rc == 0)
		rc = publish(m, f);
	free(tmp);
	free(made);
	return rc;
}

/*
 * A version that was made, but did not become the newest, goes: nothing may
 * lead there any more.
 */
static void
stay(const struct making *m)
{
	char *newest = image_newest(m->dir, m->link);
	struct fail said_first;

	if (newest && m->image->kind != IMAGE_PODMAN)
		(void)image_enter(m->conf, m->image, newest, &said_first);
	free(newest);
}

static int
make_locked(const struct making *m, enum image_when when, struct fail *f)
{
	char *newest = image_newest(m->dir, m->link);
	bool is_there = newest;
	struct fail late;
	int rc;

	free(newest);
	if (is_there && when == IMAGE_CREATE)
		return fail_set(f, EX_CANTCREAT, "%s/%s: is there; adtspool "
		    "testbed update makes it anew", m->folder, m->link);
	if (!is_there && when == IMAGE_UPDATE)
		return fail_set(f, EX_NOINPUT, "%s/%s: not there; adtspool "
		    "testbed create makes it", m->folder, m->link);
	if (remove_one(m, m->part, f) != 0)
		return -1;
	rc = build(m, f);
	if (rc != 0)
		stay(m);
	if (remove_old(m, &late) != 0 || remove_one(m, m->part, &late) != 0) {
		if (rc == 0)
			*f = late;
		rc = -1;
	}
	return rc;
}

static int
may_make(const struct conf *c, const struct image *i, struct fail *f)
{
	const struct image_trait *t = &image_traits[i->kind];
	char *folder;
	int rc;

	if (t->needs_root && geteuid() != 0)
		return fail_set(f, EX_NOPERM, "%s: a testbed for it is made by "
		    "root alone; use sudo, or --virt unshare", t->server);
	if (image_arch_ok(i->arch, f) != 0)
		return -1;
	folder = mem_printf("%s/%s", c->testbeds, t->server);
	rc = fs_mkdirs(AT_FDCWD, folder, f);
	free(folder);
	return rc == 0 ? 0 : fail_prefix(f, "%s: testbeds", c->file);
}

int
image_make(const struct conf *c, const struct image *i, enum image_when when,
	struct fail *f)
{
	struct making m = { .conf = c, .image = i, .dir = -1,
	    .folder = mem_printf("%s/%s", c->testbeds,
	    image_traits[i->kind].server),
	    .part = mem_printf("%s@%s.part", i->suite, i->arch),
	    .link = image_link(i) };
	int lock = -1, rc = -1;

	*f = (struct fail){ 0 };
	if (may_make(c, i, f) == 0 &&
	    (m.dir = image_open(c, i->kind, f)) >= 0 &&
	    take_lock(&m, &lock, f) == 0)
		rc = make_locked(&m, when, f);
	if (lock >= 0)
		(void)close(lock);
	if (m.dir >= 0)
		(void)close(m.dir);
	free(m.folder);
	free(m.part);
	free(m.link);
	return rc;
}
