/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * britney's file of requests -> queues.
 *
 * The file is renamed away first, to <file>.importing-<id>: a britney that
 * appends starts a new one, one that truncates truncates nothing of ours.
 * Each line's request id is computed from that id and the line's place, so an
 * import that was cut off is taken up by the next one, which looks (once) for
 * what is there already and enqueues nothing twice.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct fail;
struct log;
struct spool;

struct import {
	int priority;			/* in: 0..10; -1: what the line says */
	const char *pin_triggers;	/* in: from this release; or NULL */
	const char *requester;		/* in: or NULL */
	size_t lines, queued, pending, resumed, bad;	/* out */
};

/*
 * Imports a file, and first what an interrupted import of the same file left.
 * A file that is not there is no error: britney had nothing to ask for.  A
 * line that is no request goes to SPOOL/bad with its reason and is counted.
 * EX_TEMPFAIL where somebody still has the file open for writing, or where
 * the spool fails (what is left is taken up next time).
 */
int import_file(const struct conf *c, const struct spool *s,
	const char *file, struct import *i, const struct log *log,
	struct fail *f);

#endif
