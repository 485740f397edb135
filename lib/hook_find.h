/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which programs of a folder are hooks. */
#ifndef HOOK_FIND_H
#define HOOK_FIND_H

struct fail;
struct strs;

/*
 * Appends their paths, in the order of their names.  A hook is an executable
 * file whose name is one by run-parts(8): letters, digits, - and _ alone; so
 * its settings may lie beside it.  What is not root's or this user's, or what
 * others may write to, is not run: refused tells why, a line each.  -1 where
 * that is true of the folder, or where it cannot be read.
 */
int hook_find(const char *folder, struct strs *programs, struct strs *refused,
	struct fail *f);

#endif
