/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data files that debci has in its data directory.  A package's history is
 * that of its newest HISTORY_MOST runs, and that of a suite goes DAYS_MOST days
 * back: so what one result costs is bounded.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "entry.h"
#include "export_file.h"
#include "export_index.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "mem.h"
#include "name.h"
#include "spool.h"
#include "store.h"
#include "store_data.h"
#include "store_due.h"

enum { HISTORY_MOST = 100, DAYS_MOST = 180, DAY_S = 86400 };

/* Replaces a file where it is not as it should be. */
static int
put(const struct export_index *x, const char *target, const struct buf *text,
	struct fail *f)
{
	struct buf now = { 0 };
	int rc = fs_read(x->spool->results, target, text->len, &now, f);
	bool same = rc == 0 && now.len == text->len &&
	    memcmp(now.s, text->s, text->len) == 0;

	buf_free(&now);
	return same ? 0 :
	    x->place->put(x->place->of, target, text->s, text->len, f);
}

/* A run, for as long as its package is worked on. */
struct job {
	char *run_id, *entry, *status, *version;
	int64_t finished_s;
	bool plain;
};

struct jobs {
	struct job v[HISTORY_MOST];	/* newest first */
	size_t n;
};

static int
keep_job(void *context, const struct store_run *run)
{
	struct jobs *l = context;

	l->v[l->n++] = (struct job){ .run_id = mem_dup(run->run_id),
	    .entry = mem_dup(run->entry), .status = mem_dup(run->status),
	    .version = mem_dup(run->version ? run->version : "n/a"),
	    .finished_s = run->finished_s, .plain = run->plain };
	return 0;
}

static void
jobs_free(struct jobs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].run_id);
		free(l->v[i].entry);
		free(l->v[i].status);
		free(l->v[i].version);
	}
	l->n = 0;
}

/* Appends a job: what the run says itself, and how those before it went. */
static void
put_job(struct buf *out, const struct job *j, const struct store_before *b)
{
	struct json_writer w = { .out = out, .depth = 1,
	    .filled = { true, true } };

	buf_add(out, j->entry);
	json_put_string(&w, "previous_status", b->status);
	entry_put_time(&w, "last_pass_date", b->pass_s);
	json_put_string(&w, "last_pass_version", b->pass_version);
	json_put_object_end(&w);
}

static void
step(struct store_before *b, const struct job *j)
{
	if (!j->plain)
		return;
	free(b->status);
	b->status = mem_dup(j->status);
	if (strcmp(j->status, "pass") != 0)
		return;
	free(b->pass_version);
	b->pass_version = mem_dup(j->version);
	b->pass_s = j->finished_s;
}

/* history gets a list of them, oldest first, and latest the last. */
static int
put_jobs(const struct export_index *x, const struct store_package *p,
	struct buf *history, struct buf *latest, struct fail *f)
{
	struct store_query q = { .suite = p->suite, .arch = p->arch,
	    .source = p->source, .newest_first = true,
	    .limit = HISTORY_MOST };
	struct store_before before = { 0 };
	struct jobs l = { .n = 0 };
	int rc = store_each(x->store, &q, keep_job, &l, f);

	if (rc == 0 && l.n > 0)
		rc = store_before(x->store, p->id, l.v[l.n - 1].run_id,
		    &before, f);
	buf_add(history, "[");
	for (size_t i = l.n; rc == 0 && i-- > 0; ) {
		buf_reset(latest);
		put_job(latest, &l.v[i], &before);
		buf_add(history, i + 1 < l.n ? ",\n" : "\n");
		buf_addn(history, latest->s, latest->len);
		step(&before, &l.v[i]);
	}
	buf_add(history, "\n]\n");
	if (l.n == 0)
		buf_add(latest, "null");
	buf_add(latest, "\n");
	store_before_free(&before);
	jobs_free(&l);
	return rc;
}

static int
write_package(const struct export_index *x, const struct store_package *p,
	struct fail *f)
{
	struct buf history = { 0 }, latest = { 0 };
	char prefix[5], *folder, *target;
	int rc = put_jobs(x, p, &history, &latest, f);

	name_pool_prefix(prefix, p->source);
	folder = mem_printf("packages/%s/%s/%s/%s", p->suite, p->arch, prefix,
	    p->source);
	target = mem_printf("%s/history.json", folder);
	if (rc == 0)
		rc = put(x, target, &history, f);
	free(target);
	target = mem_printf("%s/latest.json", folder);
	if (rc == 0)
		rc = put(x, target, &latest, f);
	free(target);
	free(folder);
	buf_free(&history);
	buf_free(&latest);
	return rc;
}

static char *
newest_path(const struct store_package *p)
{
	return mem_printf("status/%s/%s/packages.json", p->suite, p->arch);
}

static bool
has_newest(const struct export_index *x, const struct store_package *p)
{
	char *path = newest_path(p);
	bool has = faccessat(x->spool->results, path, F_OK, 0) == 0;

	free(path);
	return has;
}

/*
 * In a transaction: what packages.json is to say of it.  Where no plain run has
 * changed, the files of its suite and architecture stay as they are.
 */
static int
finish_package(const struct export_index *x, const struct store_package *p,
	struct fail *f)
{
	struct store_query q = { .suite = p->suite, .arch = p->arch,
	    .source = p->source, .plain = true, .newest_first = true,
	    .limit = 1 };
	struct store_before before = { 0 };
	struct jobs l = { .n = 0 };
	struct buf text = { 0 };
	int rc = store_each(x->store, &q, keep_job, &l, f);

	if (rc == 0 && l.n > 0)
		rc = store_before(x->store, p->id, l.v[0].run_id, &before, f);
	if (rc == 0 && l.n > 0)
		put_job(&text, &l.v[0], &before);
	if (rc == 0)
		rc = store_package_done(x->store, p, text.s,
		    l.n > 0 ? l.v[0].status : NULL, f);
	if (rc == 0 && (p->plain || !has_newest(x, p)))
		rc = store_due_arch_add(x->store, p, f);
	buf_free(&text);
	store_before_free(&before);
	jobs_free(&l);
	return rc;
}

static int
write_packages(const struct export_index *x, size_t most, struct fail *f)
{
	struct store_packages l = { 0 };
	struct fail passed;
	int rc = store_due_packages(x->store, most, &l, f);

	for (size_t i = 0; rc == 0 && i < l.n; i++)
		rc = write_package(x, &l.v[i], f);
	if (rc == 0)
		rc = store_begin(x->store, f);
	if (rc == 0) {
		for (size_t i = 0; rc == 0 && i < l.n; i++)
			rc = finish_package(x, &l.v[i], f);
		if (rc == 0)
			rc = store_commit(x->store, f);
		if (rc != 0)
			(void)store_undo(x->store, &passed);
	}
	store_packages_free(&l);
	return rc;
}

/* packages.json while it is written. */
struct newest {
	struct export_file file;
	bool filled;
	int rc;
	struct fail *f;
};

static int
add_newest(void *context, const char *text)
{
	struct newest *n = context;

	buf_add(&n->file.text, n->filled ? ",\n" : "\n");
	buf_add(&n->file.text, text);
	n->filled = true;
	n->rc = export_file_more(&n->file, n->f);
	return n->rc;
}

static int
write_newest(const struct export_index *x, const struct store_package *p,
	struct fail *f)
{
	char *target = newest_path(p);
	struct newest n = { .f = f };
	int rc = export_file_begin(&n.file, x->place, "packages.json", f);

	if (rc == 0) {
		buf_add(&n.file.text, "[");
		rc = store_each_newest(x->store, p->suite, p->arch,
		    add_newest, &n, f);
	}
	if (rc == 0 && (rc = n.rc) == 0) {
		buf_add(&n.file.text, "\n]\n");
		rc = export_file_end(&n.file, target, f);
	} else {
		export_file_give_up(&n.file);
	}
	free(target);
	return rc;
}

/* The days of a suite and an architecture while they are written. */
struct days {
	const struct export_index *x;
	const struct store_package *p;
	const char *first;	/* that history.json tells of */
	struct buf history, last;
	int rc;
	struct fail *f;
};

static void
put_day(struct buf *out, const struct store_day *d)
{
	struct json_writer w = { .out = out };
	char date[CLOCK_TEXT_MAX];
	int64_t s = 0;

	(void)clock_parse(d->run_id, &s);
	clock_format(date, "%Y-%m-%dT%H:%M:%S", s);
	json_put_object(&w, NULL);
	json_put_number(&w, "pass", d->pass);
	json_put_number(&w, "fail", d->fail);
	json_put_number(&w, "neutral", d->neutral);
	json_put_number(&w, "tmpfail", d->tmpfail);
	json_put_number(&w, "total",
	    d->pass + d->fail + d->neutral + d->tmpfail);
	json_put_string(&w, "date", s ? date : NULL);
	json_put_object_end(&w);
	buf_add(out, "\n");
}

/* Days that were over before the first change are as they were. */
static int
add_day(void *context, const struct store_day *d)
{
	struct days *all = context;
	const struct store_package *p = all->p;
	char *target;

	buf_reset(&all->last);
	put_day(&all->last, d);
	if (strcmp(d->day, all->first) < 0)
		return 0;
	buf_add(&all->history, all->history.len ? ",\n" : "[\n");
	buf_addn(&all->history, all->last.s, all->last.len - 1);
	target = mem_printf("status/%s/%s/%.4s/%.2s/%.2s.json", p->suite,
	    p->arch, d->day, d->day + 4, d->day + 6);
	if (strcmp(d->day, p->day) >= 0)
		all->rc = put(all->x, target, &all->last, all->f);
	free(target);
	return all->rc;
}

static int
write_days(const struct export_index *x, const struct store_package *p,
	struct fail *f)
{
	char first[CLOCK_TEXT_MAX];
	struct days all = { .x = x, .p = p, .first = first, .f = f };
	char *folder = mem_printf("status/%s/%s", p->suite, p->arch), *target;
	int rc;

	clock_format(first, "%Y%m%d", clock_now_s() - DAYS_MOST * DAY_S);
	rc = store_each_day(x->store, p->suite, p->arch, add_day, &all, f);
	if (rc == 0)
		rc = all.rc;
	buf_add(&all.history, all.history.len ? "\n]\n" : "[]\n");
	target = mem_printf("%s/history.json", folder);
	if (rc == 0)
		rc = put(x, target, &all.history, f);
	free(target);
	target = mem_printf("%s/status.json", folder);
	if (all.last.len == 0)
		put_day(&all.last, &(struct store_day){ .pass = 0 });
	if (rc == 0)
		rc = put(x, target, &all.last, f);
	free(target);
	free(folder);
	buf_free(&all.history);
	buf_free(&all.last);
	return rc;
}

int
export_index_data(const struct export_index *x, size_t most, size_t *left,
	struct fail *f)
{
	struct store_packages archs = { 0 };
	int64_t n;
	int rc = write_packages(x, most, f);

	if (rc == 0)
		rc = store_due_archs(x->store, &archs, f);
	for (size_t i = 0; rc == 0 && i < archs.n; i++) {
		rc = write_newest(x, &archs.v[i], f);
		if (rc == 0)
			rc = write_days(x, &archs.v[i], f);
		if (rc == 0)
			rc = store_due_arch_done(x->store, &archs.v[i], f);
	}
	if (rc == 0)
		rc = store_due_packages_count(x->store, &n, f);
	if (rc == 0)
		*left = (size_t)n;
	store_packages_free(&archs);
	return rc;
}
