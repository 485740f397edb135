/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's inside, for store*.c alone. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "sql.h"
#include "store.h"

enum { STORE_QUERIES_MOST = 32 };

struct store {
	struct sql *db;
	char *dir;
	/* Compiled once, found again by their text, which is a constant. */
	struct {
		const char *text;
		struct sql_query *q;
	} queries[STORE_QUERIES_MOST];
};

/*
 * A compiled statement, reset; it stays the store's.  NULL on an error.  The
 * text's address is its identity.
 */
struct sql_query *store_compiled(struct store *s, const char *text,
	struct fail *f);

/* The same, of which the parameters are a package and a run id. */
struct sql_query *store_about(struct store *s, const char *text,
	int64_t package, const char *run_id, struct fail *f);

/* What store_take reads a run from: the query's first columns. */
#define STORE_COLUMNS STORE_COLUMNS_OF("run")
#define STORE_COLUMNS_OF(table_of_run_id) \
	"package.suite, arch, source, " table_of_run_id ".run_id, request, " \
	"status, version, message, rejected, triggers, requester, worker, " \
	"ppa, env, entry, plain, exit_code, attempt, created_s, started_s, " \
	"finished_s"
void store_take(struct sql_query *q, struct store_run *run);

/* Appends the texts that a query, NULL after an error, finds. */
int store_texts(struct sql_query *q, struct strs *texts, struct fail *f);

/* A package's row: its id, 0 where there is none, or -1. */
int64_t store_package(struct store *s, const char *suite, const char *arch,
	const char *source, struct fail *f);

/* Notes what has to be written because of a run, which is plain or not. */
int store_due_add(struct store *s, int64_t package, const char *run_id,
	bool plain, struct fail *f);

/*
 * Counts a plain run in, or out, of the days that it is the newest of its
 * package on.  To be called while the run is not in the store.
 */
int store_day_put(struct store *s, int64_t package, const char *run_id,
	const char *status, struct fail *f);
int store_day_remove(struct store *s, int64_t package, const char *run_id,
	const char *status, struct fail *f);

#endif
