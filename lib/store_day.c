/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many packages stood how at the end of each day, kept as what a day
 * changed: a run takes its package out of the count of the plain run before
 * it and into its own.  So one run costs a few rows, whatever day it is of.
 * The word "" counts a day's runs: a day without one is not told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
#include "store_data.h"
#include "store_inside.h"

/* A plain run next to one that is put in or taken out. */
struct next {
	char day[9];		/* "" where there is none */
	char *status;
};

static int
find_next(struct store *s, const char *text, int64_t package,
	const char *run_id, struct next *n, struct fail *f)
{
	struct sql_query *q = store_about(s, text, package, run_id, f);
	int rc = q ? sql_step(q, f) : -1;

	*n = (struct next){ 0 };
	if (rc == 1) {
		memcpy(n->day, sql_text(q, 0), 8);
		n->status = mem_dup(sql_text(q, 1));
	}
	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

static int
add(struct store *s, int64_t package, const char *day, const char *status,
	int more, struct fail *f)
{
	static const char text[] = "INSERT INTO day SELECT suite, arch, ?2, "
	    "?3, ?4 FROM package WHERE id = ?1 ON CONFLICT DO UPDATE SET "
	    "more = more + excluded.more";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, package);
	sql_bind_text(q, 2, day);
	sql_bind_text(q, 3, status);
	sql_bind_number(q, 4, more);
	return sql_do(q, f);
}

/* With sign 1 the run is put between its neighbours, with -1 taken out. */
static int
change(struct store *s, int64_t package, const char *run_id,
	const char *status, int sign, struct fail *f)
{
	static const char before[] = "SELECT substr(run_id, 1, 8), status "
	    "FROM run WHERE plain AND package = ?1 AND run_id < ?2 "
	    "ORDER BY run_id DESC LIMIT 1";
	static const char after[] = "SELECT substr(run_id, 1, 8), status "
	    "FROM run WHERE plain AND package = ?1 AND run_id > ?2 "
	    "ORDER BY run_id LIMIT 1";
	struct next last, next = { 0 };
	char day[9] = "";
	int rc = find_next(s, before, package, run_id, &last, f);

	memcpy(day, run_id, 8);
	if (rc == 0)
		rc = find_next(s, after, package, run_id, &next, f);
	if (rc == 0)
		rc = add(s, package, day, "", sign, f);
	if (rc == 0)
		rc = add(s, package, day, status, sign, f);
	if (rc == 0 && last.status)
		rc = add(s, package, day, last.status, -sign, f);
	if (rc == 0 && next.status)
		rc = add(s, package, next.day, status, -sign, f);
	if (rc == 0 && next.status && last.status)
		rc = add(s, package, next.day, last.status, sign, f);
	free(last.status);
	free(next.status);
	return rc;
}

int
store_day_put(struct store *s, int64_t package, const char *run_id,
	const char *status, struct fail *f)
{
	return change(s, package, run_id, status, 1, f);
}

int
store_day_remove(struct store *s, int64_t package, const char *run_id,
	const char *status, struct fail *f)
{
	return change(s, package, run_id, status, -1, f);
}

/* The last plain run of a day, of which it says when the day was counted. */
static int
find_last(struct store *s, const char *suite, const char *arch,
	struct store_day *d, struct fail *f)
{
	static const char text[] = "SELECT run.run_id FROM run JOIN package "
	    "ON package.id = run.package WHERE run.suite = ?1 AND arch = ?2 "
	    "AND plain AND run.run_id > ?3 AND run.run_id < ?3 || 'a' "
	    "ORDER BY run.run_id DESC LIMIT 1";
	struct sql_query *q = store_compiled(s, text, f);
	int rc;

	if (!q)
		return -1;
	sql_bind_text(q, 1, suite);
	sql_bind_text(q, 2, arch);
	sql_bind_text(q, 3, d->day);
	rc = sql_step(q, f);
	if (rc == 1)
		(void)snprintf(d->run_id, sizeof d->run_id, "%s",
		    sql_text(q, 0));
	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

struct days {
	struct store_day *v;
	size_t n, room;
};

/* The sums of what the days changed; of those without a run, nothing. */
static int
sum_up(struct store *s, const char *suite, const char *arch, struct days *l,
	struct fail *f)
{
	static const char text[] = "SELECT day, sum(CASE status WHEN '' THEN "
	    "more END), sum(CASE status WHEN 'pass' THEN more ELSE 0 END), "
	    "sum(CASE status WHEN 'fail' THEN more ELSE 0 END), "
	    "sum(CASE status WHEN 'neutral' THEN more ELSE 0 END), "
	    "sum(CASE status WHEN 'tmpfail' THEN more ELSE 0 END) FROM day "
	    "WHERE suite = ?1 AND arch = ?2 GROUP BY day ORDER BY day";
	struct sql_query *q = store_compiled(s, text, f);
	struct store_day sum = { 0 };
	int rc = 1;

	if (!q)
		return -1;
	sql_bind_text(q, 1, suite);
	sql_bind_text(q, 2, arch);
	while ((rc = sql_step(q, f)) == 1) {
		sum.pass += sql_column(q, 2);
		sum.fail += sql_column(q, 3);
		sum.neutral += sql_column(q, 4);
		sum.tmpfail += sql_column(q, 5);
		(void)snprintf(sum.day, sizeof sum.day, "%s",
		    sql_text(q, 0));
		if (sql_column(q, 1) <= 0)
			continue;
		if (l->n == l->room) {
			l->room = l->room ? 2 * l->room : 64;
			l->v = mem_grow(l->v, l->room, sizeof *l->v);
		}
		l->v[l->n++] = sum;
	}
	sql_reset(q);
	return rc;
}

int
store_each_day(struct store *s, const char *suite, const char *arch,
	int (*each)(void *context, const struct store_day *d), void *context,
	struct fail *f)
{
	struct days l = { 0 };
	int rc = sum_up(s, suite, arch, &l, f);

	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		rc = find_last(s, suite, arch, &l.v[i], f);
		if (rc == 0 && each(context, &l.v[i]) != 0)
			break;
	}
	free(l.v);
	return rc;
}
