/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"
#include "store_inside.h"

int
store_has(struct store *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct fail *f)
{
	static const char text[] =
	    "SELECT 1 FROM run WHERE package = ?1 AND run_id = ?2";
	int64_t package = store_package(s, suite, arch, source, f);
	struct sql_query *q;
	int rc;

	if (package <= 0)
		return package < 0 ? -1 : 0;
	q = store_about(s, text, package, run_id, f);
	rc = q ? sql_step(q, f) : -1;
	sql_reset(q);
	return rc;
}
