/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

static void
reserve(struct buf *b, size_t n)
{
	if (b->room - b->len > n)
		return;
	b->room = (b->len + n + 1) * 2;
	b->s = mem_grow(b->s, b->room, 1);
}

void
buf_addn(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->s + b->len, p, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
buf_add(struct buf *b, const char *s)
{
	buf_addn(b, s, strlen(s));
}

void
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list measure;
	int n;

	va_copy(measure, ap);
	n = vsnprintf(NULL, 0, fmt, measure);
	va_end(measure);
	reserve(b, n < 0 ? 0 : (size_t)n);
	if (n < 0)
		return;
	(void)vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void
buf_fill_in(struct buf *b, const char *text, const struct buf_blank *blanks,
	size_t n)
{
	buf_add(b, "");
	while (*text) {
		size_t i = 0;

		while (i < n && strncmp(text, blanks[i].name,
		    strlen(blanks[i].name)) != 0)
			i++;
		if (i < n) {
			buf_add(b, blanks[i].value);
			text += strlen(blanks[i].name);
		} else {
			buf_addn(b, text++, 1);
		}
	}
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->s)
		b->s[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->s);
	*b = (struct buf){ 0 };
}
