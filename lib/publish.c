/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "publish.h"
#include "scan.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

enum { RUN_ID_TRIES = 1000 };

#define NOTE "as-"

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
 * Notes in the stage as what run/, of this inode, is about to be published:
 * one link, so that the note is whole or not there.  Somebody else who is at
 * it may have noted the same.
 */
static int
note_run_id(const struct spool *s, const char *attempt, const char *run_id,
	uint64_t inode, struct fail *f)
{
	char *note = mem_printf("%s/" NOTE "%s", attempt, run_id);
	char *text = mem_printf("%" PRIu64, inode);
	int rc = 0;

	if (fs_symlink(text, s->staging, note) != 0 && errno != EEXIST)
		rc = fail_errno(f, "%s/.staging/%s", s->results_path, note);
	free(note);
	free(text);
	return rc;
}

/*
 * Renames run/ to the first free second.  EEXIST and ENOTEMPTY: another run
 * has it (a directory never replaces one that is not empty).
 */
static int
rename_run(const struct spool *s, const char *attempt, const char *package,
	uint64_t inode, char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	char *from = mem_printf("%s/run", attempt);
	char to[PUBLISH_PATH_MAX + PUBLISH_RUN_ID_MAX];
	int64_t second = 0;
	int rc = next_second(s, package, &second, f), i;

	for (i = 0; rc == 0 && i < RUN_ID_TRIES; i++, second++) {
		char text[CLOCK_TEXT_MAX];

		clock_format(text, "%Y%m%d_%H%M%S@", second);
		memcpy(run_id, text, PUBLISH_RUN_ID_MAX);
		(void)snprintf(to, sizeof to, "%s/%s", package, run_id);
		rc = note_run_id(s, attempt, run_id, inode, f);
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
	return rc;
}

/* Whether the package shows that run id with the inode number of the note. */
static int
note_is_true(const struct spool *s, const char *attempt, const char *package,
	const char *run_id, struct fail *f)
{
	char *note = mem_printf("%s/" NOTE "%s", attempt, run_id);
	char text[24] = "";
	uint64_t inode;
	int there;

	if (readlinkat(s->staging, note, text, sizeof text - 1) < 0)
		there = errno == ENOENT || errno == EINVAL ? 0 :
		    fail_errno(f, "%s/.staging/%s", s->results_path, note);
	else
		there = fs_find(s->results, package, run_id, &inode, f);
	free(note);
	return there == 1 ? strtoull(text, NULL, 10) == inode : there;
}

static int
keep_note(void *context, const char *name, unsigned char type)
{
	(void)type;
	if (strncmp(name, NOTE, sizeof NOTE - 1) == 0 &&
	    publish_run_id_ok(name + sizeof NOTE - 1))
		strs_add(context, name + sizeof NOTE - 1);
	return 0;
}

/*
 * Where run/ is gone: it was published, before a crash, by somebody else, or
 * with a lost reply.  Of the notes the one is believed that the package's
 * listing bears out.  1 where there is one.
 */
static int
find_published(const struct spool *s, const char *attempt, const char *package,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	struct strs notes = { 0 };
	int there = fs_each(s->staging, attempt, keep_note, &notes, f);

	for (size_t i = 0; there == 0 && i < notes.n; i++) {
		there = note_is_true(s, attempt, package, notes.v[i], f);
		if (there == 1)
			memcpy(run_id, notes.v[i], PUBLISH_RUN_ID_MAX);
	}
	strs_free(&notes);
	return there;
}

/*
 * Returns 0 when run/ is where it belongs; what was seen says so, never what
 * was not seen: otherwise the stage stays for another try.
 */
static int
move_run(const struct spool *s, const char *attempt, const char *package,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	uint64_t inode = 0;
	int there = fs_find(s->staging, attempt, "run", &inode, f);

	if (there == 1) {
		if (rename_run(s, attempt, package, inode, run_id, f) == 0)
			return 0;
		if (f->err != ENOENT)
			return -1;
		/* A lost reply, or another's success, or neither? */
	}
	run_id[0] = '\0';
	if (there >= 0)
		there = find_published(s, attempt, package, run_id, f);
	if (there == 0)
		return fail_set(f, EX_TEMPFAIL, "%s/.staging/%s/run: neither "
		    "there nor published, as far as can be seen",
		    s->results_path, attempt);
	return there < 0 ? -1 : 0;
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
	struct fail passed;
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
	if (move_run(s, attempt, package, run_id, f) != 0 ||
	    sync_upwards(s, package, f) != 0)
		return -1;
	if (p.version[0] &&
	    link_version(s, &p, package, run_id, f) != 0)
		return -1;
	return stage_drop(s, attempt, f);
}
