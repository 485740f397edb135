/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of a results tree, by rsync(1), in which at every moment each index
 * entry has its files, wherever this is cut off.  Everything is fetched into
 * DEST/.mirror and put in place by renames, in an order that follows from the
 * source's own, which is: run, line of the manifest, index; and back.
 *
 *	what is to go is looked for at the source
 *	the indexes are fetched		all they name was in manifests by then
 *	then the manifests		so what the indexes name is in these
 *	then the runs that these name; where one is missing, all over again
 *	runs are put in place, manifests, indexes
 *	what the source did not have at first goes: no index named it since
 *
 * It costs what is new.  Where the manifests do not go on from where they were,
 * as at the first time, all names in the tree are compared first.
 */
#ifndef MIRROR_H
#define MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strs.h"

struct fail;

struct mirror_options {
	const char *source;	/* as rsync has it: rsync://HOST/MODULE, ... */
	const char *dest;	/* a directory here, made if it is missing */
	bool full;		/* compare everything, all files */
	int64_t grace_s;	/* how long a run stays after its index entry */
	const struct strs *more;	/* options for rsync */
	/* Told while it works; may be NULL. */
	void (*progress)(void *context, const char *what, size_t part,
		size_t of);
	void *context;
};

struct mirror_report {
	size_t came, went;	/* runs */
	size_t waiting;		/* runs that are still to go */
	bool whole;		/* all names were compared */
};

/*
 * -1 with EX_TEMPFAIL where another mirrors to dest, or the source changes too
 * fast, or lacks a run that it has not removed; what is in place then is as it
 * was, or newer.
 */
int mirror(const struct mirror_options *o, struct mirror_report *r,
	struct fail *f);

#endif
