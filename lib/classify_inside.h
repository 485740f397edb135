/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What classify.c and classify_read.c share. */
#ifndef CLASSIFY_INSIDE_H
#define CLASSIFY_INSIDE_H

#include "classify.h"

enum { CLASSIFY_EXIT_MOST = 20 };

/*
 * Fills c's empty table from a file's text; "path:line: reason" and -1 where it
 * is none.  classify_drop in any case.
 */
int classify_parse(struct classify *c, const char *p, size_t n,
	struct fail *f);

/* Empties the table. */
void classify_drop(struct classify *c);

#endif
