/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folders: all there, on one filesystem and one mount where renames go
 * from one to the other, and open to who runs fsck.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "mem.h"

static const char *const folders[] = { "new", "tmp", "cur", "done", "bad",
    "pending", "tries" };

enum { FOLDERS = sizeof folders / sizeof *folders, STEPS_BESIDE = 4 };

/* A rename fails from one filesystem to another, and between two mounts. */
static bool
is_elsewhere(const struct statx *a, const struct statx *b)
{
	if (a->stx_dev_major != b->stx_dev_major ||
	    a->stx_dev_minor != b->stx_dev_minor)
		return true;
	return (a->stx_mask & b->stx_mask & STATX_MNT_ID) &&
	    a->stx_mnt_id != b->stx_mnt_id;
}

static int
look_at(int at, const char *path, struct statx *st)
{
	if (statx(at, path, 0, STATX_TYPE | STATX_MNT_ID, st) != 0)
		return -1;
	if (S_ISDIR(st->stx_mode))
		return 0;
	errno = ENOTDIR;
	return -1;
}

void
fsck_check_folder(struct fsck_folder *d, int at, const char *path)
{
	struct stat st;

	d->sticky = false;
	if (faccessat(at, path, R_OK | W_OK | X_OK, AT_EACCESS) != 0 &&
	    errno != ENOENT && errno != ESTALE)
		fsck_raise(d->x, FSCK_FOLDER_CLOSED, d->path, "may not be "
		    "listed and written to by user %u: %s",
		    (unsigned)geteuid(), strerror(errno));
	if (fstatat(at, path, &st, 0) == 0)
		d->sticky = (st.st_mode & S_ISVTX) && geteuid() != 0 &&
		    st.st_uid != geteuid();
}

/* Whether a folder of the queue is as it should be. */
static bool
check(struct fsck *x, const char *queue, const char *folder,
	const struct statx *fresh)
{
	struct fsck_folder d;
	struct statx st;

	fsck_folder(&d, x, NULL, "%s/%s", queue, folder);
	if (look_at(x->spool->fd, d.path, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			struct fail f;

			(void)fail_errno(&f, "%s", d.path);
			fsck_go_blind(x, &f);
		} else {
			fsck_raise(x, FSCK_FOLDER_MISSING, d.path, "%s",
			    errno == ENOENT ? "is missing" :
			    "is no directory");
		}
		return false;
	}
	if (fresh && is_elsewhere(&st, fresh))
		fsck_raise(x, FSCK_FOLDER_ELSEWHERE, d.path, "is on another "
		    "filesystem, or another mount of it, than %s/new", queue);
	fsck_check_folder(&d, x->spool->fd, d.path);
	return true;
}

static bool
has_a_folder(const struct fsck *x, const char *queue)
{
	bool has = false;

	for (size_t i = 0; i < FOLDERS && !has; i++) {
		char *path = mem_printf("%s/%s", queue, folders[i]);
		struct statx st;

		has = look_at(x->spool->fd, path, &st) == 0;
		free(path);
	}
	return has;
}

/* A queue is looked into when all of its folders are there. */
static void
check_queue(struct fsck *x, const char *queue)
{
	char *path = mem_printf("%s/new", queue);
	struct statx fresh;
	bool has_new = look_at(x->spool->fd, path, &fresh) == 0, ok = true;

	for (size_t i = 0; i < FOLDERS; i++)
		ok = check(x, queue, folders[i], has_new ? &fresh : NULL) && ok;
	if (ok)
		strs_add(&x->queues, queue);
	else
		x->partial = true;
	free(path);
}

static void
check_results(struct fsck *x)
{
	struct statx results, staging;
	struct fsck_folder d;

	if (statx(x->spool->results, "", AT_EMPTY_PATH, STATX_MNT_ID,
	    &results) == 0 && statx(x->spool->staging, "", AT_EMPTY_PATH,
	    STATX_MNT_ID, &staging) == 0 && is_elsewhere(&results, &staging))
		fsck_raise(x, FSCK_STAGING_ELSEWHERE, ".staging", "is on "
		    "another filesystem, or another mount of it, than the "
		    "results");
	fsck_folder(&d, x, NULL, "workers");
	fsck_check_folder(&d, x->spool->workers, ".");
}

/* A spool without control/ works, but for what that is for. */
static void
check_control(struct fsck *x)
{
	struct statx st;

	if (look_at(x->spool->fd, "control", &st) != 0 &&
	    (errno == ENOENT || errno == ENOTDIR))
		fsck_raise(x, FSCK_CONTROL_MISSING, "control", "%s",
		    errno == ENOENT ? "is missing" : "is no directory");
}

static int
count(void *context, const char *name, unsigned char type)
{
	size_t *n = context;

	(void)name;
	(void)type;
	++*n;
	return 0;
}

/* How many steps a look takes: one a bucket, a day, and some more. */
static size_t
count_steps(const struct fsck *x)
{
	size_t n = 1;

	for (size_t i = 0; i < x->queues.n; i++) {
		char *fresh = mem_printf("%s/new", x->queues.v[i]);
		char *done = mem_printf("%s/done", x->queues.v[i]);
		struct fail passed;

		(void)fs_each(x->spool->fd, fresh, count, &n, &passed);
		(void)fs_each(x->spool->fd, done, count, &n, &passed);
		n += STEPS_BESIDE;
		free(fresh);
		free(done);
	}
	return n;
}

void
fsck_look_folders(struct fsck *x)
{
	const struct strs *asked = x->options->queues;
	struct strs all = { 0 };
	struct fail f;

	if (fs_list(x->spool->fd, ".", SIZE_MAX, &all, &f) != 0)
		fsck_go_blind(x, &f);
	strs_sort(&all);
	for (size_t i = 0; i < all.n; i++) {
		const char *name = all.v[i];

		if (name_queue_ok(name) && strcmp(name, "workers") != 0 &&
		    strcmp(name, "results") != 0 && strcmp(name, "bad") != 0 &&
		    strcmp(name, "control") != 0 &&
		    (x->whole || strs_has(asked, name)) &&
		    has_a_folder(x, name))
			check_queue(x, name);
	}
	if (x->whole) {
		check_results(x);
		check_control(x);
	}
	x->part = 0;
	x->of = count_steps(x);
	strs_free(&all);
}
