/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of strings it owns.  strs_free of a zeroed struct is safe.  v always
 * ends with a NULL once something was added, so it serves as an argv.
 */
#ifndef STRS_H
#define STRS_H

#include <stdbool.h>
#include <stddef.h>

struct strs {
	char **v;
	size_t n, room;
};

void strs_add(struct strs *l, const char *s);		/* keeps a copy */
void strs_addf(struct strs *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void strs_take(struct strs *l, char *s);		/* owns s from now on */
void strs_add_all(struct strs *l, const struct strs *from);
void strs_split(struct strs *l, const char *s, const char *separators);
bool strs_has(const struct strs *l, const char *s);
void strs_sort(struct strs *l);				/* by strcmp */
char *strs_join(const struct strs *l, const char *glue);	/* free() it */
void strs_free(struct strs *l);

#endif
