/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "publish.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"

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

	if (strlen(name) != sizeof shape - 1)
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !strchr("0123456789", name[i]) :
		    name[i] != shape[i])
			return false;
	return true;
}

static int
keep_newest(void *context, const char *name, unsigned char type)
{
	char *newest = context;

	(void)type;
	if (publish_run_id_ok(name) && strcmp(name, newest) > 0)
		memcpy(newest, name, PUBLISH_RUN_ID_MAX);
	return 0;
}

/* Syncs a directory and the ones above it, up to RESULTS. */
static int
sync_upwards(const struct spool *s, const char *path, struct fail *f)
{
	char *part = mem_dup(path);
	int rc = 0;

	for (;;) {
		char *slash = strrchr(part, '/');
		int fd = fs_open_dir(s->results, part);

		if (fd < 0 || fs_sync(fd) != 0)
			rc = fail_errno(f, "%s/%s", s->results_path, part);
		if (fd >= 0)
			(void)close(fd);
		if (rc != 0 || !slash)
			break;
		*slash = '\0';
	}
	free(part);
	return rc;
}

/* The first second that is later than every published run of the package. */
static int
next_second(const struct spool *s, const char *package, int64_t *second,
	struct fail *f)
{
	char newest[PUBLISH_RUN_ID_MAX] = "";
	int64_t last;

	if (fs_each(s->results, package, keep_newest, newest, f) != 0)
		return -1;
	*second = clock_now_s();
	if (newest[0] && clock_parse(newest, &last) == 0 && last >= *second)
		*second = last + 1;
	return 0;
}

/*
 * Renames run/ to the first free second, noting each in <attempt>/run-id
 * before.  EEXIST and ENOTEMPTY: another run has it (a directory never
 * replaces one that is not empty).
 */
static int
rename_run(const struct spool *s, const char *attempt, const char *package,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char *from = mem_printf("%s/run", attempt);
	char *note = mem_printf("%s/run-id", attempt);
	char to[PUBLISH_PATH_MAX + PUBLISH_RUN_ID_MAX];
	int64_t second = 0;
	int rc = next_second(s, package, &second, f), i;

	for (i = 0; rc == 0 && i < RUN_ID_TRIES; i++, second++) {
		char text[CLOCK_TEXT_MAX];

		clock_format(text, "%Y%m%d_%H%M%S@", second);
		memcpy(run_id, text, PUBLISH_RUN_ID_MAX);
		(void)snprintf(to, sizeof to, "%s/%s", package, run_id);
		rc = fs_overwrite(s->staging, note, run_id, strlen(run_id), f);
		if (rc != 0 ||
		    fs_rename(s->staging, from, s->results, to) == 0)
			break;
		if (errno != EEXIST && errno != ENOTEMPTY)
			rc = fail_errno(f, "%s/%s", s->results_path, to);
	}
	if (rc == 0 && i == RUN_ID_TRIES)
		rc = fail_set(f, EX_TEMPFAIL, "%s/%s: no second is free",
		    s->results_path, package);
	free(from);
	free(note);
	return rc;
}

/*
 * Where run/ is gone: it was published, before a crash, by somebody else, or
 * with a lost reply.  The note tells as what; it is believed when the
 * package's listing shows it.
 */
static int
find_published(const struct spool *s, const char *attempt, const char *package,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char *note = mem_printf("%s/run-id", attempt);
	struct buf b = { 0 };
	int there = 0;

	run_id[0] = '\0';
	if (fs_read(s->staging, note, PUBLISH_RUN_ID_MAX, &b, f) == 0 &&
	    publish_run_id_ok(b.s))
		there = scan_lists(s->results, package, b.s, f);
	if (there == 1)
		memcpy(run_id, b.s, PUBLISH_RUN_ID_MAX);
	buf_free(&b);
	free(note);
	return there < 0 ? -1 : 0;
}

static int
move_run(const struct spool *s, const char *attempt, const char *package,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	int there = scan_lists(s->staging, attempt, "run", f);

	if (there == 1) {
		if (rename_run(s, attempt, package, run_id, f) == 0)
			return 0;
		if (f->err != ENOENT)
			return -1;
		/* A lost reply, or another's success, or neither? */
		there = scan_lists(s->staging, attempt, "run", f);
	}
	if (there == 1)
		return fail_set(f, EX_TEMPFAIL, "%s/.staging/%s/run: cannot "
		    "be renamed", s->results_path, attempt);
	return there < 0 ? -1 :
	    find_published(s, attempt, package, run_id, f);
}

/* What is left of a stage that was published, but not removed to its end. */
static int
drop_rest(const struct spool *s, const char *attempt, struct fail *f)
{
	switch (scan_lists(s->staging, attempt, "run", f)) {
	case 0:
		return stage_drop(s, attempt, f);
	case 1:
		return fail_set(f, EX_DATAERR, "%s/.staging/%s: there is no "
		    "plan", s->results_path, attempt);
	default:
		return -1;
	}
}

/* by-version/<suite>/<arch>/<source>/<version>/<run id>, a relative link. */
static int
link_version(const struct spool *s, const struct plan *p, const char *package,
	const char *run_id, struct fail *f)
{
	char *dir = mem_printf("by-version/%s/%s/%s/%s", p->suite, p->arch,
	    p->source, p->version);
	char *name = mem_printf("%s/%s", dir, run_id);
	char *target = mem_printf("../../../../../%s/%s", package, run_id);
	int rc = fs_mkdirs(s->results, dir, f);

	if (rc == 0 && fs_symlink(target, s->results, name) != 0 &&
	    errno != EEXIST)
		rc = fail_errno(f, "%s/%s", s->results_path, name);
	free(dir);
	free(name);
	free(target);
	return rc;
}

int
publish_stage(const struct spool *s, const char *attempt,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char package[PUBLISH_PATH_MAX];
	struct plan p;

	run_id[0] = '\0';
	if (stage_read_plan(s, attempt, &p, f) != 0)
		return f->err == ENOENT ? drop_rest(s, attempt, f) : -1;
	publish_package_path(package, p.suite, p.arch, p.source);
	if (fs_mkdirs(s->results, package, f) != 0)
		return fail_prefix(f, "%s", s->results_path);
	if (move_run(s, attempt, package, run_id, f) != 0 ||
	    sync_upwards(s, package, f) != 0)
		return -1;
	if (run_id[0] && p.version[0] &&
	    link_version(s, &p, package, run_id, f) != 0)
		return -1;
	return stage_drop(s, attempt, f);
}
