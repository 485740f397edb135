/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packed file while it is written: between pack.c and pack_tree.c alone. */
#ifndef PACK_SINK_H
#define PACK_SINK_H

#include <stddef.h>
#include <stdint.h>

struct archive;
struct fail;
struct stat;

enum sink_format {
	SINK_GZIP,	/* one text */
	SINK_TAR_GZIP,	/* GNU's: any byte may stand in a name, of any length */
	SINK_TAR,	/* ustar */
};

struct sink {
	int dir, fd;
	const char *name;
	struct archive *a;
};

/* Creates dir/name, which the caller has set. */
int sink_begin(struct sink *s, enum sink_format format, struct fail *f);

/*
 * Ends what sink_begin began, successful so far (rc 0) or not: syncs and
 * closes the file, or removes it.  Returns rc, or -1 where ending fails.
 */
int sink_finish(struct sink *s, int rc, struct fail *f);

/* target is NULL but for a symlink. */
int sink_put_header(struct sink *s, const char *path, const struct stat *st,
	const char *target, struct fail *f);

/* A file made of text, as old as dir is. */
int sink_put_text(struct sink *s, int dir, const char *name, const char *text,
	struct fail *f);

/*
 * At most n bytes of fd.  A file that has grown since its header was written
 * is cut by that; one that has shrunk is filled up with zeros by libarchive.
 */
int sink_put_file(struct sink *s, int fd, int64_t n, const char *path,
	struct fail *f);

/* Opens a regular file; anything else is -1 with EINVAL in errno. */
int sink_open_file(int dir, const char *name, struct stat *st);

#endif
