/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sqlite3.h>
#include <stdlib.h>

#include "fail.h"
#include "mem.h"
#include "sql.h"

enum { BUSY_MOST_MS = 10000 };

struct sql {
	sqlite3 *handle;
	char *path;
};

struct sql_query {
	struct sql *db;
	sqlite3_stmt *statement;
};

static int
status_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:	/* a table or a column is not there */
		return EX_DATAERR;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EX_TEMPFAIL;
	case SQLITE_CANTOPEN:
		return EX_NOINPUT;
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return EX_NOPERM;
	default:
		return EX_IOERR;
	}
}

static int
failed(struct sql *db, struct fail *f)
{
	int code = sqlite3_extended_errcode(db->handle);

	(void)fail_set(f, status_of(code), "%s: %s", db->path,
	    sqlite3_errmsg(db->handle));
	f->err = sqlite3_system_errno(db->handle);
	return -1;
}

int
sql_open(struct sql **db, const char *path, enum sql_mode mode,
	struct fail *f)
{
	int flags = mode == SQL_READ ? SQLITE_OPEN_READONLY :
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

	*db = mem_alloc(sizeof **db);
	(*db)->path = mem_dup(path);
	if (sqlite3_open_v2(path, &(*db)->handle,
	    flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout((*db)->handle, BUSY_MOST_MS);
		return 0;
	}
	if ((*db)->handle)
		(void)failed(*db, f);
	else
		(void)fail_set(f, EX_OSERR, "%s: out of memory", path);
	sql_close(*db);
	*db = NULL;
	return -1;
}

void
sql_close(struct sql *db)
{
	if (!db)
		return;
	(void)sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

int
sql_run(struct sql *db, const char *statements, struct fail *f)
{
	return sqlite3_exec(db->handle, statements, NULL, NULL, NULL) ==
	    SQLITE_OK ? 0 : failed(db, f);
}

int
sql_number(struct sql *db, const char *statement, int64_t *n,
	struct fail *f)
{
	struct sql_query *q = sql_prepare(db, statement, f);
	int rc = q ? sql_step(q, f) : -1;

	*n = rc == 1 ? sql_column(q, 0) : 0;
	sql_free(q);
	return rc < 0 ? -1 : 0;
}

struct sql_query *
sql_prepare(struct sql *db, const char *statement, struct fail *f)
{
	struct sql_query *q = mem_alloc(sizeof *q);

	q->db = db;
	if (sqlite3_prepare_v3(db->handle, statement, -1,
	    SQLITE_PREPARE_PERSISTENT, &q->statement, NULL) == SQLITE_OK)
		return q;
	(void)failed(db, f);
	free(q);
	return NULL;
}

void
sql_bind_text(struct sql_query *q, int parameter, const char *text)
{
	if (sqlite3_bind_text(q->statement, parameter, text, -1,
	    SQLITE_TRANSIENT) != SQLITE_OK)
		abort();	/* the statement has no such parameter */
}

void
sql_bind_number(struct sql_query *q, int parameter, int64_t n)
{
	if (sqlite3_bind_int64(q->statement, parameter, n) != SQLITE_OK)
		abort();
}

int
sql_step(struct sql_query *q, struct fail *f)
{
	switch (sqlite3_step(q->statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return failed(q->db, f);
	}
}

void
sql_reset(struct sql_query *q)
{
	if (q)
		(void)sqlite3_reset(q->statement);
}

void
sql_free(struct sql_query *q)
{
	if (!q)
		return;
	(void)sqlite3_finalize(q->statement);
	free(q);
}

int
sql_do(struct sql_query *q, struct fail *f)
{
	int rc = sql_step(q, f);

	sql_reset(q);
	return rc < 0 ? -1 : 0;
}

const char *
sql_text(struct sql_query *q, int column)
{
	return (const char *)sqlite3_column_text(q->statement, column);
}

int64_t
sql_column(struct sql_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

int64_t
sql_last_id(struct sql *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}
