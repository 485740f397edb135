/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A string that grows.  buf_free of a zeroed struct is safe; s is NULL until
 * something was added and NUL-terminated ever after (a NUL inside counts in
 * len like any byte).
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *s;
	size_t len, room;
};

void buf_addn(struct buf *b, const void *p, size_t n);
void buf_add(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* A word that stands for another one, like {suite}. */
struct buf_blank {
	const char *name, *value;
};

/* Adds a text in which each of n blanks is filled in, however often. */
void buf_fill_in(struct buf *b, const char *text,
	const struct buf_blank *blanks, size_t n);

void buf_reset(struct buf *b);		/* empty again, keeps its memory */
void buf_free(struct buf *b);

#endif
