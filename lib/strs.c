/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "strs.h"

void
strs_take(struct strs *l, char *s)
{
	if (l->room < l->n + 2) {
		l->room = (l->n + 2) * 2;
		l->v = mem_grow(l->v, l->room, sizeof *l->v);
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void
strs_add(struct strs *l, const char *s)
{
	strs_take(l, mem_dup(s));
}

void
strs_addf(struct strs *l, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	strs_take(l, b.s);
}

void
strs_add_all(struct strs *l, const struct strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		strs_add(l, from->v[i]);
}

void
strs_split(struct strs *l, const char *s, const char *separators)
{
	while (*(s += strspn(s, separators))) {
		size_t n = strcspn(s, separators);

		strs_take(l, mem_dupn(s, n));
		s += n;
	}
}

bool
strs_has(const struct strs *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

static int
by_strcmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
strs_sort(struct strs *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_strcmp);
}

char *
strs_join(const struct strs *l, const char *glue)
{
	struct buf b = { 0 };

	buf_add(&b, "");
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_add(&b, glue);
		buf_add(&b, l->v[i]);
	}
	return b.s;
}

void
strs_free(struct strs *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strs){ 0 };
}
