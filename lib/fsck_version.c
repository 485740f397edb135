/* SPDX-License-Identifier: GPL-2.0-or-later */
/* by-version/, whose links are made after the runs, and from them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fsck_run.h"
#include "mem.h"

char *
fsck_link_path(const struct fsck_runs *r, const char *version,
	const char *run_id)
{
	return mem_printf("by-version/%s/%s/%s/%s/%s", r->suite, r->arch,
	    r->source, version, run_id);
}

char *
fsck_link_target(const char *path)
{
	enum { SUITE = 1, ARCH, SOURCE, RUN_ID = 5, PARTS };
	char package[PUBLISH_PATH_MAX], *target = NULL;
	struct strs part = { 0 };

	strs_split(&part, path, "/");
	if (part.n == PARTS && name_suite_ok(part.v[SUITE]) &&
	    name_arch_ok(part.v[ARCH]) && name_source_ok(part.v[SOURCE]) &&
	    publish_run_id_ok(part.v[RUN_ID])) {
		publish_package_path(package, part.v[SUITE], part.v[ARCH],
		    part.v[SOURCE]);
		target = mem_printf("../../../../../%s/%s", package,
		    part.v[RUN_ID]);
	}
	strs_free(&part);
	return target;
}

void
fsck_check_link(struct fsck_runs *r, const char *run_id, const char *version)
{
	char *path = fsck_link_path(r, version, run_id);
	char *target = fsck_link_target(path), text[PATH_MAX];
	ssize_t n = readlinkat(r->x->spool->results, path, text,
	    sizeof text - 1);

	fsck_set_add(&r->links, fsck_hash(0, path));
	text[n < 0 ? 0 : n] = '\0';
	if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
		fsck_raise(r->x, FSCK_VERSION_MISSING, path, "is missing");
	else if (n >= 0 && strcmp(text, target) != 0)
		fsck_raise(r->x, FSCK_VERSION_WRONG, path, "points to %s",
		    text);
	free(target);
	free(path);
}

/* A link that no run asks for. */
static void
check_stray(struct fsck_runs *r, const char *object, const char *run_id)
{
	char *run = mem_printf("%s/%s", r->package, run_id);
	struct stat st;

	if (fstatat(r->x->spool->results, run, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!fsck_set_has(&r->unread, fsck_hash(0, run)))
			fsck_raise(r->x, FSCK_VERSION_STRAY, object, "leads "
			    "to a run of another version");
	} else if (errno == ENOENT || errno == ENOTDIR) {
		fsck_raise(r->x, FSCK_VERSION_DANGLING, object, "leads to a "
		    "run that is not there");
	}
	free(run);
}

static int
in_version(void *folder, const char *name, unsigned char type)
{
	struct fsck_runs *r = folder;
	char *object = fsck_object(&r->d, name);

	if (type != DT_LNK || !publish_run_id_ok(name))
		fsck_raise(r->x, FSCK_VERSION_STRANGE, object, "is no link "
		    "with the name of a run");
	else if (!fsck_set_has(&r->links, fsck_hash(0, object)))
		check_stray(r, object, name);
	free(object);
	return 0;
}

static void
look_at_version(struct fsck_runs *r, const char *version)
{
	fsck_folder(&r->d, r->x, NULL, "by-version/%s/%s/%s/%s", r->suite,
	    r->arch, r->source, version);
	fsck_each(&r->d, r->x->spool->results, r->d.path, in_version);
}

static void
look_at_source(struct fsck_runs *r, const char *source)
{
	char *path = mem_printf("by-version/%s/%s/%s", r->suite, r->arch,
	    source);

	r->source = source;
	publish_package_path(r->package, r->suite, r->arch, source);
	fsck_descend(r, path, name_version_ok, look_at_version);
	free(path);
}

static void
look_at_arch(struct fsck_runs *r, const char *arch)
{
	char *path = mem_printf("by-version/%s/%s", r->suite, arch);

	r->arch = arch;
	fsck_step(r->x, path);
	fsck_descend(r, path, name_source_ok, look_at_source);
	free(path);
}

static void
look_at_suite(struct fsck_runs *r, const char *suite)
{
	char *path = mem_printf("by-version/%s", suite);

	r->suite = suite;
	fsck_descend(r, path, name_arch_ok, look_at_arch);
	free(path);
}

void
fsck_look_versions(struct fsck_runs *r)
{
	fsck_descend(r, "by-version", name_suite_ok, look_at_suite);
}
