/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "mem.h"
#include "store_inside.h"
#include "strs.h"

/* A statement while it is made; its parameters are bound in order. */
struct maker {
	struct buf text;
	struct strs values;
	const char *join;
};

/* condition has one ?, which becomes ?N */
static void
demand(struct maker *m, const char *condition, const char *value)
{
	const char *at = strchr(condition, '?');

	strs_add(&m->values, value);
	buf_addf(&m->text, "%s%.*s?%zu%s", m->join, (int)(at - condition),
	    condition, m->values.n, at + 1);
	m->join = " AND ";
}

/* A source without a version: all that begin with "source/". */
static void
demand_trigger(struct maker *m, const char *trigger)
{
	char *first, *end;

	if (strchr(trigger, '/')) {
		demand(m, "run.id IN (SELECT run FROM run_trigger WHERE "
		    "trigger = ?)", trigger);
		return;
	}
	first = mem_printf("%s/", trigger);
	end = mem_printf("%s0", trigger);	/* 0 follows / */
	demand(m, "run.id IN (SELECT run FROM run_trigger WHERE "
	    "trigger >= ?", first);
	demand(m, "trigger < ?)", end);
	free(first);
	free(end);
}

/*
 * Which table is looked through first, and by what, is said here: SQLite, which
 * knows nothing of how much is in them, would look through a whole suite for
 * one package.
 */
static void
choose(struct maker *m, const struct store_query *q)
{
	static const char from_run[] = "CROSS JOIN package ON "
	    "package.id = run.package";

	m->join = " WHERE ";
	if (q->source) {
		buf_add(&m->text, " FROM package CROSS JOIN run ON "
		    "run.package = package.id");
		if (q->suite)
			demand(m, "package.suite = ?", q->suite);
	} else if (q->trigger) {
		buf_addf(&m->text, " FROM run %s", from_run);
		if (q->suite)
			demand(m, "+run.suite = ?", q->suite);
	} else {
		buf_addf(&m->text, " FROM run INDEXED BY %s %s",
		    q->suite ? "run_of_suite" : "run_of_time", from_run);
		if (q->suite)
			demand(m, "run.suite = ?", q->suite);
	}
}

static void
make(struct maker *m, const struct store_query *q)
{
	char first[CLOCK_TEXT_MAX];
	bool one = q->suite && q->arch && q->source;

	buf_add(&m->text, "SELECT " STORE_COLUMNS);
	choose(m, q);
	if (q->arch)
		demand(m, "arch = ?", q->arch);
	if (q->source)
		demand(m, "source = ?", q->source);
	if (q->status)
		demand(m, "status = ?", q->status);
	if (q->ppa)
		demand(m, "ppa = ?", q->ppa);
	if (q->trigger)
		demand_trigger(m, q->trigger);
	if (q->plain) {
		buf_addf(&m->text, "%splain", m->join);
		m->join = " AND ";
	}
	clock_format(first, "%Y%m%d_%H%M%S@", q->since_s);
	if (q->since_s > 0)
		demand(m, "run_id >= ?", first);
	buf_addf(&m->text, " ORDER BY run_id%s%s",
	    q->newest_first ? " DESC" : "",
	    one ? "" : ", source, arch, package.suite");
	if (q->limit > 0)
		buf_addf(&m->text, " LIMIT %zu", q->limit);
}

void
store_take(struct sql_query *q, struct store_run *run)
{
	*run = (struct store_run){
		.suite = sql_text(q, 0),
		.arch = sql_text(q, 1),
		.source = sql_text(q, 2),
		.run_id = sql_text(q, 3),
		.request = sql_text(q, 4),
		.status = sql_text(q, 5),
		.version = sql_text(q, 6),
		.message = sql_text(q, 7),
		.rejected = sql_text(q, 8),
		.triggers = sql_text(q, 9),
		.requester = sql_text(q, 10),
		.worker = sql_text(q, 11),
		.ppa = sql_text(q, 12),
		.env = sql_text(q, 13),
		.entry = sql_text(q, 14),
		.plain = sql_column(q, 15) != 0,
		.exit_code = (int)sql_column(q, 16),
		.attempt = (unsigned)sql_column(q, 17),
		.created_s = sql_column(q, 18),
		.started_s = sql_column(q, 19),
		.finished_s = sql_column(q, 20),
	};
}

int
store_each(struct store *s, const struct store_query *query,
	int (*each)(void *context, const struct store_run *run),
	void *context, struct fail *f)
{
	struct maker m = { 0 };
	struct sql_query *q;
	int rc;

	make(&m, query);
	q = sql_prepare(s->db, m.text.s, f);
	rc = q ? 1 : -1;
	for (size_t i = 0; q && i < m.values.n; i++)
		sql_bind_text(q, (int)i + 1, m.values.v[i]);
	while (rc == 1 && (rc = sql_step(q, f)) == 1) {
		struct store_run run;

		store_take(q, &run);
		if (each(context, &run) != 0)
			rc = 0;
	}
	sql_free(q);
	strs_free(&m.values);
	buf_free(&m.text);
	return rc;
}
