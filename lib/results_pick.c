/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "results.h"
#include "results_pick.h"
#include "spool.h"
#include "tree.h"

enum {
	MANIFEST_SIZE_MOST = 1 << 30,
	/* A run id is the publisher's time, a manifest's name the indexer's. */
	SKEW_S = 3600,
};

struct pick {
	const struct spool *s;
	const struct results_query *q;
	struct results_picks *p;
};

static void
tell(const struct results_query *q, const char *what, size_t part, size_t of)
{
	if (q->progress)
		q->progress(q->context, what, part, of);
}

/* Adds a run of the last package, unless it is too old. */
static void
add_run(struct pick *k, const char *run_id)
{
	struct results_picks *p = k->p;
	int64_t s;

	if (clock_parse(run_id, &s) != 0 || s < k->q->since_s)
		return;
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 256;
		p->runs = mem_grow(p->runs, p->room, sizeof *p->runs);
	}
	p->runs[p->n++] = (struct results_run){ s,
	    (uint32_t)(p->packages.n - 1) };
}

static int
pick_package(struct pick *k, const char *suite, const char *arch,
	const char *source, struct fail *f)
{
	struct strs runs = { 0 };
	int rc = tree_runs(k->s, suite, arch, source, &runs, f);

	if (runs.n)
		strs_addf(&k->p->packages, "%s/%s/%s", suite, arch, source);
	for (size_t i = 0; i < runs.n; i++)
		add_run(k, runs.v[i]);
	strs_free(&runs);
	return rc;
}

static int
pick_arch(struct pick *k, const char *suite, const char *arch, struct fail *f)
{
	struct strs sources = { 0 };
	char *what = mem_printf("%s/%s", suite, arch);
	int rc;

	if (k->q->package)
		strs_add(&sources, k->q->package);
	rc = k->q->package ? 0 : tree_sources(k->s, suite, arch, &sources, f);
	for (size_t i = 0; rc == 0 && i < sources.n; i++) {
		tell(k->q, what, i, sources.n);
		rc = pick_package(k, suite, arch, sources.v[i], f);
	}
	strs_free(&sources);
	free(what);
	return rc;
}

static int
pick_suite(struct pick *k, const char *suite, struct fail *f)
{
	struct strs archs = { 0 };
	int rc = 0;

	if (k->q->arch)
		strs_add(&archs, k->q->arch);
	else
		rc = tree_archs(k->s, suite, &archs, f);
	for (size_t i = 0; rc == 0 && i < archs.n; i++)
		rc = pick_arch(k, suite, archs.v[i], f);
	strs_free(&archs);
	return rc;
}

static int
pick_from_tree(struct pick *k, struct fail *f)
{
	struct strs suites = { 0 };
	int rc = 0;

	k->p->walked = !k->q->package;
	if (k->q->suite)
		strs_add(&suites, k->q->suite);
	else
		rc = tree_suites(k->s, &suites, f);
	for (size_t i = 0; rc == 0 && i < suites.n; i++)
		rc = pick_suite(k, suites.v[i], f);
	strs_free(&suites);
	return rc;
}

/* Whether it went is told by reading it: a manifest may be behind. */
static void
pick_address(void *context, const struct address *a, bool came)
{
	struct pick *k = context;
	const struct results_query *q = k->q;

	if (!came || (q->suite && strcmp(q->suite, a->suite) != 0) ||
	    (q->arch && strcmp(q->arch, a->arch) != 0))
		return;
	strs_addf(&k->p->packages, "%s/%s/%s", a->suite, a->arch, a->source);
	add_run(k, a->run_id);
}

/* What was published and has not been indexed: "new,SUITE,ARCH,SOURCE,RUN". */
static int
pick_notice(void *context, const char *name, unsigned char type)
{
	struct strs part = { 0 };
	struct address a;

	(void)type;
	strs_split(&part, name, ",");
	if (part.n == 5 && strcmp(part.v[0], "new") == 0 &&
	    address_set(&a, part.v[1], part.v[2], part.v[3], part.v[4]) == 0)
		pick_address(context, &a, true);
	strs_free(&part);
	return 0;
}

static int
pick_manifest(struct pick *k, const char *hour, struct fail *f)
{
	char *path = mem_printf("manifests/%s", hour);
	struct buf b = { 0 };
	int rc = fs_read(k->s->results, path, MANIFEST_SIZE_MOST, &b, f);

	if (rc == 0)
		(void)address_each(b.s, b.len, pick_address, k);
	buf_free(&b);
	free(path);
	return rc;
}

/* Appends the hours to read; none where the manifests do not reach back. */
static int
list_hours(struct pick *k, struct strs *hours, struct fail *f)
{
	struct strs all = { 0 };
	char first[CLOCK_TEXT_MAX];
	bool reach = false;

	if (fs_list(k->s->results, "manifests", SIZE_MAX, &all, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	clock_format(first, "%Y%m%dT%H", k->q->since_s - SKEW_S);
	strs_sort(&all);
	for (size_t i = 0; i < all.n; i++) {
		if (!address_hour_ok(all.v[i]))
			continue;
		reach = reach || strcmp(all.v[i], first) <= 0;
		if (reach && strcmp(all.v[i], first) >= 0)
			strs_add(hours, all.v[i]);
	}
	strs_free(&all);
	/* The hour before first was the last one in which anything happened. */
	if (reach && !hours->n)
		strs_add(hours, first);
	return 0;
}

/*
 * Notices first: one that is indexed meanwhile is then seen as a line of a
 * manifest, and so at least once.
 */
static int
pick_from_manifests(struct pick *k, const struct strs *hours, struct fail *f)
{
	int rc = fs_each(k->s->results, ".index/notices", pick_notice, k, f);

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	for (size_t i = 0; rc == 0 && i < hours->n; i++) {
		tell(k->q, hours->v[i], i, hours->n);
		rc = pick_manifest(k, hours->v[i], f);
		if (rc != 0 && f->err == ENOENT)
			rc = 0;
	}
	return rc;
}

static int
newer(const void *x, const void *y, void *packages)
{
	const struct results_run *a = x, *b = y;
	const struct strs *names = packages;

	if (a->published_s != b->published_s)
		return a->published_s < b->published_s ? 1 : -1;
	return strcmp(names->v[a->package], names->v[b->package]);
}

static void
sort_and_dedupe(struct results_picks *p)
{
	size_t n = 0;

	if (p->n)
		qsort_r(p->runs, p->n, sizeof *p->runs, newer, &p->packages);
	for (size_t i = 0; i < p->n; i++)
		if (n == 0 || newer(&p->runs[n - 1], &p->runs[i],
		    &p->packages) != 0)
			p->runs[n++] = p->runs[i];
	p->n = n;
}

int
results_pick(const struct spool *s, const struct results_query *q,
	struct results_picks *p, struct fail *f)
{
	struct pick k = { s, q, p };
	struct strs hours = { 0 };
	int rc = 0;

	if (q->since_s && !q->package)
		rc = list_hours(&k, &hours, f);
	if (rc == 0)
		rc = hours.n ? pick_from_manifests(&k, &hours, f) :
		    pick_from_tree(&k, f);
	strs_free(&hours);
	sort_and_dedupe(p);
	return rc;
}

void
results_picks_get(const struct results_picks *p, size_t i, struct address *a)
{
	char run_id[CLOCK_TEXT_MAX];
	struct strs part = { 0 };

	clock_format(run_id, "%Y%m%d_%H%M%S@", p->runs[i].published_s);
	strs_split(&part, p->packages.v[p->runs[i].package], "/");
	(void)address_set(a, part.v[0], part.v[1], part.v[2], run_id);
	strs_free(&part);
}

void
results_picks_free(struct results_picks *p)
{
	free(p->runs);
	strs_free(&p->packages);
	*p = (struct results_picks){ 0 };
}
