/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Swift container, seen in the results tree.  The container
 * autopkgtest-SUITE has the objects
 *
 *     SUITE/ARCH/H/SOURCE/RUN_ID/FILE
 *
 * and autopkgtest-SUITE-OWNER-NAME has those runs of the suite whose last PPA
 * was OWNER/NAME, which the other one leaves out.  A run whose testbed failed
 * (tmpfail) is in none: readers of containers would call it a failure.
 *
 * Names come in the order of their bytes.  Folders in which no name can be
 * one that is asked for are not read, and where the prefix names a folder, the
 * one above it is not read either: so a question about one package reads that
 * package's folder, and of its runs those behind the marker.  Memory does not
 * grow with the tree.
 */
#ifndef SERVE_LIST_H
#define SERVE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;

enum { SERVE_LIST_MOST = 10000 };	/* names in one answer: Swift's limit */

struct serve_query {
	const char *container;	/* without its "autopkgtest-" */
	const char *prefix;	/* texts are never NULL, but "" */
	const char *marker;	/* names behind this one */
	const char *end_marker;	/* and before this one */
	char delimiter;		/* NUL: none */
	size_t limit;
	int64_t until_ms;	/* clock_boot_ms: no folder is begun later */
};

struct serve_item {
	const char *name;
	bool is_prefix;		/* of objects, up to the delimiter: a subdir */
	int folder;		/* an object's: open, while it is told */
	const char *file;	/* its name in there */
};

/* Whether the container is there: 1, 0, or -1. */
int serve_list_has(int results, const char *container, struct fail *f);

/*
 * Calls each for what is asked for, until it returns non-zero.  -1 with
 * EX_TEMPFAIL when it took too long; what was told before is then not all.
 */
int serve_list(int results, const struct serve_query *q,
	int (*each)(void *context, const struct serve_item *item),
	void *context, struct fail *f);

#endif
