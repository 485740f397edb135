/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of image share. */
#ifndef IMAGE_INSIDE_H
#define IMAGE_INSIDE_H

#include "image.h"

/* How a virt server names a testbed, and where that is put. */
struct image_trait {
	const char *server;
	const char *suffix;	/* of the symlink and of versions */
	const char *prefix;	/* of the word; NULL: it is the path */
	const char *words;	/* of virt-server, before that word */
	bool needs_root;
};

extern const struct image_trait image_traits[IMAGE_KINDS];

/* Reads SUITE@ARCH@TIME[.suffix]; -1 where it is not one.  Free suite, arch. */
int image_parse(struct image *i, int64_t *made_s, const char *version);
void image_free(struct image *i);

/* The symlink's name, without and with the suffix; free() it. */
char *image_name(const struct image *i);
char *image_link(const struct image *i);

/* Opens TESTBEDS/VIRT; -1 with ENOENT in f where none was made yet. */
int image_open(const struct conf *c, enum image_kind kind, struct fail *f);

/* The version that a symlink in dir leads to, or NULL; free() it. */
char *image_newest(int dir, const char *link);

/* The versions of a testbed but the newest, the oldest first. */
int image_old(int dir, const struct image *i, struct strs *versions,
	struct fail *f);

/* Makes it at path with the program for it, tmp for what that needs. */
int image_build(const struct conf *c, const struct image *i, const char *path,
	const char *tmp, struct fail *f);

/* Tells schroot, lxc or podman of a version; before the symlink leads there. */
int image_enter(const struct conf *c, const struct image *i,
	const char *version, struct fail *f);

/* Has podman forget one. */
void image_forget(const struct image *i, const char *version);

/* Whether this host can run that architecture's programs. */
int image_arch_ok(const char *arch, struct fail *f);

/*
 * Runs a program, its output on standard error; env is more of its environment,
 * NAME=value.  It ends with us.
 */
int image_run(const struct strs *argv, const struct strs *env,
	struct fail *f);

#endif
