/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting in place what was fetched, each by one rename, and taking away. */
#include <dirent.h>
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
#include "mirror_inside.h"
#include "result.h"
#include "tree.h"
#include "version.h"

enum { DEPTH_MOST = 16 };

bool
mirror_has_run(const struct mirror *m, const char *path)
{
	return fs_is_dir(m->to.results, path);
}

/* Of a run in a tree; no version where it cannot be read. */
static void
read_version(const struct spool *tree, const struct notice *run,
	struct result *r)
{
	struct fail passed;

	if (tree_result(tree, run->suite, run->arch, run->source, run->run_id,
	    r, &passed) != 0)
		*r = (struct result){ 0 };
}

/* The link first: the run is what tells that nothing is left to do. */
int
mirror_place_run(struct mirror *m, const struct notice *run, struct fail *f)
{
	char path[NOTICE_PATH_MAX], package[PUBLISH_PATH_MAX];
	struct spool held = { .results_path = m->dest };
	struct result r;
	int rc;

	notice_path(path, run);
	publish_package_path(package, run->suite, run->arch, run->source);
	held.results = fs_open_dir(m->inside, "runs");
	if (held.results < 0)
		return fail_errno(f, "%s/.mirror/runs", m->dest);
	read_version(&held, run, &r);
	rc = version_link(&m->to, run, r.version, f);
	result_free(&r);
	if (rc == 0)
		rc = fs_mkdirs(m->to.results, package, f);
	if (rc == 0 && fs_rename(held.results, path, m->to.results, path) != 0)
		rc = fail_errno(f, "%s/%s", m->dest, path);
	m->r->came += rc == 0;
	(void)close(held.results);
	return rc;
}

int
mirror_remove_run(struct mirror *m, const struct notice *run, struct fail *f)
{
	char path[NOTICE_PATH_MAX], name[32];
	struct result r;
	int rc;

	notice_path(path, run);
	read_version(&m->to, run, &r);
	rc = version_unlink(&m->to, run, r.version, f);
	result_free(&r);
	if (rc != 0)
		return -1;
	(void)snprintf(name, sizeof name, "old/%zu", m->r->went);
	if (fs_rename(m->to.results, path, m->inside, name) != 0)
		return errno == ENOENT ? 0 :
		    fail_errno(f, "%s/%s", m->dest, path);
	m->r->went++;
	return fs_remove_tree(m->inside, name, f);
}

struct placing {
	struct mirror *m;
	const char *path;	/* below .mirror/new, and below DEST */
	int depth;
	struct fail *f;
	int rc;
};

static int place_name(void *context, const char *name, unsigned char type);

static bool
is_same_file(const struct mirror *m, const char *path)
{
	struct stat a, b;

	return fstatat(m->fresh.results, path, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(m->to.results, path, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
place_folder(struct placing *p, const char *path)
{
	struct placing below = { p->m, path, p->depth + 1, p->f, 0 };

	if (below.depth > DEPTH_MOST)
		return fail_set(p->f, EX_DATAERR, "%s: is too deep", path);
	if (fs_mkdirs(p->m->to.results, path, p->f) != 0 ||
	    fs_each(p->m->fresh.results, path, place_name, &below, p->f) != 0)
		return -1;
	return below.rc;
}

static int
place_name(void *context, const char *name, unsigned char type)
{
	struct placing *p = context;
	struct mirror *m = p->m;
	char *path;

	if (name[0] == '.')
		return 0;
	path = p->path[0] ? mem_printf("%s/%s", p->path, name) : mem_dup(name);
	if (type == DT_DIR)
		p->rc = place_folder(p, path);
	else if (type == DT_REG && !is_same_file(m, path) && fs_rename(
	    m->fresh.results, path, m->to.results, path) != 0)
		p->rc = fail_errno(p->f, "%s/%s", m->dest, path);
	free(path);
	return p->rc;
}

/* What the source's folder does not have any more goes from ours. */
static int
prune_folder(struct mirror *m, const char *path, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(m->to.results, path, SIZE_MAX, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		char *below = mem_printf("%s/%s", path, names.v[i]);
		struct stat st;

		if (fstatat(m->fresh.results, below, &st,
		    AT_SYMLINK_NOFOLLOW) == 0) {
			if (S_ISDIR(st.st_mode) &&
			    fs_is_dir(m->to.results, below))
				rc = prune_folder(m, below, f);
		} else {
			rc = errno == ENOENT ?
			    fs_remove_tree(m->to.results, below, f) :
			    fail_errno(f, "%s/.mirror/new/%s", m->dest, below);
		}
		free(below);
	}
	strs_free(&names);
	return rc;
}

/*
 * Of a package's pages only those are here that may have changed, unless all
 * were fetched.
 */
static int
prune(struct mirror *m, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(m->fresh.results, ".", SIZE_MAX, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const char *name = names.v[i];

		if (name[0] != '.' && fs_is_dir(m->fresh.results, name) &&
		    fs_is_dir(m->to.results, name) &&
		    (m->whole || strcmp(name, MIRROR_PAGES) != 0))
			rc = prune_folder(m, name, f);
	}
	strs_free(&names);
	return rc;
}

int
mirror_place_indexes(struct mirror *m, struct fail *f)
{
	struct placing all = { m, "", 0, f, 0 };
	struct placing lines = { m, MANIFEST_FOLDER, 1, f, 0 };

	/* Before a name leaves .mirror/new. */
	if (prune(m, f) != 0 ||
	    fs_each(m->fresh.results, MANIFEST_FOLDER, place_name, &lines,
	    f) != 0 || lines.rc != 0)
		return -1;
	if (fs_each(m->fresh.results, ".", place_name, &all, f) != 0)
		return -1;
	return all.rc;
}
