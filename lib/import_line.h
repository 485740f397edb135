/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of each line. */
#ifndef IMPORT_LINE_H
#define IMPORT_LINE_H

#include <stddef.h>

#include "known.h"

struct batch;
struct buf;
struct conf;
struct fail;
struct import;
struct log;
struct spool;

struct import_lines {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct import *import;
	const char *file;	/* as the user named it, for messages */
	const char *before;	/* the id of a try that was cut off */
	struct batch *batch;	/* its id is the import's */
	struct known known;
	size_t number;		/* of the line that is at hand */
};

/*
 * Adds to the batch what is asked for, and is not pending; keeps in SPOOL/bad
 * what is no request.  May be repeated, under another id.
 */
int import_lines(struct import_lines *x, const struct buf *text,
	struct fail *f);

#endif
