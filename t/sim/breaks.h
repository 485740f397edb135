/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The product, broken on purpose, so that the oracle is seen to notice: by
 * functions of it that the linker leads here, and by calls that do otherwise.
 */
#ifndef SIM_BREAKS_H
#define SIM_BREAKS_H

#include "disk.h"

struct conf;

enum breaks {
	BREAKS_NOTHING,
	BREAKS_SHARED_TARGET,	/* claims have one name, whoever claims */
	BREAKS_SAME_EPOCH,	/* what goes back keeps its name */
	BREAKS_TWO_FILES,	/* the way back copies, and then removes */
	BREAKS_NO_FSYNC,
	BREAKS_UNSYNCED_BATCH,	/* tokens that are imported */
	BREAKS_PUBLISH_FIRST,	/* and then commit */
	BREAKS_DROP_ON_LOST,	/* a commit that finds no source */
	BREAKS_DROP_UNSEEN,	/* a stage of which nothing is seen */
	BREAKS_LISTED_BATCH,	/* what is not listed in tmp/ was moved */
	BREAKS_UNTOLD_TYPES,	/* what has no type is a file */
	BREAKS_NO_ADOPTION,	/* of claims whose answers were lost */
	BREAKS_NO_TAKEOVER,	/* of what the dead had */
	BREAKS_KINDS
};

extern enum breaks broken;

void breaks_init(const struct conf *c);

const char *breaks_name(enum breaks b);

/* With shared targets: the name that stands for it; and back. */
struct name breaks_shared(struct name n);
const char *breaks_own(const char *name);

#endif
