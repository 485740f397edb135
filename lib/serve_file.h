/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a file is sent: its type, its ETag, and which bytes of it.
 *
 * A file of a run never changes, so its ETag is strong, and made of its path
 * and size alone: it is the same on every mirror, and a download that was
 * begun at one can go on at another.  Other files are replaced by new ones;
 * theirs is made of time and size, and weak, with which none is resumed.
 */
#ifndef SERVE_FILE_H
#define SERVE_FILE_H

#include <stdbool.h>
#include <stdint.h>

enum { SERVE_ETAG_MAX = 64 };

struct stat;
struct strs;

struct serve_type {
	const char *type;	/* Content-Type */
	bool gzip;		/* Content-Encoding: to be read unpacked */
	bool keep;		/* not to be shown, but to be saved */
};

struct serve_type serve_file_type(const char *name);

/* parts: below RESULTS, as serve_tree_resolve leaves them. */
void serve_file_etag(char out[SERVE_ETAG_MAX], const struct strs *parts,
	const struct stat *st);

/* The values of the headers of a request; NULL where there is none. */
struct serve_conditions {
	const char *none_match, *modified_since, *range, *if_range;
};

struct serve_part {
	int status;		/* 200, 206, 304 or 416 */
	int64_t first, size;	/* of what is sent; of 304, would be */
};

/* RFC 9110.  Several ranges in one request are none: all is sent. */
struct serve_part serve_file_part(const struct serve_conditions *c,
	const char *etag, int64_t changed_s, int64_t size);

/* Sun, 06 Nov 1994 08:49:37 GMT; -1 where it is not that. */
int serve_file_parse_time(const char *text, int64_t *s);

#define SERVE_FILE_TIME "%a, %d %b %Y %H:%M:%S GMT"

#endif
