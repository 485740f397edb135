/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to libarchive: turns autopkgtest's output directory into the files
 * that readers of results know (COMPAT: debci's log.gz and artifacts.tar.gz,
 * Swift's result.tar).  Everything is streamed; nothing is followed out of the
 * output directory; sockets, FIFOs and devices are left out.  Written files
 * are fsynced.  Output is the same for the same input (no time in gzip's head).
 */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;
struct strs;

/* What is kept of the beginning of a log that is too long. */
#define PACK_HEAD(most_bytes) ((most_bytes) / 20)

/*
 * dir/from -> to_dir/to, gzipped.  Of a log above most_bytes the first
 * twentieth and the rest from its end are kept, with a line between that says
 * how much is missing, and *cut is set.
 */
int pack_log(int dir, const char *from, int to_dir, const char *to,
	int64_t most_bytes, bool *cut, struct fail *f);

/*
 * All of dir, recursively, but for the names in skip at its top, sorted, as
 * gzipped GNU tar (any byte may stand in a name).  A file with which the sum
 * of sizes, and 512 an entry, would pass most_bytes is left out; where there
 * is no room for an empty one, so is what follows.  *cut is set then, as it is
 * for what cannot be read or lies too deep, and a last member, PACK_LEFT_OUT,
 * tells what is missing, and why.
 */
#define PACK_LEFT_OUT "adtspool-left-out.txt"
int pack_tree(int dir, const struct strs *skip, int to_dir, const char *to,
	int64_t most_bytes, bool *cut, struct fail *f);

enum { PACK_MEMBER_MOST = 16 << 20 };

/* A member of result.tar: text, or (NULL) a file of the output directory. */
struct pack_member {
	const char *name;
	const char *text;
};

/* An uncompressed ustar of the members but for files that are not there. */
int pack_members(int dir, const struct pack_member *m, size_t n, int to_dir,
	const char *to, struct fail *f);

/*
 * Appends a member's bytes from a tar, gzipped or not.  A member that is not
 * there is ENOENT in f->err; one of more than most bytes is EFBIG.
 */
int pack_read_member(int dir, const char *tar, const char *member,
	size_t most, struct buf *out, struct fail *f);

#endif
