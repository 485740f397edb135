/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client asks for: the target of an HTTP request, taken apart.  It is
 * split at slashes after it was decoded, so %2F is one, as in Swift.
 */
#ifndef SERVE_URL_H
#define SERVE_URL_H

#include <stdbool.h>

#include "strs.h"

struct buf;
struct fail;

enum {
	SERVE_URL_MOST = 4096,		/* bytes */
	SERVE_URL_PARTS_MOST = 16,
	SERVE_URL_PART_MOST = 255,	/* bytes of one */
	SERVE_URL_VALUES_MOST = 16,	/* of the query */
};

struct serve_url {
	struct strs parts;	/* of the path: none is "", "." or ".." */
	bool slash;		/* it ends with one */
	struct strs names, values;	/* of the query */
};

/*
 * Reads a target like /a/b?c=d.  -1 with EX_DATAERR where it is none that is
 * answered: control bytes, a broken %, an empty part, a dot or two as one, or
 * more than the limits; u is then empty.
 */
int serve_url_parse(struct serve_url *u, const char *target, struct fail *f);
void serve_url_free(struct serve_url *u);

/* The last value of that name in the query; "" where there is none. */
const char *serve_url_value(const struct serve_url *u, const char *name);

/* Appends text for a path in a link, a slash being none; and for HTML. */
void serve_url_encode(struct buf *b, const char *s);
void serve_url_html(struct buf *b, const char *s);

#endif
