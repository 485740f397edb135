/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "manifest.h"
#include "mem.h"
#include "results.h"
#include "results_pick.h"
#include "spool.h"
#include "tree.h"

/* A run id is the publisher's time, a manifest's name the indexer's. */
enum { SKEW_S = 3600 };

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
		strs_addf(&k->p->packages, "%s,%s,%s", suite, arch, source);
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
static int
pick_line(void *context, const struct notice *n)
{
	struct pick *k = context;
	const struct results_query *q = k->q;

	if (n->kind != NOTICE_NEW ||
	    (q->suite && strcmp(q->suite, n->suite) != 0) ||
	    (q->arch && strcmp(q->arch, n->arch) != 0))
		return 0;
	strs_addf(&k->p->packages, "%s,%s,%s", n->suite, n->arch, n->source);
	add_run(k, n->run_id);
	return 0;
}

static int
pick_notice(void *context, const char *name, unsigned char type)
{
	struct notice n;

	(void)type;
	return notice_parse(&n, name) == 0 ? pick_line(context, &n) : 0;
}

/*
 * Whether the manifests reach back to that time; m is then where to begin, with
 * no hour where there is nothing to read.
 */
static int
find_mark(struct pick *k, bool *reach, struct manifest_mark *m, struct fail *f)
{
	struct strs hours = { 0 };
	char first[CLOCK_TEXT_MAX];
	int rc = manifest_hours(k->s, &hours, f);

	clock_format(first, "%Y%m%dT%H", k->q->since_s - SKEW_S);
	*m = (struct manifest_mark){ .offset = 0 };
	*reach = hours.n && strcmp(hours.v[0], first) <= 0;
	for (size_t i = 0; i < hours.n && !m->hour[0]; i++)
		if (strcmp(hours.v[i], first) >= 0)
			memcpy(m->hour, hours.v[i], MANIFEST_HOUR_MAX);
	strs_free(&hours);
	return rc;
}

/*
 * Notices first: one that is indexed meanwhile is then seen as a line of a
 * manifest, and so at least once.
 */
static int
pick_from_manifests(struct pick *k, struct manifest_mark *m, struct fail *f)
{
	tell(k->q, "reading manifests", 0, 1);
	if (notice_each(k->s, pick_notice, k, f) != 0)
		return -1;
	return m->hour[0] ? manifest_read(k->s, m, pick_line, k, f) : 0;
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
	struct manifest_mark m;
	bool reach = false;
	int rc = 0;

	if (q->since_s && !q->package)
		rc = find_mark(&k, &reach, &m, f);
	if (rc == 0)
		rc = reach ? pick_from_manifests(&k, &m, f) :
		    pick_from_tree(&k, f);
	sort_and_dedupe(p);
	return rc;
}

void
results_picks_get(const struct results_picks *p, size_t i, struct notice *n)
{
	char run_id[CLOCK_TEXT_MAX], *name;

	clock_format(run_id, "%Y%m%d_%H%M%S@", p->runs[i].published_s);
	name = mem_printf("new,%s,%s", p->packages.v[p->runs[i].package],
	    run_id);
	(void)notice_parse(n, name);
	free(name);
}

void
results_picks_free(struct results_picks *p)
{
	free(p->runs);
	strs_free(&p->packages);
	*p = (struct results_picks){ 0 };
}
