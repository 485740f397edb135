/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results tree: its runs, and what was committed but is not there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "fs.h"
#include "fsck_run.h"
#include "mem.h"
#include "result.h"
#include "tree.h"

static const char *const files[] = { "result.json", "log.gz",
    "artifacts.tar.gz", "result.tar" };

/* What is missing of a run directory; NULL: nothing. */
static const char *
missing_file(const struct fsck *x, const char *run)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *path = mem_printf("%s/%s", run, files[i]);
		struct stat st;
		bool there = fstatat(x->spool->results, path, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);

		free(path);
		if (!there)
			return files[i];
	}
	return NULL;
}

/* The path that a result.json belongs to. */
static bool
is_in_place(const struct fsck_runs *r, const struct result *result)
{
	return strcmp(result->suite, r->suite) == 0 &&
	    strcmp(result->arch, r->arch) == 0 &&
	    strcmp(result->package, r->source) == 0;
}

/* Two runs of a request are known after the first look. */
static void
note_request(struct fsck_runs *r, const char *object, const char *id)
{
	struct fsck *x = r->x;
	uint64_t number = fsck_id_number(id);

	if (!id[0])
		return;		/* of a run that came from elsewhere */
	fsck_ids_add(&r->ids, number, FSCK_DONE, fsck_hash(0, object));
	if (x->again && fsck_set_has(&x->twice_runs, number))
		fsck_add(x, FSCK_RUN_TWICE, object, id, mem_dup("has the same "
		    "request as another run"));
}

/* A run that goes while it is looked at is removed by who keeps the tree. */
static void
tell_unread(struct fsck *x, const char *object, const struct fail *f)
{
	if (f->status == EX_DATAERR || f->err == EFBIG)
		fsck_raise(x, FSCK_RUN_DAMAGED, object, "cannot be "
		    "read: %s", f->text);
	else if (f->err != ENOENT && f->err != ESTALE)
		fsck_go_blind(x, f);
}

/* Whether its result.json could be read, and is this run's. */
static bool
check_result(struct fsck_runs *r, const char *object, const char *run_id,
	struct result *result)
{
	struct fail f;

	if (tree_result(r->x->spool, r->suite, r->arch, r->source, run_id,
	    result, &f) != 0) {
		tell_unread(r->x, object, &f);
		return false;
	}
	if (is_in_place(r, result))
		return true;
	fsck_raise(r->x, FSCK_RUN_DAMAGED, object, "is of %s in %s on "
	    "%s", result->package, result->suite, result->arch);
	return false;
}

static void
check_run(struct fsck_runs *r, const char *run_id)
{
	char *object = mem_printf("%s/%s", r->package, run_id);
	const char *missing = missing_file(r->x, object);
	struct result result = { 0 };
	bool known = false;

	r->x->report->runs += !r->x->again;
	if (missing)
		fsck_raise(r->x, FSCK_RUN_INCOMPLETE, object, "has no "
		    "%s", missing);
	if (!missing || missing != files[0])
		known = check_result(r, object, run_id, &result);
	if (known)
		note_request(r, object, result.id);
	if (known && result.version)
		fsck_check_link(r, run_id, result.version);
	else
		fsck_set_add(&r->unread, fsck_hash(0, object));
	result_free(&result);
	free(object);
}

static int
in_package(void *folder, const char *name, unsigned char type)
{
	struct fsck_runs *r = folder;

	if (publish_run_id_ok(name) && type == DT_DIR) {
		if (!r->oldest[0] || strncmp(name, r->oldest, 8) < 0)
			memcpy(r->oldest, name, 8);
		check_run(r, name);
	} else if (type == DT_DIR || publish_run_id_ok(name)) {
		char *object = mem_printf("%s/%s", r->package, name);

		fsck_raise(r->x, FSCK_RUN_STRANGE, object, "%s",
		    type == DT_DIR ? "does not have the name of a run" :
		    "has the name of a run, and is no directory");
		free(object);
	}
	return 0;
}

static void
look_at_package(struct fsck_runs *r, const char *source)
{
	r->source = source;
	publish_package_path(r->package, r->suite, r->arch, source);
	fsck_folder(&r->d, r->x, NULL, "%s", r->package);
	fsck_each(&r->d, r->x->spool->results, r->package, in_package);
}

void
fsck_descend(struct fsck_runs *r, const char *path, bool (*ok)(const char *),
	void (*each)(struct fsck_runs *r, const char *name))
{
	struct strs names = { 0 };
	struct fail f;

	if (fs_list(r->x->spool->results, path, SIZE_MAX, &names, &f) != 0 &&
	    f.err != ENOENT && f.err != ENOTDIR)
		fsck_go_blind(r->x, &f);
	strs_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		if (ok(names.v[i]))
			each(r, names.v[i]);
	strs_free(&names);
}

static bool
is_prefix(const char *name)
{
	return name_source_ok(name) ||
	    (strlen(name) == 1 && name_suite_ok(name));
}

static void
look_at_prefix(struct fsck_runs *r, const char *prefix)
{
	char *path = mem_printf("autopkgtest/%s/%s/%s", r->suite, r->arch,
	    prefix);

	fsck_step(r->x, path);
	fsck_descend(r, path, name_source_ok, look_at_package);
	free(path);
}

static void
look_at_arch(struct fsck_runs *r, const char *arch)
{
	char *path = mem_printf("autopkgtest/%s/%s", r->suite, arch);

	r->arch = arch;
	fsck_descend(r, path, is_prefix, look_at_prefix);
	free(path);
}

static void
look_at_suite(struct fsck_runs *r, const char *suite)
{
	char *path = mem_printf("autopkgtest/%s", suite);

	r->suite = suite;
	fsck_descend(r, path, name_arch_ok, look_at_arch);
	free(path);
}

static void
note_twice(void *context, uint64_t id, uint64_t path)
{
	(void)path;
	fsck_set_add(context, id);
}

void
fsck_look_runs(struct fsck *x)
{
	struct fsck_runs r = { .x = x };

	fsck_note_stages(&r);
	fsck_descend(&r, "autopkgtest", name_suite_ok, look_at_suite);
	fsck_ids_sort(&r.ids);
	if (!x->again)
		fsck_ids_twice(&r.ids, note_twice, &x->twice_runs);
	fsck_set_sort(&x->twice_runs);
	fsck_set_sort(&r.links);
	fsck_set_sort(&r.unread);
	fsck_look_versions(&r);
	if (x->whole && !x->partial)
		fsck_look_lost(&r);
	fsck_ids_free(&r.ids);
	fsck_set_free(&r.links);
	fsck_set_free(&r.unread);
	fsck_set_free(&r.stages);
}
