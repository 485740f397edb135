/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What autopkgtest's virt servers leave behind when they are killed.
 *
 * Processes and mounts end with the sandbox.  A schroot session, an lxc or a
 * podman container is written down in files as well, and outlives it.  So each
 * run has a name for it, adtspool-ID-EPOCH, that its scratch directory notes,
 * and who removes that directory removes what has the name.  The next attempt
 * has another one: what is left of this one, perhaps on this host and for
 * another worker to remove, is not in its way.
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
void virt_name(struct strs *virt, const char *id, unsigned epoch);

/* The /tmp of the chroot that these words mean, or NULL; free() it. */
char *virt_tmp(const struct strs *virt);

/* Notes in a scratch directory what these words leave, if anything. */
int virt_note(int scratch, const struct strs *virt, struct fail *f);

/*
 * Removes what the note of a scratch directory names, which may be gone
 * already.  Waits for it two minutes at most.  What lies deeper is the run's,
 * and no note.
 */
void virt_clean(const char *scratch);

/* The same for all scratch directories in a folder. */
void virt_clean_all(const char *folder);

#endif
