/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which results there are, newest first.  Asks nobody but the results tree:
 * of a package, its own directories; of what came since some time, the
 * manifests, and the notices that wait for the indexer; else a walk through
 * all names.  result.json is read of what the names do not rule out, and no
 * further than the limit.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notice.h"
#include "result.h"
#include "strs.h"

struct buf;
struct fail;
struct spool;

struct results_query {
	const char *package, *suite, *arch;	/* NULL: any */
	const char *trigger;	/* source/version, or a source: any of it */
	struct strs statuses;	/* empty: any */
	int64_t since_s;	/* published then or later */
	size_t limit;		/* 0: all */
	/* Told while it looks; may be NULL. */
	void (*progress)(void *context, const char *what, size_t part,
		size_t of);
	void *context;		/* of progress */
};

struct results_seen {
	size_t found;
	size_t unread;		/* are there, but could not be read */
	bool walked;		/* through the whole tree */
};

/* Whether a word is a status. */
bool results_status_ok(const char *word);

/*
 * Calls each for what matches.  What retention removes meanwhile is passed
 * over.
 */
int results_each(const struct spool *s, const struct results_query *q,
	void (*each)(void *context, const struct notice *a,
		const struct result *r),
	void *context, struct results_seen *seen, struct fail *f);

/* A table, made line by line; results_table_free of a zeroed one is safe. */
struct results_table {
	struct strs cells;
};

/* A callback for results_each; context is the table. */
void results_table_add(void *table, const struct notice *a,
	const struct result *r);

/*
 * Appends the table with its head; nothing where it is empty.  Lines are at
 * most width columns where that is not 0: what is cut ends with ">".
 */
void results_table_print(const struct results_table *t, size_t width,
	struct buf *out);
void results_table_free(struct results_table *t);

/* The same as JSON, an object a call; context is a struct json_writer. */
void results_put(void *writer, const struct notice *a,
	const struct result *r);

#endif
