/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two kinds of text that a request is read from (request.h lists the
 * forms).  Both add to r and return 0, or -1 with EX_DATAERR and
 * "name:line: reason"; r is the caller's to free then.
 */
#ifndef REQUEST_READ_H
#define REQUEST_READ_H

#include <stdbool.h>

struct fail;
struct request;

/* Of text that has something in it: a mapping (or what was to be one)? */
bool request_is_map(const char *text);

/* YAML or JSON. */
int request_read_map(struct request *r, const char *name, const char *text,
	struct fail *f);

/* A line, with a mapping behind it or not; overwrites text with blanks. */
int request_read_line(struct request *r, const char *name, char *text,
	struct fail *f);

/* Where the first line begins that is neither empty nor a comment. */
const char *request_first_line(const char *text);

#endif
