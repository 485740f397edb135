/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "hook.h"
#include "mem.h"
#include "notice.h"
#include "publish.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "version.h"

enum { RUN_ID_TRIES = 1000 };

void
publish_package_path(char out[PUBLISH_PATH_MAX], const char *suite,
	const char *arch, const char *source)
{
	char prefix[5];

	name_pool_prefix(prefix, source);
	(void)snprintf(out, PUBLISH_PATH_MAX, "autopkgtest/%s/%s/%s/%s", suite,
	    arch, prefix, source);
}

bool
publish_run_id_ok(const char *name)
{
	static const char shape[] = "dddddddd_dddddd@";

	return name_begins_as(name, shape) && !name[sizeof shape - 1];
}

/* What a package's listing shows of its runs. */
struct runs {
	uint64_t inode;		/* of the one that is looked for */
	char newest[PUBLISH_RUN_ID_MAX];
	char found[PUBLISH_RUN_ID_MAX];		/* "": not shown */
};

static int
keep_run(void *context, const char *name, uint64_t inode)
{
	struct runs *r = context;

	if (!publish_run_id_ok(name))
		return 0;
	if (strcmp(name, r->newest) > 0)
		memcpy(r->newest, name, PUBLISH_RUN_ID_MAX);
	if (inode == r->inode)
		memcpy(r->found, name, PUBLISH_RUN_ID_MAX);
	return 0;
}

static int
read_runs(const struct spool *s, const char *package, uint64_t inode,
	struct runs *r, struct fail *f)
{
	*r = (struct runs){ .inode = inode };
	return fs_each_inode(s->results, package, keep_run, r, f);
}

/* Syncs a directory and the ones above it, up to RESULTS. */
static int
sync_upwards(const struct spool *s, const char *path, struct fail *f)
{
	char *part = mem_dup(path);
	int rc = 0;

	for (;;) {
		char *slash = strrchr(part, '/');

		if (fs_sync_dir(s->results, part) != 0)
			rc = fail_errno(f, "%s/%s", s->results_path, part);
		if (rc != 0 || !slash)
			break;
		*slash = '\0';
	}
	free(part);
	return rc;
}

/* The first second that is later than every published run of the package. */
static int64_t
next_second(const struct runs *r)
{
	int64_t now_s = clock_now_s(), last;

	if (r->newest[0] && clock_parse(r->newest, &last) == 0 &&
	    last >= now_s)
		return last + 1;
	return now_s;
}

/*
 * Renames run/ to the first free second.  EEXIST and ENOTEMPTY: another run
 * has it (a directory never replaces one that is not empty).
 */
static int
rename_run(const struct spool *s, const char *attempt, const char *package,
	int64_t second, char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char *from = mem_printf("%s/run", attempt);
	char to[PUBLISH_PATH_MAX + PUBLISH_RUN_ID_MAX];
	int rc = 0, i;

	for (i = 0; i < RUN_ID_TRIES; i++, second++) {
		char text[CLOCK_TEXT_MAX];

		clock_format(text, "%Y%m%d_%H%M%S@", second);
		memcpy(run_id, text, PUBLISH_RUN_ID_MAX);
		(void)snprintf(to, sizeof to, "%s/%s", package, run_id);
		if (fs_rename(s->staging, from, s->results, to) == 0)
			break;
		if (errno != EEXIST && errno != ENOTEMPTY) {
			rc = fail_errno(f, "%s/%s", s->results_path, to);
			break;
		}
	}
	if (i == RUN_ID_TRIES)
		rc = fail_set(f, EX_TEMPFAIL, "%s/%s: no second is free",
		    s->results_path, package);
	free(from);
	return rc;
}

/*
 * Whether the stage shows run/, the one that was sealed: 1, 0, or -1.  One with
 * another number is nobody's when it is empty, which rmdir(2) tells; or the
 * whole tree was copied since, and it is sealed again.
 */
static int
has_run(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f)
{
	uint64_t there = 0;
	int rc = fs_find(s->staging, attempt, "run", &there, f);
	char *run;

	if (rc != 1 || there == p->inode)
		return rc;
	run = mem_printf("%s/run", attempt);
	if (fs_rmdir(s->staging, run) == 0 || errno == ENOENT)
		rc = 0;
	else if (errno != ENOTEMPTY && errno != EEXIST)
		rc = fail_errno(f, "%s/.staging/%s", s->results_path, run);
	else if (stage_seal_again(s, attempt, p, f) != 0)
		rc = -1;
	free(run);
	return rc;
}

/*
 * Returns 0 when run/ is where it belongs, by this rename, or by one before: of
 * somebody else, of a life before a crash, or one whose reply was lost.  What
 * was seen says so, never what was not seen; otherwise the stage stays.
 */
static int
move_run(const struct spool *s, const char *attempt, const char *package,
	struct plan *p, char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	struct runs runs;
	int there = has_run(s, attempt, p, f);

	if (there < 0 || read_runs(s, package, p->inode, &runs, f) != 0)
		return -1;
	if (there == 1 && !runs.found[0]) {
		if (rename_run(s, attempt, package, next_second(&runs),
		    run_id, f) == 0)
			return 0;
		if (f->err != ENOENT ||
		    read_runs(s, package, p->inode, &runs, f) != 0)
			return -1;
	}
	memcpy(run_id, runs.found, PUBLISH_RUN_ID_MAX);
	return run_id[0] ? 0 : fail_set(f, EX_TEMPFAIL, "%s/.staging/%s/run: "
	    "neither there nor published, as far as can be seen",
	    s->results_path, attempt);
}

static struct notice
run_of(const struct plan *p, const char *run_id)
{
	struct notice run = { .kind = NOTICE_NEW };

	memcpy(run.suite, p->suite, sizeof run.suite);
	memcpy(run.arch, p->arch, sizeof run.arch);
	memcpy(run.source, p->source, sizeof run.source);
	memcpy(run.run_id, run_id, sizeof run.run_id);
	return run;
}

/* After all that may have to be done again. */
static void
tell(const struct spool *s, const char *attempt, const struct plan *p,
	const char *run_id)
{
	char package[PUBLISH_PATH_MAX], *run;
	struct token t;

	if (!s->hooks || token_parse(&t, attempt) != 0)
		return;
	publish_package_path(package, p->suite, p->arch, p->source);
	run = mem_printf("%s/%s/%s", s->results_path, package, run_id);
	hook_tell(s->hooks, &(struct hook_event){ .kind = HOOK_PUBLISHED,
	    .token = &t, .queue = p->queue, .package = p->source,
	    .suite = p->suite, .arch = p->arch, .run_id = run_id,
	    .run = run });
	free(run);
}

int
publish_stage(const struct spool *s, const char *attempt,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char package[PUBLISH_PATH_MAX];
	struct fail passed;
	struct notice run;
	struct plan p;

	run_id[0] = '\0';
	if (stage_read_plan(s, attempt, &p, f) != 0) {
		/* Published by another, when the stage is gone as a whole. */
		if (f->err == ENOENT &&
		    scan_lists(s->staging, ".", attempt, &passed) == 0)
			return 0;
		return -1;
	}
	publish_package_path(package, p.suite, p.arch, p.source);
	if (fs_mkdirs(s->results, package, f) != 0)
		return fail_prefix(f, "%s", s->results_path);
	if (move_run(s, attempt, package, &p, run_id, f) != 0 ||
	    sync_upwards(s, package, f) != 0)
		return -1;
	run = run_of(&p, run_id);
	if (version_link(s, &run, p.version, f) != 0 ||
	    notice_drop(s, NOTICE_NEW, p.suite, p.arch, p.source, run_id,
	    f) != 0)
		return -1;
	if (stage_drop(s, attempt, STAGE_PUBLISHED, f) != 0)
		return -1;
	tell(s, attempt, &p, run_id);
	return 0;
}
