/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "fail.h"
#include "mem.h"
#include "result.h"
#include "store_inside.h"
#include "strs.h"

/* Columns of a run that are inserted, in the order of put_run. */
static const char insert_run[] =
    "INSERT INTO run(package, suite, run_id, request, status, version,"
    " message, rejected, triggers, requester, worker, ppa, env, entry, plain,"
    " exit_code, attempt, created_s, started_s, finished_s) VALUES(?1, ?2, ?3,"
    " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
    " ?19, ?20)";

int64_t
store_package(struct store *s, const char *suite, const char *arch,
	const char *source, struct fail *f)
{
	static const char text[] = "SELECT id FROM package WHERE suite = ?1 "
	    "AND arch = ?2 AND source = ?3";
	struct sql_query *q = store_compiled(s, text, f);
	int64_t id = -1;
	int rc;

	if (!q)
		return -1;
	sql_bind_text(q, 1, suite);
	sql_bind_text(q, 2, arch);
	sql_bind_text(q, 3, source);
	rc = sql_step(q, f);
	if (rc >= 0)
		id = rc == 1 ? sql_column(q, 0) : 0;
	sql_reset(q);
	return id;
}

/* The row of a package, made where there was none; -1 on an error. */
static int64_t
make_package(struct store *s, const struct result *r, struct fail *f)
{
	static const char text[] = "INSERT INTO package(suite, arch, source) "
	    "VALUES(?1, ?2, ?3)";
	int64_t id = store_package(s, r->suite, r->arch, r->package, f);
	struct sql_query *q;

	if (id != 0)
		return id;
	q = store_compiled(s, text, f);
	if (!q)
		return -1;
	sql_bind_text(q, 1, r->suite);
	sql_bind_text(q, 2, r->arch);
	sql_bind_text(q, 3, r->package);
	return sql_do(q, f) == 0 ? sql_last_id(s->db) : -1;
}

/* Runs a statement for each trigger (?1) of a run (?2). */
static int
each_trigger(struct sql_query *q, int64_t run, const char *triggers,
	struct fail *f)
{
	struct strs words = { 0 };
	int rc = q ? 0 : -1;

	strs_split(&words, triggers, " ");
	for (size_t i = 0; rc == 0 && i < words.n; i++) {
		sql_bind_text(q, 1, words.v[i]);
		sql_bind_number(q, 2, run);
		rc = sql_do(q, f);
	}
	strs_free(&words);
	return rc;
}

static int
put_triggers(struct store *s, int64_t run, const char *triggers,
	struct fail *f)
{
	static const char text[] =
	    "INSERT OR IGNORE INTO run_trigger VALUES(?1, ?2)";

	return each_trigger(store_compiled(s, text, f), run, triggers, f);
}

static int
put_run(struct store *s, int64_t package, const struct result *r,
	const char *run_id, const struct entry *e, struct fail *f)
{
	struct sql_query *q = store_compiled(s, insert_run, f);
	char *triggers = strs_join(&r->triggers, " ");
	int rc = -1;

	if (q) {
		sql_bind_number(q, 1, package);
		sql_bind_text(q, 2, r->suite);
		sql_bind_text(q, 3, run_id);
		sql_bind_text(q, 4, r->id);
		sql_bind_text(q, 5, r->rejected ? "fail" : r->status);
		sql_bind_text(q, 6, r->version);
		sql_bind_text(q, 7, r->message);
		sql_bind_text(q, 8, r->rejected);
		sql_bind_text(q, 9, triggers);
		sql_bind_text(q, 10, r->requester);
		sql_bind_text(q, 11, r->worker);
		sql_bind_text(q, 12, e->ppa);
		sql_bind_text(q, 13, e->env);
		sql_bind_text(q, 14, e->json.s);
		sql_bind_number(q, 15, e->plain);
		sql_bind_number(q, 16, r->exit_code);
		sql_bind_number(q, 17, r->attempt);
		sql_bind_number(q, 18, r->created_s);
		sql_bind_number(q, 19, r->started_s);
		sql_bind_number(q, 20, r->finished_s);
		rc = sql_do(q, f);
	}
	if (rc == 0)
		rc = put_triggers(s, sql_last_id(s->db), triggers, f);
	free(triggers);
	return rc;
}

/* A run that is in the store, for who takes it out or puts it in again. */
struct old {
	int64_t id;		/* 0: there is none */
	bool plain;
	char *status, *triggers, *entry;
};

static int
find_old(struct store *s, int64_t package, const char *run_id,
	struct old *old, struct fail *f)
{
	static const char text[] = "SELECT id, plain, status, triggers, entry "
	    "FROM run WHERE package = ?1 AND run_id = ?2";
	struct sql_query *q = store_about(s, text, package, run_id, f);
	int rc = q ? sql_step(q, f) : -1;

	*old = (struct old){ 0 };
	if (rc == 1) {
		old->id = sql_column(q, 0);
		old->plain = sql_column(q, 1) != 0;
		old->status = mem_dup(sql_text(q, 2));
		old->triggers = mem_dup(sql_text(q, 3));
		old->entry = mem_dup(sql_text(q, 4));
	}
	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

static void
old_free(struct old *old)
{
	free(old->status);
	free(old->triggers);
	free(old->entry);
}

static int
remove_triggers(struct store *s, const struct old *old, struct fail *f)
{
	static const char text[] =
	    "DELETE FROM run_trigger WHERE trigger = ?1 AND run = ?2";

	return each_trigger(store_compiled(s, text, f), old->id, old->triggers,
	    f);
}

static int
remove_old(struct store *s, int64_t package, const char *run_id,
	const struct old *old, struct fail *f)
{
	static const char text[] = "DELETE FROM run WHERE id = ?1";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_number(q, 1, old->id);
	if (remove_triggers(s, old, f) != 0 || sql_do(q, f) != 0)
		return -1;
	return old->plain ?
	    store_day_remove(s, package, run_id, old->status, f) : 0;
}

int
store_put(struct store *s, const struct result *r, const char *run_id,
	struct fail *f)
{
	int64_t package = make_package(s, r, f);
	struct old old = { 0 };
	struct entry e;
	int rc = package < 0 ? -1 : find_old(s, package, run_id, &old, f);

	entry_make(&e, r, run_id);
	if (rc == 0 && old.id && strcmp(old.entry, e.json.s) == 0)
		goto out;
	if (rc == 0 && old.id)
		rc = remove_old(s, package, run_id, &old, f);
	if (rc == 0 && e.plain)
		rc = store_day_put(s, package, run_id,
		    r->rejected ? "fail" : r->status, f);
	if (rc == 0)
		rc = put_run(s, package, r, run_id, &e, f);
	if (rc == 0)
		rc = store_due_add(s, package, run_id, e.plain || old.plain,
		    f);
out:
	entry_free(&e);
	old_free(&old);
	return rc;
}

int
store_remove(struct store *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct fail *f)
{
	int64_t package = store_package(s, suite, arch, source, f);
	struct old old = { 0 };
	int rc = package < 0 ? -1 : 0;

	if (package > 0)
		rc = find_old(s, package, run_id, &old, f);
	if (rc == 0 && old.id)
		rc = remove_old(s, package, run_id, &old, f);
	if (rc == 0 && old.id)
		rc = store_due_add(s, package, run_id, old.plain, f);
	old_free(&old);
	return rc;
}
