/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * autopkgtest.db, as Ubuntu's britney and web pages read it.  It is kept beside
 * the store; the two belong together when the number in its header is the one
 * that the store has in its mark, and otherwise it is made again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "digest.h"
#include "export_file.h"
#include "export_index.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "result.h"
#include "spool.h"
#include "sql.h"
#include "store.h"
#include "store_due.h"

#define TARGET "britney/autopkgtest.db"

enum { PIECE_BYTES = 64 * 1024 };

static const char layout[] =
    "CREATE TABLE test(id INTEGER PRIMARY KEY, release CHAR[20],"
    " arch CHAR[20], package char[120]);"
    "CREATE UNIQUE INDEX test_of ON test(package, release, arch);"
    "CREATE TABLE result(test_id INTEGER, run_id CHAR[30],"
    " version VARCHAR[200], triggers TEXT, duration INTEGER,"
    " exitcode INTEGER, requester TEXT, env TEXT,"
    " PRIMARY KEY(test_id, run_id),"
    " FOREIGN KEY(test_id) REFERENCES test(id));"
    "CREATE INDEX result_run_ix ON result(run_id desc);"
    "CREATE TABLE current_version(release CHAR[20], pocket CHAR[40],"
    " component CHAR[10], package CHAR[50], version CHAR[120],"
    " PRIMARY KEY(release, package));"
    "CREATE TABLE url_last_checked(url CHAR[100], timestamp CHAR[50],"
    " PRIMARY KEY(url));";

enum { FIND, MAKE, PUT, REMOVE, TIDY, QUERIES };

static const char *const texts[QUERIES] = {
	[FIND] = "SELECT id FROM test WHERE package = ?1 AND release = ?2 "
	    "AND arch = ?3",
	[MAKE] = "INSERT INTO test(package, release, arch) "
	    "VALUES(?1, ?2, ?3)",
	[PUT] = "INSERT OR REPLACE INTO result VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
	    "?7, ?8)",
	[REMOVE] = "DELETE FROM result WHERE test_id = ?1 AND run_id = ?2",
	[TIDY] = "DELETE FROM test WHERE id = ?1 AND NOT EXISTS "
	    "(SELECT * FROM result WHERE test_id = ?1)",
};

struct ubuntu {
	struct sql *db;
	char *path;
	struct sql_query *q[QUERIES];
	int rc;
	struct fail *f;
};

/* A test's id, 0 where there is none, -1 after an error. */
static int64_t
find_test(struct ubuntu *u, int which, const struct store_run *run)
{
	struct sql_query *q = u->q[which];
	int64_t id = -1;
	int rc;

	sql_bind_text(q, 1, run->source);
	sql_bind_text(q, 2, run->suite);
	sql_bind_text(q, 3, run->arch);
	rc = sql_step(q, u->f);
	if (rc >= 0)
		id = rc == 1 ? sql_column(q, 0) : 0;
	sql_reset(q);
	return id;
}

/*
 * Its readers take every exit code but those of a pass for a failure of the
 * package, so no failure of a testbed may be in it.
 */
static bool
is_wanted(const struct store_run *run)
{
	return run->status && strcmp(run->status, "tmpfail") != 0 &&
	    run->exit_code != RESULT_EXIT_TESTBED && !run->ppa[0] &&
	    run->triggers[0];
}

static const char *
version_of(const struct store_run *run)
{
	if (run->rejected)
		return "blacklisted";
	return run->version ? run->version : "unknown";
}

static int
put(struct ubuntu *u, const struct store_run *run)
{
	struct sql_query *q = u->q[PUT];
	int64_t id = find_test(u, FIND, run);

	if (id == 0 && find_test(u, MAKE, run) == 0)
		id = sql_last_id(u->db);
	if (id <= 0)
		return -1;
	sql_bind_number(q, 1, id);
	sql_bind_text(q, 2, run->run_id);
	sql_bind_text(q, 3, version_of(run));
	sql_bind_text(q, 4, run->triggers);
	sql_bind_number(q, 5, run->started_s && run->finished_s ?
	    run->finished_s - run->started_s : 0);
	sql_bind_number(q, 6, run->rejected ? RESULT_EXIT_REJECTED :
	    run->exit_code);
	sql_bind_text(q, 7, run->requester ? run->requester : "");
	sql_bind_text(q, 8, run->env);
	return sql_do(q, u->f);
}

static int
take_out(struct ubuntu *u, const struct store_run *run)
{
	int64_t id = find_test(u, FIND, run);

	if (id <= 0)
		return (int)id;
	sql_bind_number(u->q[REMOVE], 1, id);
	sql_bind_text(u->q[REMOVE], 2, run->run_id);
	sql_bind_number(u->q[TIDY], 1, id);
	return sql_do(u->q[REMOVE], u->f) == 0 &&
	    sql_do(u->q[TIDY], u->f) == 0 ? 0 : -1;
}

static int
each_run(void *context, const struct store_run *run)
{
	struct ubuntu *u = context;

	u->rc = is_wanted(run) ? put(u, run) : take_out(u, run);
	return u->rc;
}

static void
shut(struct ubuntu *u)
{
	for (int i = 0; i < QUERIES; i++)
		sql_free(u->q[i]);
	sql_close(u->db);
	free(u->path);
	*u = (struct ubuntu){ .f = u->f };
}

static int
prepare(struct ubuntu *u, struct fail *f)
{
	for (int i = 0; i < QUERIES; i++)
		if (!u->q[i] && !(u->q[i] = sql_prepare(u->db, texts[i], f)))
			return -1;
	return 0;
}

/* The two numbers are there and the same. */
static int
is_of_store(struct ubuntu *u, struct store *s, bool *same, struct fail *f)
{
	struct buf mark = { 0 };
	int64_t number;
	int rc = sql_number(u->db, "PRAGMA user_version", &number, f);

	if (rc == 0)
		rc = store_mark_get(s, "autopkgtest.db", &mark, f);
	*same = rc == 0 && number != 0 && mark.s &&
	    strtoll(mark.s, NULL, 10) == number;
	buf_free(&mark);
	return rc;
}

static int
open_beside(struct ubuntu *u, struct store *s, struct fail *f)
{
	*u = (struct ubuntu){ .f = f,
	    .path = mem_printf("%s/autopkgtest.db", store_dir(s)) };
	return sql_open(&u->db, u->path, SQL_WRITE, f);
}

/* Another number makes it the store's only when all is in it. */
static int
fill(struct ubuntu *u, struct store *s, struct fail *f)
{
	struct store_query all = { .limit = 0 };
	uint32_t random;
	char text[64];
	int rc;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return fail_errno(f, "%s", u->path);
	random = (random >> 1) | 1;
	(void)snprintf(text, sizeof text, "PRAGMA user_version = %u",
	    (unsigned)random);
	rc = sql_run(u->db, "BEGIN IMMEDIATE", f);
	if (rc == 0)
		rc = sql_run(u->db, layout, f);
	if (rc == 0)
		rc = prepare(u, f);
	if (rc == 0)
		rc = store_each(s, &all, each_run, u, f);
	if (rc == 0)
		rc = u->rc;
	if (rc == 0)
		rc = sql_run(u->db, text, f);
	if (rc == 0)
		rc = sql_run(u->db, "COMMIT", f);
	(void)snprintf(text, sizeof text, "%u", (unsigned)random);
	return rc == 0 ? store_mark_set(s, "autopkgtest.db", text, f) : -1;
}

static int
remake(struct ubuntu *u, struct store *s, struct fail *f)
{
	shut(u);
	if (store_discard_beside(s, "autopkgtest.db", f) != 0 ||
	    open_beside(u, s, f) != 0)
		return -1;
	return fill(u, s, f);
}

static int
update(struct ubuntu *u, struct store *s, struct fail *f)
{
	int rc = prepare(u, f);

	if (rc == 0)
		rc = sql_run(u->db, "BEGIN IMMEDIATE", f);
	if (rc == 0)
		rc = store_due_runs(s, each_run, u, f);
	if (rc == 0)
		rc = u->rc;
	return rc == 0 ? sql_run(u->db, "COMMIT", f) : -1;
}

/* Brings what is beside the store up to date, or makes it. */
static int
bring_up(struct ubuntu *u, struct store *s, struct fail *f)
{
	bool same = false;
	int rc = open_beside(u, s, f);

	if (rc == 0)
		rc = is_of_store(u, s, &same, f);
	if (rc == 0 && same)
		rc = update(u, s, f);
	if ((rc == 0 && !same) || (rc != 0 && f->status == EX_DATAERR))
		rc = remake(u, s, f);
	return rc;
}

/* Nobody writes it meanwhile, and no journal belongs to it. */
static int
copy(struct export_file *to, const char *path, struct digest *d,
	struct fail *f)
{
	char piece[PIECE_BYTES];
	int fd = fs_open_read(AT_FDCWD, path), rc = 0;
	ssize_t n;

	if (fd < 0)
		return fail_errno(f, "%s", path);
	while (rc == 0 && (n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0) {
			rc = fail_errno(f, "%s", path);
			break;
		}
		digest_add(d, piece, (size_t)n);
		buf_addn(&to->text, piece, (size_t)n);
		rc = export_file_more(to, f);
	}
	(void)close(fd);
	return rc;
}

/*
 * The sum first: britney reads the sum, then the database, and keeps what it
 * has when they differ.  So it is misled only where it begins between the two
 * renames, or crosses both of them; the other way round also where it crosses
 * the second alone.
 */
static int
publish(const struct export_index *x, const char *path, struct fail *f)
{
	struct export_file file;
	struct digest *d = digest_begin();
	char sum[DIGEST_HEX_MAX + 1];
	int rc = export_file_begin(&file, x->place, "autopkgtest.db", f);

	if (rc == 0)
		rc = copy(&file, path, d, f);
	digest_end(d, sum);
	memcpy(sum + DIGEST_HEX_MAX - 1, "\n", 2);
	if (rc == 0)
		rc = export_file_sync(&file, f);
	if (rc == 0)
		rc = x->place->put(x->place->of, TARGET ".sha256", sum,
		    DIGEST_HEX_MAX, f);
	if (rc == 0)
		return export_file_end(&file, TARGET, f);
	export_file_give_up(&file);
	return -1;
}

int
export_index_ubuntu(const struct export_index *x, struct fail *f)
{
	struct ubuntu u;
	int64_t due;
	int rc;

	if (store_due_runs_count(x->store, &due, f) != 0)
		return -1;
	if (due == 0 && faccessat(x->spool->results, TARGET, F_OK, 0) == 0 &&
	    faccessat(x->spool->results, TARGET ".sha256", F_OK, 0) == 0)
		return 0;
	rc = bring_up(&u, x->store, f);
	if (rc == 0) {
		char *path = mem_dup(u.path);

		shut(&u);
		rc = publish(x, path, f);
		free(path);
	} else {
		shut(&u);
	}
	return rc == 0 ? store_due_runs_done(x->store, f) : -1;
}
