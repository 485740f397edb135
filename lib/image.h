/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Testbeds on this host: one for each virt server, suite and architecture.
 *
 *	TESTBEDS/VIRT/SUITE@ARCH@TIME		a version; nothing changes it
 *	TESTBEDS/VIRT/SUITE-ARCH[.tar|.img]	a symlink to the newest
 *	TESTBEDS/VIRT/SUITE@ARCH.part/		being made
 *	TESTBEDS/VIRT/SUITE@ARCH.lock		flocked by who makes one
 *
 * A run holds a shared flock on the version that it began with.  A version
 * goes when it is not the newest, nobody holds it, and no older one is held:
 * a virt server that makes its testbed anew in the middle of a run may have
 * taken any version since the one that the run began with.
 *
 * autopkgtest and qemu split words at a comma, so that there is none in names.
 *
 * Of schroot, lxc and podman the version's name is in a file or tag of theirs,
 * which is replaced at once as well.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct fail;
struct strs;

enum image_kind { IMAGE_CHROOT, IMAGE_LXC, IMAGE_PODMAN, IMAGE_QEMU,
	IMAGE_SCHROOT, IMAGE_UNSHARE, IMAGE_KINDS };

struct image {
	enum image_kind kind;
	const char *suite, *arch;
};

/* Of a virt server's name; -1 where it is none that has a testbed to make. */
int image_kind(const char *virt_server);
const char *image_virt_server(enum image_kind kind);

enum image_when { IMAGE_CREATE, IMAGE_UPDATE };

/*
 * Makes a testbed and puts it into the place of the one before, if there is
 * one (UPDATE) or none (CREATE).  Runs go on meanwhile.  What the programs say
 * that make it goes to standard error.
 */
int image_make(const struct conf *c, const struct image *i,
	enum image_when when, struct fail *f);

/* What a newest version is; the texts belong to the caller of each. */
struct image_entry {
	struct image image;
	const char *version;		/* its path */
	int64_t made_s, size_bytes;
	unsigned old;			/* versions that runs still hold */
};

/* Calls each for all of them, by virt server and name. */
int image_each(const struct conf *c, void (*each)(void *context,
	const struct image_entry *e), void *context, struct fail *f);

/* Appends what virt-server is to be for it, {suite} and {arch} left open. */
void image_words(const struct conf *c, const struct image *i,
	struct strs *words);

/*
 * Holds the testbed that a run's command names behind its --, which is virt,
 * until this process ends.  A path becomes that of the version, in both.
 */
void image_hold(const struct conf *c, struct strs *argv, struct strs *virt);

#endif
