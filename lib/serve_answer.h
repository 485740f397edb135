/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer to a request: status, headers and a body of one of three kinds. */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "strs.h"

struct fail;
struct serve_debci;
struct serve_site;

struct serve_answer {
	struct serve_site *site;
	int status;
	struct strs headers;		/* name, value, name, value, ... */
	struct buf text;		/* a body in memory; */
	int fd;				/* or a part of a file; -1: none */
	int64_t first, size;
	struct serve_debci *debci;	/* or what is made as it is sent */
	size_t held;			/* serve_site.h */
};

/* Begins with the headers that every answer has. */
void serve_answer_init(struct serve_answer *a, struct serve_site *site);
void serve_answer_free(struct serve_answer *a);

void serve_answer_header(struct serve_answer *a, const char *name,
	const char *value);

/* The status, with a line of text that says it; 503 asks to come again. */
void serve_answer_say(struct serve_answer *a, int status);

/* The same for an error: 403, 404 or 503, of which the log tells why. */
void serve_answer_fail(struct serve_answer *a, const struct fail *f);

/* Of the body; -1: not known before its end. */
int64_t serve_answer_size(const struct serve_answer *a);

enum { SERVE_BODY_END = -1, SERVE_BODY_BROKEN = -2 };

/* At most n bytes of the body from at on, which never goes back. */
ssize_t serve_answer_read(struct serve_answer *a, int64_t at, char *p,
	size_t n);

#endif
