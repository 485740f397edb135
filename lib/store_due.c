/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"
#include "store_due.h"
#include "store_inside.h"

int
store_due_add(struct store *s, int64_t package, const char *run_id,
	bool plain, struct fail *f)
{
	static const char run[] =
	    "INSERT OR IGNORE INTO due_run VALUES(?1, ?2)";
	static const char whole[] =
	    "INSERT INTO due_package VALUES(?1, substr(?2, 1, 8), ?3) "
	    "ON CONFLICT DO UPDATE SET day = min(day, excluded.day), "
	    "plain = max(plain, excluded.plain)";
	static const char text[] = "INSERT OR IGNORE INTO due_suite "
	    "SELECT suite FROM package WHERE id = ?1";
	struct sql_query *q = store_compiled(s, run, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, package);
	sql_bind_text(q, 2, run_id);
	if (sql_do(q, f) != 0 || !(q = store_compiled(s, whole, f)))
		return -1;
	sql_bind_number(q, 1, package);
	sql_bind_text(q, 2, run_id);
	sql_bind_number(q, 3, plain);
	if (sql_do(q, f) != 0 || !(q = store_compiled(s, text, f)))
		return -1;
	sql_bind_number(q, 1, package);
	return sql_do(q, f);
}

int
store_due_suites(struct store *s, struct strs *suites, struct fail *f)
{
	static const char text[] =
	    "SELECT suite FROM due_suite ORDER BY suite";

	return store_texts(store_compiled(s, text, f), suites, f);
}

int
store_due_suite_done(struct store *s, const char *suite, struct fail *f)
{
	static const char text[] = "DELETE FROM due_suite WHERE suite = ?1";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_text(q, 1, suite);
	return sql_do(q, f);
}

int
store_due_runs_count(struct store *s, int64_t *n, struct fail *f)
{
	return sql_number(s->db, "SELECT count(*) FROM due_run", n, f);
}

int
store_due_packages_count(struct store *s, int64_t *n, struct fail *f)
{
	return sql_number(s->db, "SELECT count(*) FROM due_package", n, f);
}

int
store_due_runs(struct store *s,
	int (*each)(void *context, const struct store_run *run),
	void *context, struct fail *f)
{
	static const char text[] = "SELECT " STORE_COLUMNS_OF("due_run")
	    " FROM due_run "
	    "JOIN package ON package.id = due_run.package "
	    "LEFT JOIN run ON run.package = due_run.package "
	    "AND run.run_id = due_run.run_id";
	struct sql_query *q = store_compiled(s, text, f);
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sql_step(q, f)) == 1) {
		struct store_run run;

		store_take(q, &run);
		if (each(context, &run) != 0)
			rc = 0;
	}
	if (q)
		sql_reset(q);
	return rc;
}

int
store_due_runs_done(struct store *s, struct fail *f)
{
	return sql_run(s->db, "DELETE FROM due_run", f);
}
