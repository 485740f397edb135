/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a log says of a failure: a table of patterns, which people edit, as
 * adtspool-failures(5) has it.  A pattern is a text that a line holds, and
 * perhaps a regular expression that it matches as well; so the expression sees
 * only the few lines that have the text.
 *
 * A log is a stranger's.  It is read as a stream, its head and its tail alone,
 * no line beyond CLASSIFY_LINE_MOST; each expression is tried on so many lines
 * at most, and all of it takes so long at most.  Without back-references, and
 * without asking where a match is, regexec(3) does not go back.
 */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "strs.h"

struct fail;

enum {
	CLASSIFY_HEAD_MOST = 2 << 20,	/* bytes of a log that are read */
	CLASSIFY_TAIL_MOST = 8 << 20,
	CLASSIFY_LINE_MOST = 4096,	/* bytes of a line */
	CLASSIFY_TRIES_MOST = 1000,	/* of an expression, in one log */
	CLASSIFY_TIME_MOST_MS = 5000,
	CLASSIFY_PATTERNS_MOST = 1000,
};

enum classify_means {
	CLASSIFY_TMPFAIL,	/* the testbed's fault, or the network's */
	CLASSIFY_FAIL,		/* the package's own */
};

struct classify_pattern {
	char *name, *text;
	regex_t regex;
	bool has_regex;
	uint32_t exits;		/* one bit for each exit code: 1 << code */
	struct strs packages;	/* globs; empty: any */
	struct strs except;	/* globs */
	enum classify_means means;
};

struct classify {
	const char *path;	/* the caller's */
	struct stat seen;	/* when it was read; 0 inode: never */
	struct classify_pattern *v;
	size_t n;
};

/* Reads nothing; path outlives it, NULL is an empty table. */
void classify_init(struct classify *c, const char *path);
void classify_free(struct classify *c);

/*
 * Reads the file where it has changed: 1 if so, 0 if not.  A file that is not
 * there is an empty table.  -1 and "file:line: reason" where it is broken,
 * once for each change; what was read before stays.
 */
int classify_refresh(struct classify *c, struct fail *f);

/*
 * The first pattern of the table that holds for this exit code and package and
 * is found in the log, or NULL.  fd is read from where it is, to its end.
 */
const struct classify_pattern *classify_log(const struct classify *c, int fd,
	int exit_code, const char *package);

#endif
