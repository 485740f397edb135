/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"
#include "strs.h"

static int
open_folder(int *fd, int at, const char *path, struct fail *f)
{
	*fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	return fail_errno(f, "%s", path);
}

static int
open_staging(struct spool *s, struct fail *f)
{
	if (fs_mkdir(s->results, ".staging") != 0 && errno != EEXIST)
		return fail_errno(f, ".staging");
	return open_folder(&s->staging, s->results, ".staging", f);
}

int
spool_open(struct spool *s, const char *path, const char *results,
	struct fail *f)
{
	*s = (struct spool){ .path = mem_dup(path),
	    .results_path = mem_dup(results), .fd = -1, .workers = -1,
	    .results = -1, .staging = -1 };
	if (open_folder(&s->fd, AT_FDCWD, path, f) == 0 &&
	    open_folder(&s->workers, s->fd, "workers", f) == 0 &&
	    open_folder(&s->results, AT_FDCWD, results, f) == 0 &&
	    open_staging(s, f) == 0)
		return 0;
	spool_close(s);
	if (f->err != ENOENT && f->err != ENOTDIR)
		return fail_prefix(f, "%s", path);
	(void)fail_prefix(f, "%s: not a spool; make one with: adtspool init",
	    path);
	f->status = EX_CONFIG;
	return -1;
}

static void
close_if_open(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
spool_close(struct spool *s)
{
	close_if_open(&s->fd);
	close_if_open(&s->workers);
	close_if_open(&s->results);
	close_if_open(&s->staging);
	free(s->path);
	free(s->results_path);
	s->path = s->results_path = NULL;
}

int
queue_exists(const struct spool *s, const char *name, struct fail *f)
{
	char *fresh = mem_printf("%s/new", name);
	struct stat st;
	int there = 0;

	if (name_queue_ok(name)) {
		if (fstatat(s->fd, fresh, &st, AT_SYMLINK_NOFOLLOW) == 0)
			there = S_ISDIR(st.st_mode);
		else if (errno != ENOENT && errno != ENOTDIR)
			there = fail_errno(f, "%s/%s", s->path, fresh);
	}
	free(fresh);
	return there;
}

int
spool_queues(const struct spool *s, struct strs *names, struct fail *f)
{
	struct strs all = { 0 };
	int rc = fs_list(s->fd, ".", SIZE_MAX, &all, f);

	for (size_t i = 0; rc == 0 && i < all.n; i++) {
		int there = queue_exists(s, all.v[i], f);

		if (there == 1)
			strs_add(names, all.v[i]);
		else if (there < 0)
			rc = -1;
	}
	strs_sort(names);
	strs_free(&all);
	return rc;
}

void
queue_arch(char arch[NAME_ARCH_MAX + 1], const char *queue)
{
	(void)snprintf(arch, NAME_ARCH_MAX + 1, "%.*s",
	    (int)strcspn(queue, "."), queue);
}

int
queue_open(struct queue *q, const struct spool *s, const char *name,
	struct fail *f)
{
	int there;

	*q = QUEUE_CLOSED;
	if ((there = queue_exists(s, name, f)) < 0)
		return -1;
	if (!there)
		return fail_set(f, EX_CONFIG, "%s: there is no queue "
		    "\"%.80s\"; make it with: adtspool init %.80s", s->path,
		    name, name);
	(void)snprintf(q->name, sizeof q->name, "%s", name);
	queue_arch(q->arch, name);
	if (open_folder(&q->fd, s->fd, name, f) == 0 &&
	    open_folder(&q->tmp, q->fd, "tmp", f) == 0 &&
	    open_folder(&q->fresh, q->fd, "new", f) == 0 &&
	    open_folder(&q->cur, q->fd, "cur", f) == 0 &&
	    open_folder(&q->done, q->fd, "done", f) == 0 &&
	    open_folder(&q->bad, q->fd, "bad", f) == 0 &&
	    open_folder(&q->pending, q->fd, "pending", f) == 0 &&
	    open_folder(&q->tries, q->fd, "tries", f) == 0)
		return 0;
	queue_close(q);
	if (f->err == ENOENT)
		return fail_prefix(f, "%s/%s: a folder is missing; make it "
		    "with: adtspool init %s", s->path, name, name);
	return fail_prefix(f, "%s/%s", s->path, name);
}

void
queue_close(struct queue *q)
{
	int *const fds[] = { &q->fd, &q->tmp, &q->fresh, &q->cur, &q->done,
	    &q->bad, &q->pending, &q->tries };

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close_if_open(fds[i]);
}

struct refreshed {
	int fd;			/* what is held open */
	const char *name;	/* where it is, below the first one's path */
	int fresh;
};

enum { FOLDERS_MOST = 8 };

/* The first of v may be a mount, and the others are folders of it. */
struct refreshing {
	enum refresh what;
	size_t n;		/* of v */
	struct refreshed v[FOLDERS_MOST];
};

/* 1: path leads to fd; 0: to something else; -1: that cannot be told now. */
static int
leads_to(int at, const char *path, int fd, struct fail *f)
{
	struct stat there, held;

	if (fstatat(at, path, &there, 0) != 0)
		return errno == ESTALE ? 0 : fail_errno(f, "%s", path);
	/* Of a FUSE mount that has ended, the descriptor alone still fails. */
	return fstat(fd, &held) == 0 && there.st_dev == held.st_dev &&
	    there.st_ino == held.st_ino;
}

/*
 * Opens all of them before any is replaced: where the mount is away, what is
 * held open stays.
 */
static int
open_anew(struct refreshed *v, size_t n, int at, const char *path,
	struct fail *f)
{
	size_t opened = open_folder(&v[0].fresh, at, path, f) == 0;
	int rc = opened ? 0 : -1;

	while (rc == 0 && opened < n)
		if (open_folder(&v[opened].fresh, v[0].fresh, v[opened].name,
		    f) == 0)
			opened++;
		else
			rc = fail_prefix(f, "%s", path);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (dup3(v[i].fresh, v[i].fd, O_CLOEXEC) < 0)
			rc = fail_errno(f, "%s/%s", path, v[i].name);
	while (opened)
		(void)close(v[--opened].fresh);
	return rc;
}

static int
refresh(struct refreshing *r, int at, const char *path, struct fail *f)
{
	struct refreshed *v = r->v;
	size_t looked_at = r->what == REFRESH_FOLDERS ? r->n : 1;
	int same = leads_to(at, path, v[0].fd, f);

	for (size_t i = 1; same == 1 && i < looked_at; i++) {
		same = leads_to(v[0].fd, v[i].name, v[i].fd, f);
		if (same < 0)
			return fail_prefix(f, "%s", path);
	}
	if (same != 0)
		return same < 0 ? -1 : 0;
	return open_anew(v, r->n, at, path, f) == 0 ? 1 : -1;
}

int
spool_refresh(const struct spool *s, enum refresh what, struct fail *f)
{
	struct refreshing spool = { what, 2, { { s->fd, ".", -1 },
	    { s->workers, "workers", -1 } } };
	struct refreshing results = { what, 2, { { s->results, ".", -1 },
	    { s->staging, ".staging", -1 } } };
	int a = refresh(&spool, AT_FDCWD, s->path, f);
	int b = a < 0 ? -1 : refresh(&results, AT_FDCWD, s->results_path, f);

	return b < 0 ? -1 : a | b;
}

int
queue_refresh(const struct queue *q, const struct spool *s,
	enum refresh what, struct fail *f)
{
	struct refreshing folders = { what, 8, { { q->fd, ".", -1 },
	    { q->tmp, "tmp", -1 }, { q->fresh, "new", -1 },
	    { q->cur, "cur", -1 }, { q->done, "done", -1 },
	    { q->bad, "bad", -1 }, { q->pending, "pending", -1 },
	    { q->tries, "tries", -1 } } };

	return refresh(&folders, s->fd, q->name, f);
}
