/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the indexes are made from: every published run, in a database on a
 * local disk that belongs to one host alone and can always be made again from
 * the results tree.  One process writes it; others may read meanwhile.
 *
 * Where it is damaged, or of another layout, any function says EX_DATAERR: the
 * caller closes it, calls store_discard, opens a new one and fills it.
 *
 * Beside the runs it keeps what the writers of indexes have still to do, in
 * the same transactions (store_due.h), and marks of its caller's.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;
struct result;
struct store;
struct strs;

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Opens index.db in a directory; STORE_WRITE makes both where they are
 * missing, STORE_READ fails with EX_NOINPUT.
 */
int store_open(struct store **s, const char *dir, enum store_mode mode,
	struct fail *f);
void store_close(struct store *s);	/* what is not committed is undone */

const char *store_dir(const struct store *s);

/* Removes it, and what the writers of indexes keep beside it. */
int store_discard(const char *dir, struct fail *f);

/* Removes a database beside it, with its journals. */
int store_discard_beside(struct store *s, const char *name, struct fail *f);

/* What changes a store stands between these two. */
int store_begin(struct store *s, struct fail *f);
int store_commit(struct store *s, struct fail *f);
int store_undo(struct store *s, struct fail *f);	/* instead */

/* Puts a run in; that it is there already is fine, and changes nothing. */
int store_put(struct store *s, const struct result *r, const char *run_id,
	struct fail *f);

/* Takes a run out; that it is not there is fine. */
int store_remove(struct store *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct fail *f);

/* Whether it is there: 1, 0 or -1. */
int store_has(struct store *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct fail *f);

/* Takes all out, the marks too; the layout stays. */
int store_clear(struct store *s, struct fail *f);

/* A caller's mark: its text is appended to value, nothing where it has none. */
int store_mark_get(struct store *s, const char *key, struct buf *value,
	struct fail *f);
int store_mark_set(struct store *s, const char *key, const char *value,
	struct fail *f);

/* How many runs there are. */
int store_count(struct store *s, int64_t *n, struct fail *f);

/* Which runs; NULL and 0 mean any. */
struct store_query {
	const char *suite, *arch, *source, *status;
	const char *trigger;	/* source/version, or a source: any of it */
	const char *ppa;	/* OWNER/NAME; "": without a PPA */
	bool plain;		/* entry.h's alone */
	int64_t since_s;	/* published then or later */
	bool newest_first;	/* or oldest first: by run id, then name */
	size_t limit;
};

/* Its texts are valid until each returns.  NULL, or 0: not known. */
struct store_run {
	const char *suite, *arch, *source, *run_id;
	const char *request;		/* its id; or "" */
	const char *status, *version, *message, *rejected;
	const char *triggers;		/* divided by blanks; or "" */
	const char *requester, *worker;
	const char *ppa, *env;		/* as in entry.h */
	const char *entry;		/* entry.h's json */
	bool plain;			/* entry.h */
	int exit_code;
	unsigned attempt;
	int64_t created_s, started_s, finished_s;
};

/* Calls each for these, until it returns non-zero. */
int store_each(struct store *s, const struct store_query *q,
	int (*each)(void *context, const struct store_run *run),
	void *context, struct fail *f);

/* Appends the suites that have runs, or the PPAs of a suite, sorted. */
int store_suites(struct store *s, struct strs *suites, struct fail *f);
int store_ppas(struct store *s, const char *suite, struct strs *ppas,
	struct fail *f);

#endif
