/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is mounted where something is to be removed: it may be the host's own.
 * fs_remove_tree enters no mount; who asks here first removes nothing at all.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

struct fail;
struct strs;

/*
 * Appends where something is mounted in path, or on it, the last mount last:
 * without symlinks, whatever path has.  In a path that is not there is none.
 */
int mounts_in(const char *path, struct strs *at, struct fail *f);

#endif
