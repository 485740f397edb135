/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is there or the program ends: the one place in lib/ that may
 * exit (EX_OSERR, with a line on standard error).  Free with free().
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);		/* zeroed */
void *mem_grow(void *p, size_t n, size_t size);	/* room for n times size */
char *mem_dup(const char *s);
char *mem_dupn(const char *s, size_t n);	/* adds the final NUL */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
