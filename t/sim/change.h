/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that change directories, and what becomes of them on their way: done,
 * not done, done twice, done later, done though nobody is told.
 */
#ifndef SIM_CHANGE_H
#define SIM_CHANGE_H

#include "client.h"

struct host;

enum change_kind { CHANGE_CREATE, CHANGE_MKDIR, CHANGE_SYMLINK,
	CHANGE_UNLINK, CHANGE_RMDIR, CHANGE_RENAME };

struct change {
	enum change_kind kind;
	struct host *host;
	struct place at, to;	/* to: of CHANGE_RENAME */
	const char *target;	/* of CHANGE_SYMLINK */
	struct node *made;	/* by CHANGE_CREATE and so on */
};

/* By the running process; 0 or a negative errno.  May not return. */
int change_call(struct change *c);

#endif
