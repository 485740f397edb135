/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What autopkgtest's virt servers leave behind when they are killed.
 *
 * Processes and mounts end with the sandbox.  A schroot session, an lxc or a
 * podman container is written down in files as well, and outlives it.  So each
 * run has a name for it, adtspool-ID, that its scratch directory notes, and
 * who removes that directory removes what has the name.
 *
 * A chroot has files in its /tmp, for which it gets the run's own.
 */
#ifndef VIRT_H
#define VIRT_H

struct fail;
struct strs;

/*
 * Names what the words behind autopkgtest's -- make, where it has to be named
 * and the configuration has not done so.
 */
void virt_name(struct strs *virt, const char *id);

/* The /tmp of the chroot that these words mean, or NULL; free() it. */
char *virt_tmp(const struct strs *virt);

/* Notes in a scratch directory what these words leave, if anything. */
int virt_note(int scratch, const struct strs *virt, struct fail *f);

/*
 * Removes what a note names that is in this directory or in one right below;
 * all of it may be gone already.  Waits for it two minutes at most.
 */
void virt_clean(const char *scratch);

#endif
