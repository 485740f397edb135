/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "publish.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

enum { RESULT_SIZE_MOST = 4 << 20 };

/*
 * Names in a folder of RESULTS that pass ok, sorted; a missing one is empty,
 * and so is a stranger's file or link with a folder's name.
 */
static int
names_in(const struct spool *s, const char *path, bool (*ok)(const char *),
	struct strs *names, struct fail *f)
{
	struct strs all = { 0 };
	int rc = fs_list(s->results, path, SIZE_MAX, &all, f);

	if (rc != 0 && (f->err == ENOENT || f->err == ENOTDIR ||
	    f->err == ELOOP))
		rc = 0;
	for (size_t i = 0; rc == 0 && i < all.n; i++)
		if (ok(all.v[i]))
			strs_add(names, all.v[i]);
	strs_sort(names);
	strs_free(&all);
	return rc;
}

int
tree_suites(const struct spool *s, struct strs *suites, struct fail *f)
{
	return names_in(s, "autopkgtest", name_suite_ok, suites, f);
}

int
tree_archs(const struct spool *s, const char *suite, struct strs *archs,
	struct fail *f)
{
	char *path = mem_printf("autopkgtest/%s", suite);
	int rc = names_in(s, path, name_arch_ok, archs, f);

	free(path);
	return rc;
}

int
tree_runs(const struct spool *s, const char *suite, const char *arch,
	const char *source, struct strs *run_ids, struct fail *f)
{
	char package[PUBLISH_PATH_MAX];

	publish_package_path(package, suite, arch, source);
	return names_in(s, package, publish_run_id_ok, run_ids, f);
}

int
tree_result(const struct spool *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct result *r,
	struct fail *f)
{
	char package[PUBLISH_PATH_MAX], *path;
	struct buf b = { 0 };
	int rc;

	*r = (struct result){ 0 };
	publish_package_path(package, suite, arch, source);
	path = mem_printf("%s/%s/result.json", package, run_id);
	rc = fs_read(s->results, path, RESULT_SIZE_MOST, &b, f);
	if (rc == 0)
		rc = result_read(r, path, b.s, b.len, f);
	buf_free(&b);
	free(path);
	return rc;
}

static bool
is_prefix(const char *s)
{
	return name_source_ok(s) || (strlen(s) == 1 && name_suite_ok(s));
}

int
tree_prefixes(const struct spool *s, const char *suite, const char *arch,
	struct strs *prefixes, struct fail *f)
{
	char *path = mem_printf("autopkgtest/%s/%s", suite, arch);
	int rc = names_in(s, path, is_prefix, prefixes, f);

	free(path);
	return rc;
}

struct walk {
	const struct spool *s;
	const char *suite, *arch;
	int (*each)(void *context, const char *arch, const char *source,
		const char *run_id);
	void *context;
	bool stopped;
};

static int
walk_package(struct walk *w, const char *source, struct fail *f)
{
	struct strs runs = { 0 };
	int rc = tree_runs(w->s, w->suite, w->arch, source, &runs, f);

	for (size_t i = 0; rc == 0 && !w->stopped && i < runs.n; i++)
		w->stopped = w->each(w->context, w->arch, source,
		    runs.v[i]) != 0;
	strs_free(&runs);
	return rc;
}

int
tree_sources(const struct spool *s, const char *suite, const char *arch,
	struct strs *sources, struct fail *f)
{
	struct strs prefixes = { 0 };
	int rc = tree_prefixes(s, suite, arch, &prefixes, f);

	for (size_t i = 0; rc == 0 && i < prefixes.n; i++) {
		char *below = mem_printf("autopkgtest/%s/%s/%s", suite, arch,
		    prefixes.v[i]);
		struct strs some = { 0 };

		rc = names_in(s, below, name_source_ok, &some, f);
		strs_add_all(sources, &some);
		strs_free(&some);
		free(below);
	}
	strs_free(&prefixes);
	return rc;
}

static int
walk_arch(struct walk *w, struct fail *f)
{
	struct strs sources = { 0 };
	int rc = tree_sources(w->s, w->suite, w->arch, &sources, f);

	for (size_t k = 0; rc == 0 && !w->stopped && k < sources.n; k++)
		rc = walk_package(w, sources.v[k], f);
	strs_free(&sources);
	return rc;
}

int
tree_names(const struct spool *s, const char *suite,
	int (*each)(void *context, const char *arch, const char *source,
	const char *run_id), void *context, struct fail *f)
{
	struct walk w = { .s = s, .suite = suite, .each = each,
	    .context = context };
	struct strs archs = { 0 };
	int rc = tree_archs(s, suite, &archs, f);

	for (size_t i = 0; rc == 0 && !w.stopped && i < archs.n; i++) {
		w.arch = archs.v[i];
		rc = walk_arch(&w, f);
	}
	strs_free(&archs);
	return rc;
}

struct reading {
	const struct spool *s;
	const char *suite;
	char first[CLOCK_TEXT_MAX];	/* the first run id of interest */
	int (*each)(void *context, const struct result *r, const char *run_id);
	void *context;
};

static int
read_run(void *context, const char *arch, const char *source,
	const char *run_id)
{
	struct reading *in = context;
	struct fail passed;
	struct result r;
	int stop = 0;

	if (strcmp(run_id, in->first) < 0)
		return 0;
	if (tree_result(in->s, in->suite, arch, source, run_id, &r,
	    &passed) == 0)
		stop = in->each(in->context, &r, run_id);
	result_free(&r);
	return stop;
}

int
tree_each(const struct spool *s, const char *suite, int64_t since_s,
	int (*each)(void *context, const struct result *r, const char *run_id),
	void *context, struct fail *f)
{
	struct reading in = { .s = s, .suite = suite, .each = each,
	    .context = context };

	clock_format(in.first, "%Y%m%d_%H%M%S@", since_s);
	return tree_names(s, suite, read_run, &in, f);
}
