/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "mem.h"

static void *
or_exit(void *p)
{
	if (!p) {
		(void)fputs("adtspool: out of memory\n", stderr);
		_Exit(EX_OSERR);
	}
	return p;
}

void *
mem_alloc(size_t n)
{
	return or_exit(calloc(1, n ? n : 1));
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	return or_exit(reallocarray(p, n ? n : 1, size));
}

char *
mem_dup(const char *s)
{
	return or_exit(strdup(s));
}

char *
mem_dupn(const char *s, size_t n)
{
	char *p = mem_alloc(n + 1);

	memcpy(p, s, n);
	return p;
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return or_exit(n < 0 ? NULL : s);
}
