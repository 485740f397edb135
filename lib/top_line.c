/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "plain.h"
#include "top_part.h"

/* Without anything that a terminal obeys; free() it. */
static char *
harmless(const struct buf *text)
{
	char *safe = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&safe, &n), *plain;

	plain = out ? plain_open(out) : NULL;
	if (plain) {
		(void)fwrite(text->s, 1, text->len, plain);
		(void)fclose(plain);
	}
	if (out)
		(void)fclose(out);
	return safe ? safe : mem_dup("");
}

static bool
goes_on(char c)
{
	return (c & 0xc0) == 0x80;	/* of a character of UTF-8 */
}

/* One line of so many characters at most. */
static void
fit(char *text, const struct top_view *v)
{
	int columns = 0;
	char *to = text;

	for (const char *p = text; *p; p++) {
		if (!goes_on(*p) && columns++ == v->columns)
			break;
		if (v->ascii && *p & 0x80) {
			if (!goes_on(*p))
				*to++ = '?';
			continue;
		}
		*to++ = *p == '\n' || *p == '\t' ? ' ' : *p;
	}
	*to = '\0';
}

void
top_add(struct top_lines *l, const struct top_view *v, enum top_look look,
	const char *fmt, ...)
{
	struct buf b = { 0 };
	char *text;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	text = harmless(&b);
	buf_free(&b);
	fit(text, v);
	l->v = mem_grow(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct top_line){ text, look };
}

void
top_free(struct top_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct top_lines){ 0 };
}

void
top_text(const struct top_lines *l, struct buf *out)
{
	size_t last = l->n;

	while (last && !l->v[last - 1].text[0])
		last--;
	for (size_t i = 0; i < last; i++) {
		size_t n = strlen(l->v[i].text);

		while (n && l->v[i].text[n - 1] == ' ')
			n--;
		buf_addn(out, l->v[i].text, n);
		buf_add(out, "\n");
	}
}
