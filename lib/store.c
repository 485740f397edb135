/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "store.h"
#include "store_inside.h"
#include "strs.h"

/* "adts", and what changes whenever the tables below do. */
#define APPLICATION "1633973363"
#define LAYOUT "1"

/*
 * Readers do not wait for the writer, nor it for them (WAL); what was
 * committed survives a power failure (FULL), for notices are gone by then.
 */
static const char settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -32768;";

static const char layout[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE mark(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE package(id INTEGER PRIMARY KEY, suite TEXT NOT NULL,"
    " arch TEXT NOT NULL, source TEXT NOT NULL, newest TEXT,"
    " newest_status TEXT, UNIQUE(suite, arch, source));"
    "CREATE INDEX package_of_source ON package(source);"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, package INTEGER NOT NULL,"
    " suite TEXT NOT NULL, run_id TEXT NOT NULL, request TEXT NOT NULL,"
    " status TEXT NOT NULL, version TEXT, message TEXT, rejected TEXT,"
    " triggers TEXT NOT NULL, requester TEXT, worker TEXT,"
    " ppa TEXT NOT NULL, env TEXT NOT NULL, entry TEXT NOT NULL,"
    " plain INTEGER NOT NULL, exit_code INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL, created_s INTEGER NOT NULL,"
    " started_s INTEGER NOT NULL, finished_s INTEGER NOT NULL,"
    " UNIQUE(package, run_id));"
    "CREATE INDEX run_of_suite ON run(suite, run_id);"
    "CREATE INDEX run_of_time ON run(run_id);"
    "CREATE INDEX run_plain ON run(package, run_id, status) WHERE plain;"
    "CREATE INDEX run_of_ppa ON run(suite, ppa) WHERE ppa <> '';"
    "CREATE TABLE run_trigger(trigger TEXT NOT NULL, run INTEGER NOT NULL,"
    " PRIMARY KEY(trigger, run)) WITHOUT ROWID;"
    "CREATE TABLE day(suite TEXT NOT NULL, arch TEXT NOT NULL,"
    " day TEXT NOT NULL, status TEXT NOT NULL, more INTEGER NOT NULL,"
    " PRIMARY KEY(suite, arch, day, status)) WITHOUT ROWID;"
    "CREATE TABLE due_run(package INTEGER NOT NULL, run_id TEXT NOT NULL,"
    " PRIMARY KEY(package, run_id)) WITHOUT ROWID;"
    "CREATE TABLE due_package(package INTEGER PRIMARY KEY,"
    " day TEXT NOT NULL, plain INTEGER NOT NULL);"
    "CREATE TABLE due_arch(suite TEXT NOT NULL, arch TEXT NOT NULL,"
    " day TEXT NOT NULL, PRIMARY KEY(suite, arch)) WITHOUT ROWID;"
    "CREATE TABLE due_suite(suite TEXT PRIMARY KEY) WITHOUT ROWID;"
    "PRAGMA application_id = " APPLICATION ";"
    "PRAGMA user_version = " LAYOUT ";"
    "COMMIT;";

static int
check_layout(struct store *s, enum store_mode mode, struct fail *f)
{
	int64_t application, version, tables;

	if (sql_number(s->db, "PRAGMA application_id", &application, f) != 0 ||
	    sql_number(s->db, "PRAGMA user_version", &version, f) != 0 ||
	    sql_number(s->db, "SELECT count(*) FROM sqlite_master", &tables,
	    f) != 0)
		return -1;
	if (tables == 0 && application == 0 && mode == STORE_WRITE)
		return sql_run(s->db, layout, f);
	if (application == strtoll(APPLICATION, NULL, 10) &&
	    version == strtoll(LAYOUT, NULL, 10))
		return 0;
	return fail_set(f, EX_DATAERR, "%s/index.db: is no index of this "
	    "version; make it again with adtspool index --rebuild", s->dir);
}

int
store_open(struct store **s, const char *dir, enum store_mode mode,
	struct fail *f)
{
	char *path = mem_printf("%s/index.db", dir);
	int rc = 0;

	*s = mem_alloc(sizeof **s);
	(*s)->dir = mem_dup(dir);
	if (mode == STORE_WRITE)
		rc = fs_mkdirs(AT_FDCWD, dir, f);
	if (rc == 0)
		rc = sql_open(&(*s)->db, path,
		    mode == STORE_WRITE ? SQL_WRITE : SQL_READ, f);
	if (rc == 0 && mode == STORE_WRITE)
		rc = sql_run((*s)->db, settings, f);
	if (rc == 0)
		rc = check_layout(*s, mode, f);
	if (rc != 0) {
		store_close(*s);
		*s = NULL;
	}
	free(path);
	return rc;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_QUERIES_MOST; i++)
		sql_free(s->queries[i].q);
	sql_close(s->db);
	free(s->dir);
	free(s);
}

const char *
store_dir(const struct store *s)
{
	return s->dir;
}

/* Removes the files of a directory whose names begin like that. */
static int
discard(const char *dir, const char *name, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(AT_FDCWD, dir, SIZE_MAX, &names, f);

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		char *path = mem_printf("%s/%s", dir, names.v[i]);

		if (strncmp(names.v[i], name, strlen(name)) == 0 &&
		    fs_unlink(AT_FDCWD, path) != 0 && errno != ENOENT)
			rc = fail_errno(f, "%s", path);
		free(path);
	}
	strs_free(&names);
	return rc;
}

int
store_discard(const char *dir, struct fail *f)
{
	return discard(dir, "index.db", f) != 0 ? -1 :
	    discard(dir, "autopkgtest.db", f);
}

int
store_discard_beside(struct store *s, const char *name, struct fail *f)
{
	return discard(s->dir, name, f);
}

struct sql_query *
store_compiled(struct store *s, const char *text, struct fail *f)
{
	size_t i = 0;

	while (s->queries[i].q && s->queries[i].text != text)
		if (++i == STORE_QUERIES_MOST)
			abort();	/* STORE_QUERIES_MOST is too small */
	if (!s->queries[i].q)
		s->queries[i].q = sql_prepare(s->db, text, f);
	s->queries[i].text = text;
	if (s->queries[i].q)
		sql_reset(s->queries[i].q);
	return s->queries[i].q;
}

struct sql_query *
store_about(struct store *s, const char *text, int64_t package,
	const char *run_id, struct fail *f)
{
	struct sql_query *q = store_compiled(s, text, f);

	if (q) {
		sql_bind_number(q, 1, package);
		sql_bind_text(q, 2, run_id);
	}
	return q;
}

int
store_begin(struct store *s, struct fail *f)
{
	return sql_run(s->db, "BEGIN IMMEDIATE", f);
}

int
store_commit(struct store *s, struct fail *f)
{
	return sql_run(s->db, "COMMIT", f);
}

int
store_undo(struct store *s, struct fail *f)
{
	return sql_run(s->db, "ROLLBACK", f);
}

int
store_clear(struct store *s, struct fail *f)
{
	return sql_run(s->db, "DELETE FROM mark; DELETE FROM package;"
	    "DELETE FROM run; DELETE FROM run_trigger; DELETE FROM day;"
	    "DELETE FROM due_run; DELETE FROM due_package;"
	    "DELETE FROM due_arch; DELETE FROM due_suite;", f);
}

int
store_mark_get(struct store *s, const char *key, struct buf *value,
	struct fail *f)
{
	static const char text[] = "SELECT value FROM mark WHERE key = ?1";
	struct sql_query *q = store_compiled(s, text, f);
	int rc;

	if (!q)
		return -1;
	sql_bind_text(q, 1, key);
	rc = sql_step(q, f);
	if (rc == 1)
		buf_add(value, sql_text(q, 0));
	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

int
store_mark_set(struct store *s, const char *key, const char *value,
	struct fail *f)
{
	static const char text[] =
	    "INSERT OR REPLACE INTO mark VALUES(?1, ?2)";
	struct sql_query *q = store_compiled(s, text, f);

	if (!q)
		return -1;
	sql_bind_text(q, 1, key);
	sql_bind_text(q, 2, value);
	return sql_do(q, f);
}

int
store_count(struct store *s, int64_t *n, struct fail *f)
{
	return sql_number(s->db, "SELECT count(*) FROM run", n, f);
}

int
store_texts(struct sql_query *q, struct strs *texts, struct fail *f)
{
	int rc = q ? 1 : -1;

	while (rc == 1 && (rc = sql_step(q, f)) == 1)
		strs_add(texts, sql_text(q, 0));
	sql_reset(q);
	return rc;
}

int
store_suites(struct store *s, struct strs *suites, struct fail *f)
{
	static const char text[] =
	    "SELECT DISTINCT suite FROM package ORDER BY suite";

	return store_texts(store_compiled(s, text, f), suites, f);
}

int
store_ppas(struct store *s, const char *suite, struct strs *ppas,
	struct fail *f)
{
	static const char text[] = "SELECT DISTINCT ppa FROM run WHERE "
	    "suite = ?1 AND ppa <> '' ORDER BY ppa";
	struct sql_query *q = store_compiled(s, text, f);

	if (q)
		sql_bind_text(q, 1, suite);
	return store_texts(q, ppas, f);
}
