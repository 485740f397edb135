/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs: which ones the source lists, and fetching them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "mirror_inside.h"
#include "tree.h"

void
mirror_tell(const struct mirror *m, const char *what, size_t part, size_t of)
{
	if (m->o->progress)
		m->o->progress(m->o->context, what, part, of);
}

/* Of rsync's, whose work grows with the square of what it is asked at once. */
enum { BATCH_MOST = 1000 };

struct listing {
	const struct mirror *m;
	const char *what;	/* is being done; or NULL */
	struct strs *paths;
};

/* Of all names that are sent, those of runs. */
static void
keep_run(void *context, const char *name)
{
	struct listing *l = context;
	struct notice run;

	if (notice_parse_path(&run, NOTICE_NEW, name) != 0)
		return;
	strs_add(l->paths, name);
	if (l->what)
		mirror_tell(l->m, l->what, 0, 0);
}

static bool
has(const struct strs *sorted, const char *path)
{
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(sorted->v[middle], path);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

int
mirror_probe(struct mirror *m, const struct strs *paths, struct strs *there,
	struct fail *f)
{
	struct listing l = { m, "asking what is gone", there };
	struct mirror_call c = { .below = "", .target = ".mirror/tmp/",
	    .names = paths, .each = keep_run, .context = &l };

	if (!paths->n)
		return 0;
	strs_split(&c.args, "-dnii --ignore-missing-args", " ");
	if (mirror_rsync(m, &c, f) != MIRROR_ALL)
		return -1;
	strs_sort(there);
	return 0;
}

/* Those that came whole are put in place; the others are missing. */
static int
place(struct mirror *m, const struct strs *wanted, struct strs *seen,
	struct strs *missing, struct fail *f)
{
	int rc = wanted->n ? syncfs(m->inside) : 0;

	if (rc != 0)
		return fail_errno(f, "%s", m->dest);
	strs_sort(seen);
	for (size_t i = 0; rc == 0 && i < wanted->n; i++) {
		struct notice run;

		if (!has(seen, wanted->v[i]))
			strs_add(missing, wanted->v[i]);
		else if (notice_parse_path(&run, NOTICE_NEW,
		    wanted->v[i]) == 0)
			rc = mirror_place_run(m, &run, f);
	}
	return rc;
}

/*
 * A run that goes while it is sent is here in part, and rsync says that not all
 * came; once it is gone, rsync does not name it.
 */
static int
fetch_batch(struct mirror *m, const struct strs *wanted,
	struct strs *missing, struct fail *f)
{
	enum mirror_end end = MIRROR_PART;
	struct strs seen = { 0 };
	int rc = -1;

	for (int i = 0; end == MIRROR_PART && i < MIRROR_TRIES; i++) {
		struct listing l = { m, NULL, &seen };
		struct mirror_call c = { .below = "", .target = ".mirror/runs/",
		    .names = wanted, .each = keep_run, .context = &l };

		strs_free(&seen);
		strs_split(&c.args, "-rii --ignore-missing-args", " ");
		end = mirror_rsync(m, &c, f);
	}
	if (end == MIRROR_ALL)
		rc = place(m, wanted, &seen, missing, f);
	strs_free(&seen);
	return rc;
}

int
mirror_fetch_runs(struct mirror *m, const struct strs *paths,
	struct strs *missing, struct fail *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < paths->n; ) {
		struct strs wanted = { 0 };

		mirror_tell(m, "fetching runs", i, paths->n);
		for (; i < paths->n && wanted.n < BATCH_MOST; i++)
			if (!mirror_has_run(m, paths->v[i]))
				strs_add(&wanted, paths->v[i]);
		if (wanted.n)
			rc = fetch_batch(m, &wanted, missing, f);
		strs_free(&wanted);
	}
	return rc;
}

/* The manifests from before the names are listed: to go on from. */
static int
fetch_base(struct mirror *m, struct fail *f)
{
	struct mirror_call c = { .below = MANIFEST_FOLDER "/",
	    .target = ".mirror/base/manifests/" };

	strs_split(&c.args, "-r", " ");
	if (fs_mkdirs(m->inside, "base/" MANIFEST_FOLDER, f) != 0)
		return -1;
	return mirror_rsync(m, &c, f) == MIRROR_ALL ? 0 : -1;
}

static int
pass_over(void *context, const struct notice *n)
{
	(void)context;
	(void)n;
	return 0;
}

/* Again where folders went meanwhile: what is not listed is not fetched. */
static int
list_source(struct mirror *m, struct strs *paths, struct fail *f)
{
	enum mirror_end end = MIRROR_PART;

	for (int i = 0; end == MIRROR_PART && i < MIRROR_TRIES; i++) {
		struct listing l = { m, "listing the source", paths };
		struct mirror_call c = { .below = "", .target = ".mirror/tmp/",
		    .each = keep_run, .context = &l };

		strs_free(paths);
		strs_split(&c.args, "-rnii --include=/autopkgtest/ "
		    "--exclude=.* --exclude=/* --include=*/ --exclude=*", " ");
		end = mirror_rsync(m, &c, f);
	}
	strs_sort(paths);
	return end == MIRROR_ALL ? 0 : -1;
}

/* With all their files, into place: they were whole already. */
static int
compare_files(struct mirror *m, const struct strs *paths, struct fail *f)
{
	enum mirror_end end = MIRROR_ALL;

	for (size_t i = 0; end != MIRROR_NONE && i < paths->n; ) {
		struct strs here = { 0 };
		struct mirror_call c = { .below = "", .target = "",
		    .names = &here };

		mirror_tell(m, "comparing files", i, paths->n);
		for (; i < paths->n && here.n < BATCH_MOST; i++)
			if (mirror_has_run(m, paths->v[i]))
				strs_add(&here, paths->v[i]);
		strs_split(&c.args, "-r --ignore-missing-args", " ");
		if (here.n)
			end = mirror_rsync(m, &c, f);
		strs_free(&c.args);
		strs_free(&here);
	}
	return end == MIRROR_NONE ? -1 : 0;
}

static int
forget_package(struct mirror *m, const struct strs *listed,
	struct notice *run, struct fail *f)
{
	struct strs runs = { 0 };
	int rc = tree_runs(&m->to, run->suite, run->arch, run->source, &runs,
	    f);

	for (size_t i = 0; i < runs.n; i++) {
		char path[NOTICE_PATH_MAX];

		memcpy(run->run_id, runs.v[i], sizeof run->run_id);
		notice_path(path, run);
		if (!has(listed, path))
			mirror_list_add(&m->gone, path, 0);
	}
	strs_free(&runs);
	return rc;
}

static int
forget_arch(struct mirror *m, const struct strs *listed,
	const char *suite, const char *arch, struct fail *f)
{
	struct strs sources = { 0 };
	int rc = tree_sources(&m->to, suite, arch, &sources, f);

	for (size_t i = 0; rc == 0 && i < sources.n; i++) {
		struct notice run = { .kind = NOTICE_GONE };

		memcpy(run.suite, suite, strlen(suite) + 1);
		memcpy(run.arch, arch, strlen(arch) + 1);
		memcpy(run.source, sources.v[i], strlen(sources.v[i]) + 1);
		rc = forget_package(m, listed, &run, f);
	}
	strs_free(&sources);
	return rc;
}

/* What is here and was not listed is to go, if it is absent, too. */
static int
forget(struct mirror *m, const struct strs *listed, struct fail *f)
{
	struct strs suites = { 0 };
	int rc = tree_suites(&m->to, &suites, f);

	for (size_t i = 0; rc == 0 && i < suites.n; i++) {
		struct strs archs = { 0 };

		rc = tree_archs(&m->to, suites.v[i], &archs, f);
		for (size_t k = 0; rc == 0 && k < archs.n; k++)
			rc = forget_arch(m, listed, suites.v[i], archs.v[k],
			    f);
		strs_free(&archs);
	}
	mirror_list_settle(&m->gone);
	strs_free(&suites);
	return rc;
}

int
mirror_compare(struct mirror *m, struct fail *f)
{
	struct strs listed = { 0 }, passed = { 0 };
	int rc;

	m->whole = true;
	m->mark = (struct manifest_mark){ .offset = 0 };
	rc = fetch_base(m, f);
	if (rc == 0)
		rc = manifest_read(&m->base, &m->mark, pass_over, NULL, f);
	if (rc == 0)
		rc = list_source(m, &listed, f);
	if (rc == 0 && m->o->full)
		rc = compare_files(m, &listed, f);
	/* What is missing went meanwhile: the indexes are fetched later. */
	if (rc == 0)
		rc = mirror_fetch_runs(m, &listed, &passed, f);
	if (rc == 0)
		rc = forget(m, &listed, f);
	strs_free(&listed);
	strs_free(&passed);
	return rc;
}
