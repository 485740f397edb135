/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to SQLite: a database on a local disk that one program writes, and
 * others may read meanwhile.  An error is told as EX_DATAERR where the file is
 * damaged or no database at all, which only making it anew can cure; as
 * EX_TEMPFAIL where another program has it locked.
 */
#ifndef SQL_H
#define SQL_H

#include <stdbool.h>
#include <stdint.h>

struct fail;

enum sql_mode { SQL_READ, SQL_WRITE };	/* SQL_WRITE makes what is missing */

struct sql;				/* an open database */
struct sql_query;			/* one statement of it, compiled */

int sql_open(struct sql **db, const char *path, enum sql_mode mode,
	struct fail *f);
void sql_close(struct sql *db);		/* after its queries; NULL is fine */

/* Runs statements that have no parameters and of which no row is wanted. */
int sql_run(struct sql *db, const char *statements, struct fail *f);

/* The first column of the first row: "PRAGMA user_version".  0 without one. */
int sql_number(struct sql *db, const char *statement, int64_t *n,
	struct fail *f);

/*
 * Compiles a statement; NULL on an error.  Parameters are ?1, ?2, ...; a text
 * is copied, and NULL binds null.  sql_step returns 1 with a row, 0 at the
 * end, -1 on an error; it is to be reset before it runs again.
 */
struct sql_query *sql_prepare(struct sql *db, const char *statement,
	struct fail *f);
void sql_bind_text(struct sql_query *q, int parameter, const char *text);
void sql_bind_number(struct sql_query *q, int parameter, int64_t n);
int sql_step(struct sql_query *q, struct fail *f);
void sql_reset(struct sql_query *q);		/* NULL is fine */
void sql_free(struct sql_query *q);	/* NULL is fine */

/* Runs one that gives no rows, to its end, and resets it. */
int sql_do(struct sql_query *q, struct fail *f);

/* Columns are counted from 0.  A text is valid until the next step. */
const char *sql_text(struct sql_query *q, int column);	/* NULL: null */
int64_t sql_column(struct sql_query *q, int column);	/* 0: null */

/* The id of the row that was inserted last. */
int64_t sql_last_id(struct sql *db);

#endif
