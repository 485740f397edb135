/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"
#include "store_inside.h"

int
store_due_add(struct store *s, int64_t package, const char *suite,
	const char *run_id, struct fail *f)
{
	static const char run[] =
	    "INSERT OR IGNORE INTO due_run VALUES(?1, ?2)";
	static const char whole[] =
	    "INSERT OR IGNORE INTO due_package VALUES(?1)";
	static const char text[] =
	    "INSERT OR IGNORE INTO due_suite VALUES(?1)";
	struct sql_query *q = store_compiled(s, run, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, package);
	sql_bind_text(q, 2, run_id);
	if (sql_do(q, f) != 0 || !(q = store_compiled(s, whole, f)))
		return -1;
	sql_bind_number(q, 1, package);
	if (sql_do(q, f) != 0 || !(q = store_compiled(s, text, f)))
		return -1;
	sql_bind_text(q, 1, suite);
	return sql_do(q, f);
}
