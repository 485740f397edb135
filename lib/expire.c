/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "expire.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "notice.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

struct expiry {
	const struct spool *s;
	const struct expire_options *o;
	struct expire_report *r;
	char first[CLOCK_TEXT_MAX];	/* the first run id that is not old */
	struct strs marked;		/* notices "gone", sorted */
	struct notice package;		/* the run id is none's */
};

static int
keep_gone(void *context, const char *name, unsigned char type)
{
	struct notice n;

	(void)type;
	if (notice_parse(&n, name) == 0 && n.kind == NOTICE_GONE)
		strs_add(context, name);
	return 0;
}

static struct notice
run_of(const struct expiry *x, const char *run_id)
{
	struct notice run = x->package;

	(void)snprintf(run.run_id, sizeof run.run_id, "%s", run_id);
	return run;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_marked(const struct expiry *x, const char *run_id)
{
	struct notice run = run_of(x, run_id);
	char name[NOTICE_NAME_MAX], *key = name;

	notice_format(name, &run);
	return x->marked.n && bsearch(&key, x->marked.v, x->marked.n,
	    sizeof *x->marked.v, by_name) != NULL;
}

/* The runs of the package that nobody has marked yet, oldest first. */
static int
list_runs(const struct expiry *x, struct strs *runs, struct fail *f)
{
	struct strs all = { 0 };
	int rc = tree_runs(x->s, x->package.suite, x->package.arch,
	    x->package.source, &all, f);

	for (size_t i = 0; i < all.n; i++)
		if (!is_marked(x, all.v[i]))
			strs_add(runs, all.v[i]);
	strs_free(&all);
	return rc;
}

/*
 * Sets pass to the place of the newest one that passed, or to runs->n.  What is
 * no result, or has none, did not; what cannot be read now may have, so -1.
 */
static int
find_pass(const struct expiry *x, const struct strs *runs, size_t *pass,
	struct fail *f)
{
	const struct notice *p = &x->package;

	*pass = runs->n;
	for (size_t i = runs->n; i-- > 0 && *pass == runs->n; ) {
		struct result r;

		if (tree_result(x->s, p->suite, p->arch, p->source, runs->v[i],
		    &r, f) == 0) {
			if (strcmp(r.status, "pass") == 0)
				*pass = i;
		} else if (f->err != ENOENT && f->status != EX_DATAERR) {
			return -1;
		}
		result_free(&r);
	}
	return 0;
}

struct measure {
	int dir;
	int64_t bytes;
};

static int
measure_file(void *context, const char *name, unsigned char type)
{
	struct measure *m = context;
	struct stat st;

	(void)type;
	if (fstatat(m->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		m->bytes += st.st_size;
	return 0;
}

static int64_t
bytes_of(const struct expiry *x, const struct notice *run)
{
	char path[NOTICE_PATH_MAX];
	struct measure m = { 0 };
	struct fail passed;

	notice_path(path, run);
	m.dir = fs_open_dir(x->s->results, path);
	if (m.dir < 0)
		return 0;
	(void)fs_each(m.dir, ".", measure_file, &m, &passed);
	(void)close(m.dir);
	return m.bytes;
}

static int
mark(struct expiry *x, const char *run_id, struct fail *f)
{
	struct notice run = run_of(x, run_id);

	x->r->bytes += bytes_of(x, &run);
	x->r->runs++;
	if (x->o->going)
		x->o->going(x->o->context, &run);
	return x->o->dry_run ? 0 : notice_drop(x->s, NOTICE_GONE, run.suite,
	    run.arch, run.source, run.run_id, f);
}

/*
 * The newest stay, whatever they are; of the others those that are old go, but
 * for the newest that passed.  No result is read where none is old.
 */
static int
judge(struct expiry *x, const struct strs *runs, struct fail *f)
{
	size_t keep = x->o->keep_last ? x->o->keep_last : 1;
	size_t old = 0, pass = 0, before = x->r->runs;
	struct fail why;
	int rc = 0;

	while (old < runs->n && strcmp(runs->v[old], x->first) < 0)
		old++;
	if (!old)
		return 0;
	if (runs->n > keep && find_pass(x, runs, &pass, &why) != 0) {
		x->r->unread++;
		(void)snprintf(x->r->why, sizeof x->r->why, "%.255s",
		    why.text);
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < old; i++)
		if (i == pass || i + keep >= runs->n)
			x->r->kept++;
		else
			rc = mark(x, runs->v[i], f);
	x->r->packages += x->r->runs > before;
	return rc;
}

static int
look_at_arch(struct expiry *x, const char *suite, const char *arch,
	struct fail *f)
{
	struct strs sources = { 0 };
	char *what = mem_printf("%s/%s", suite, arch);
	int rc = tree_sources(x->s, suite, arch, &sources, f);

	(void)snprintf(x->package.suite, sizeof x->package.suite, "%s", suite);
	(void)snprintf(x->package.arch, sizeof x->package.arch, "%s", arch);
	for (size_t i = 0; rc == 0 && i < sources.n; i++) {
		struct strs runs = { 0 };

		(void)snprintf(x->package.source, sizeof x->package.source,
		    "%s", sources.v[i]);
		if (x->o->progress)
			x->o->progress(x->o->context, what, i, sources.n);
		rc = list_runs(x, &runs, f);
		if (rc == 0)
			rc = judge(x, &runs, f);
		strs_free(&runs);
	}
	strs_free(&sources);
	free(what);
	return rc;
}

static int
look_at_suite(struct expiry *x, const char *suite, struct fail *f)
{
	struct strs archs = { 0 };
	int rc = tree_archs(x->s, suite, &archs, f);

	for (size_t i = 0; rc == 0 && i < archs.n; i++)
		rc = look_at_arch(x, suite, archs.v[i], f);
	strs_free(&archs);
	return rc;
}

int
expire(const struct spool *s, const struct expire_options *o,
	struct expire_report *r, struct fail *f)
{
	struct expiry x = { .s = s, .o = o, .r = r,
	    .package = { .kind = NOTICE_GONE } };
	struct strs suites = { 0 };
	int rc;

	*r = (struct expire_report){ 0 };
	clock_format(x.first, "%Y%m%d_%H%M%S@", o->before_s);
	rc = notice_each(s, keep_gone, &x.marked, f);
	strs_sort(&x.marked);
	r->waiting = x.marked.n;
	if (rc == 0 && o->suite)
		strs_add(&suites, o->suite);
	else if (rc == 0)
		rc = tree_suites(s, &suites, f);
	for (size_t i = 0; rc == 0 && i < suites.n; i++)
		rc = look_at_suite(&x, suites.v[i], f);
	strs_free(&suites);
	strs_free(&x.marked);
	return rc;
}
