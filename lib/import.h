/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * britney's file of requests -> queues.  adtspool-spool(5) has the protocol.
 *
 *	<file>			renamed away: a britney that appends starts a
 *				new one, one that truncates truncates nothing
 *	<file>.importing-<id>	lines; tokens are being written into tmp/
 *	<file>.plan-<id>	where these are, complete
 *	<file>.written-<id>	lines, of no use any more: nothing is written
 *				into tmp/ from here on
 *	<file>.imported-<id>	the plan; its batch is being moved
 *
 * The id is drawn anew whenever lines are taken up, so that whoever was at
 * them, and lives, loses them; a request's is computed from it and the line's
 * place.  No listing says what was queued: a rename does, that finds nothing.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct fail;
struct log;
struct spool;

/* Of a file. */
enum { IMPORT_SIZE_MOST = 1 << 28 };

struct import {
	int priority;			/* in: 0..10; -1: what the line says */
	const char *pin_triggers;	/* in: from this release; or NULL */
	const char *requester;		/* in: or NULL */
	size_t lines, queued, pending, resumed, bad;	/* out */
};

/*
 * Imports a file, and what an interrupted import of the same file left.
 * A file that is not there is no error: britney had nothing to ask for.  A
 * line that is no request goes to SPOOL/bad with its reason and is counted.
 * EX_TEMPFAIL where somebody still has the file open for writing, or where
 * the spool fails (what is left is taken up next time).  What returns 0 has
 * queued, durably, all that was not another import's.
 */
int import_file(const struct conf *c, const struct spool *s,
	const char *file, struct import *i, const struct log *log,
	struct fail *f);

#endif
