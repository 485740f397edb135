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

/* A folder and what its README says; the order is the order of making. */
struct folder {
	const char *name;
	const char *readme;
};

static const struct folder queue_folders[] = {
	{ "", "A queue: requests that need the same kind of worker.\n"
	    "Drop a request into new/ (mv, cp, scp); adtspool-request(5) says\n"
	    "what may stand in it, adtspool-spool(5) what the folders mean.\n" },
	{ "/tmp", "Writers' scratch: adtspool submit writes here, then renames into new/.\n"
	    "Written by submit and import, emptied by them; what a crash left is\n"
	    "unacknowledged and may be removed when it is a day old.\n" },
	{ "/new", "Waiting requests: files dropped by hand, and folders\n"
	    "<rank>-<time>/ of submitted ones, served in the order of their names.\n"
	    "Written by anyone, taken by workers (rename into cur/), emptied by them.\n" },
	{ "/cur", "Claimed requests: <token>@<worker>.\n"
	    "Written, and taken away again, by the worker that the name tells.\n" },
	{ "/done", "Finished requests by day: their result is published.\n"
	    "Written by workers, never changed; a day may be removed when it is old.\n" },
	{ "/bad", "Refused requests, each with a .why that says why and what to do.\n"
	    "Written by workers, emptied by people: mend one and mv it back to new/.\n" },
	{ "/pending", "One link for each thing that waits or runs, named by what it asks for,\n"
	    "so that submitting it twice is noticed. Only a hint: may be emptied.\n"
	    "Written by submit and workers, taken away by workers.\n" },
};

static const struct folder spool_folders[] = {
	{ "", "An adtspool spool: one folder for each queue, and workers/, bad/, results/.\n"
	    "adtspool-spool(5) describes it; adtspool status shows what is in it.\n" },
	{ "/workers", "One file for each worker: what it runs, and that it is alive.\n"
	    "Written by the worker; may be removed when the worker is gone for good.\n" },
	{ "/bad", "Lines of imported files that are no requests, each with its .why.\n"
	    "Written by adtspool import, emptied by people.\n" },
};

static const struct folder results_folders[] = {
	{ "", "Published results: autopkgtest/<suite>/<arch>/<prefix>/<source>/<run>/,\n"
	    "and by-version/ with links to them. adtspool-result(5) describes it.\n"
	    "Written by workers; readers may read at any time.\n" },
	{ "/autopkgtest", NULL },
	{ "/by-version", NULL },
	{ "/.staging", NULL },
};

static int
make_folder(const char *base, const struct folder *folder, struct fail *f)
{
	char *path = mem_printf("%s%s", base, folder->name);
	int fd = -1, rc = fs_mkdirs(AT_FDCWD, path, f);

	if (rc == 0 && folder->readme) {
		fd = fs_open_dir(AT_FDCWD, path);
		rc = fd < 0 ? fail_errno(f, "%s", path) :
		    fs_write_new(fd, "README", folder->readme,
		    strlen(folder->readme), f);
		if (rc != 0 && f->err == EEXIST)
			rc = 0;
		if (rc == 0 && fs_sync(fd) != 0)
			rc = fail_errno(f, "%s", path);
	}
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return rc;
}

static int
make_folders(const char *base, const struct folder *folders, size_t n,
	struct fail *f)
{
	for (size_t i = 0; i < n; i++)
		if (make_folder(base, &folders[i], f) != 0)
			return -1;
	return 0;
}

#define COUNT(a) (sizeof (a) / sizeof *(a))

int
spool_init(const char *path, const char *results, const struct strs *queues,
	struct fail *f)
{
	int rc;

	for (size_t i = 0; i < queues->n; i++)
		if (!name_queue_ok(queues->v[i]))
			return fail_set(f, EX_USAGE, "\"%s\" is no name for a "
			    "queue; use an architecture (amd64) or one with a "
			    "class (amd64.huge)", queues->v[i]);
	rc = make_folders(path, spool_folders, COUNT(spool_folders), f);
	for (size_t i = 0; rc == 0 && i < queues->n; i++) {
		char *queue = mem_printf("%s/%s", path, queues->v[i]);

		rc = make_folders(queue, queue_folders, COUNT(queue_folders),
		    f);
		free(queue);
	}
	if (rc == 0)
		rc = make_folders(results, results_folders,
		    COUNT(results_folders), f);
	return rc;
}

static int
open_folder(int *fd, int at, const char *path, struct fail *f)
{
	*fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	(void)fail_errno(f, "%s", path);
	f->status = EX_CONFIG;
	return -1;
}

int
spool_open(struct spool *s, const char *path, const char *results,
	struct fail *f)
{
	*s = (struct spool){ mem_dup(path), mem_dup(results), -1, -1, -1, -1 };
	if (open_folder(&s->fd, AT_FDCWD, path, f) == 0 &&
	    open_folder(&s->workers, s->fd, "workers", f) == 0 &&
	    open_folder(&s->results, AT_FDCWD, results, f) == 0 &&
	    open_folder(&s->staging, s->results, ".staging", f) == 0)
		return 0;
	spool_close(s);
	return fail_set(f, EX_CONFIG, "%s: not a spool (%.300s); make one with: "
	    "adtspool init", path, f->text);
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

bool
queue_exists(const struct spool *s, const char *name)
{
	char *fresh = mem_printf("%s/new", name);
	bool there = name_queue_ok(name) && fs_is_dir(s->fd, fresh);

	free(fresh);
	return there;
}

int
spool_queues(const struct spool *s, struct strs *names, struct fail *f)
{
	struct strs all = { 0 };
	int rc = fs_list(s->fd, ".", SIZE_MAX, &all, f);

	for (size_t i = 0; rc == 0 && i < all.n; i++)
		if (queue_exists(s, all.v[i]))
			strs_add(names, all.v[i]);
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
	*q = (struct queue){ .fd = -1, .tmp = -1, .fresh = -1, .cur = -1,
	    .done = -1, .bad = -1, .pending = -1 };
	if (!name_queue_ok(name) || !queue_exists(s, name))
		return fail_set(f, EX_CONFIG, "%s: there is no queue \"%.80s\"; "
		    "make it with: adtspool init %.80s", s->path, name, name);
	(void)snprintf(q->name, sizeof q->name, "%s", name);
	queue_arch(q->arch, name);
	if (open_folder(&q->fd, s->fd, name, f) == 0 &&
	    open_folder(&q->tmp, q->fd, "tmp", f) == 0 &&
	    open_folder(&q->fresh, q->fd, "new", f) == 0 &&
	    open_folder(&q->cur, q->fd, "cur", f) == 0 &&
	    open_folder(&q->done, q->fd, "done", f) == 0 &&
	    open_folder(&q->bad, q->fd, "bad", f) == 0 &&
	    open_folder(&q->pending, q->fd, "pending", f) == 0)
		return 0;
	queue_close(q);
	return fail_prefix(f, "%s/%s", s->path, name);
}

void
queue_close(struct queue *q)
{
	int *const fds[] = { &q->fd, &q->tmp, &q->fresh, &q->cur, &q->done,
	    &q->bad, &q->pending };

	for (size_t i = 0; i < COUNT(fds); i++)
		close_if_open(fds[i]);
}
