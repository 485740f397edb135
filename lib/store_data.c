/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
#include "store_data.h"
#include "store_inside.h"

static void
add(struct store_packages *l, struct sql_query *q)
{
	struct store_package *p;

	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->v = mem_grow(l->v, l->room, sizeof *l->v);
	}
	p = &l->v[l->n++];
	*p = (struct store_package){ .id = sql_column(q, 0),
	    .suite = mem_dup(sql_text(q, 1)), .arch = mem_dup(sql_text(q, 2)),
	    .source = mem_dup(sql_text(q, 3)) };
	(void)snprintf(p->day, sizeof p->day, "%s", sql_text(q, 4));
	p->plain = sql_column(q, 5) != 0;
}

void
store_packages_free(struct store_packages *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].suite);
		free(l->v[i].arch);
		free(l->v[i].source);
	}
	free(l->v);
	*l = (struct store_packages){ 0 };
}

static int
add_all(struct sql_query *q, struct store_packages *l, struct fail *f)
{
	int rc = 1;

	while (rc == 1 && (rc = sql_step(q, f)) == 1)
		add(l, q);
	sql_reset(q);
	return rc;
}

int
store_due_packages(struct store *s, size_t most, struct store_packages *l,
	struct fail *f)
{
	static const char text[] = "SELECT id, suite, arch, source, day, plain "
	    "FROM due_package JOIN package ON id = due_package.package "
	    "ORDER BY suite, arch, source LIMIT ?1";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, most ? (int64_t)most : -1);
	return add_all(q, l, f);
}

int
store_package_done(struct store *s, const struct store_package *p,
	const char *text, const char *status, struct fail *f)
{
	static const char set[] = "UPDATE package SET newest = ?2, "
	    "newest_status = ?3 WHERE id = ?1";
	static const char done[] = "DELETE FROM due_package WHERE package = ?1";
	struct sql_query *q = store_compiled(s, set, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, p->id);
	sql_bind_text(q, 2, text);
	sql_bind_text(q, 3, status);
	if (sql_do(q, f) != 0 || !(q = store_compiled(s, done, f)))
		return -1;
	sql_bind_number(q, 1, p->id);
	return sql_do(q, f);
}

int
store_due_arch_add(struct store *s, const struct store_package *p,
	struct fail *f)
{
	static const char text[] = "INSERT INTO due_arch VALUES(?1, ?2, ?3) "
	    "ON CONFLICT DO UPDATE SET day = min(day, excluded.day)";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_text(q, 1, p->suite);
	sql_bind_text(q, 2, p->arch);
	sql_bind_text(q, 3, p->day);
	return sql_do(q, f);
}

int
store_due_archs(struct store *s, struct store_packages *l, struct fail *f)
{
	static const char text[] = "SELECT 0, suite, arch, '', day, 1 "
	    "FROM due_arch WHERE NOT EXISTS (SELECT * FROM due_package "
	    "JOIN package AS p ON p.id = due_package.package "
	    "WHERE p.suite = due_arch.suite AND p.arch = due_arch.arch)";
	struct sql_query *q = store_compiled(s, text, f);

	return q ? add_all(q, l, f) : -1;
}

int
store_due_arch_done(struct store *s, const struct store_package *p,
	struct fail *f)
{
	static const char text[] =
	    "DELETE FROM due_arch WHERE suite = ?1 AND arch = ?2";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_text(q, 1, p->suite);
	sql_bind_text(q, 2, p->arch);
	return sql_do(q, f);
}

int
store_each_newest(struct store *s, const char *suite, const char *arch,
	int (*each)(void *context, const char *text), void *context,
	struct fail *f)
{
	static const char text[] = "SELECT newest FROM package "
	    "WHERE suite = ?1 AND arch = ?2 AND newest IS NOT NULL "
	    "ORDER BY source";
	struct sql_query *q = store_compiled(s, text, f);
	int rc = q ? 1 : -1;

	if (!q)
		return -1;
	sql_bind_text(q, 1, suite);
	sql_bind_text(q, 2, arch);
	while (rc == 1 && (rc = sql_step(q, f)) == 1)
		if (each(context, sql_text(q, 0)) != 0)
			rc = 0;
	sql_reset(q);
	return rc;
}

int
store_before(struct store *s, int64_t package, const char *run_id,
	struct store_before *b, struct fail *f)
{
	static const char last[] = "SELECT status FROM run WHERE plain AND "
	    "package = ?1 AND run_id < ?2 ORDER BY run_id DESC LIMIT 1";
	static const char pass[] = "SELECT version, finished_s FROM run "
	    "WHERE plain AND package = ?1 AND run_id < ?2 AND "
	    "status = 'pass' ORDER BY run_id DESC LIMIT 1";
	struct sql_query *q = store_about(s, last, package, run_id, f);
	int rc = q ? sql_step(q, f) : -1;

	*b = (struct store_before){ 0 };
	if (rc == 1)
		b->status = mem_dup(sql_text(q, 0));
	sql_reset(q);
	if (rc < 0)
		return -1;
	q = store_about(s, pass, package, run_id, f);
	rc = q ? sql_step(q, f) : -1;
	if (rc == 1) {
		b->pass_version = mem_dup(sql_text(q, 0) ? sql_text(q, 0) :
		    "n/a");
		b->pass_s = sql_column(q, 1);
	}
	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

void
store_before_free(struct store_before *b)
{
	free(b->status);
	free(b->pass_version);
	*b = (struct store_before){ 0 };
}
