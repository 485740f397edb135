/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many packages stood how at the end of each day, kept as what a day
 * changed: a run takes its package out of the count of the plain run before
 * it and into its own.  So one run costs a few rows, whatever day it is of.
 * The word "" counts a day's runs: a day without one is not told.
 */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
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
	struct sql_query *q = store_compiled(s, text, f);
	int rc;

	*n = (struct next){ 0 };
	if (!q)
		return -1;
	sql_bind_number(q, 1, package);
	sql_bind_text(q, 2, run_id);
	rc = sql_step(q, f);
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
