/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
	    "Drop a request into new/ (mv, cp, scp). adtspool-request(5)\n"
	    "says what it may be, adtspool-spool(5) what the folders mean.\n" },
	{ "/tmp", "Scratch of adtspool submit and import, which write here,\n"
	    "rename into new/, and leave nothing but after a crash: a file\n"
	    "two days old was never acknowledged and may be removed; what\n"
	    "is in a folder, the next import of the same file takes up.\n" },
	{ "/new", "What waits: files dropped by hand, and folders\n"
	    "<rank>-<time>/ of submitted ones, served in that order.\n"
	    "Written by anyone, taken by workers, who rename into cur/.\n" },
	{ "/cur", "What is claimed: <token>@<worker>.\n"
	    "Written and taken away by the worker that the name tells.\n" },
	{ "/done", "What is finished, by day: its result is published.\n"
	    "Written by workers; an old day may be removed by anyone.\n" },
	{ "/bad", "What was refused, each with a .why: the reason, the cure.\n"
	    "Written by workers; people mend a file and mv it to new/.\n" },
	{ "/pending", "A link for each thing that waits or runs, by what it\n"
	    "asks for, so that asking twice is noticed. Only a hint.\n"
	    "Written by submit and workers, taken away by workers.\n" },
	{ "/tries", "<id>.a<n>: how attempt n of a request ended without a\n"
	    "result. Written and taken away by workers. Only for people.\n" },
};

static const struct folder spool_folders[] = {
	{ "", "An adtspool spool: a folder for each queue, and workers/,\n"
	    "control/, bad/ and results/. adtspool-spool(5) describes it,\n"
	    "and adtspool status shows what is in it.\n" },
	{ "/workers", "A file for each worker: what it runs, that it lives.\n"
	    "Written by the worker; may be removed when that is gone.\n" },
	{ "/control", "What people ask of the workers, a file each: cancel,ID\n"
	    "hold,QUEUE drain,WORKER and so on; see adtspool-spool(5).\n"
	    "Written by people, who take away holds; the rest workers do.\n" },
	{ "/bad", "Lines of imported files that are no requests, each with\n"
	    "its .why. Written by adtspool import, emptied by people.\n" },
};

static const struct folder results_folders[] = {
	{ "", "Results: autopkgtest/<suite>/<arch>/<prefix>/<source>/<run>/,\n"
	    "and by-version/ with links. adtspool-result(5) describes it.\n"
	    "Written by workers; anyone may read at any time.\n" },
	{ "/manifests", "What became of the runs, an hour a file, in the\n"
	    "order of indexing: + was published, - is to go. For mirrors.\n"
	    "Written by adtspool index; adtspool-index(8) describes it.\n" },
	{ "/.index", "The indexer's own: what it has to hear of (notices),\n"
	    "who has its role (role, beats), what it writes (out.*), what is\n"
	    "to be removed (leaving). adtspool-index(8) describes it.\n" },
	{ "/.index/notices", "An empty file for each run that was published,\n"
	    "new,..., or is to be removed, gone,...\n"
	    "Written by workers and adtspool expire, taken by the indexer.\n" },
	{ "/.index/beats", "A file for each indexer: that it lives.\n"
	    "Written by the indexer; may be removed when that is gone.\n" },
	{ "/.index/leaving", "Notices of runs that have left the indexes, by\n"
	    "the minute after which they are removed.\n"
	    "Written and taken away by the indexer.\n" },
};

static int
make_folder(const char *base, const struct folder *folder, struct fail *f)
{
	char *path = mem_printf("%s%s", base, folder->name);
	int fd = -1, rc = fs_mkdirs(AT_FDCWD, path, f);

	if (rc == 0) {
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

