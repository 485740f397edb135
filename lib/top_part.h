/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of top's screen, for top.c alone. */
#ifndef TOP_PART_H
#define TOP_PART_H

#include "top.h"

/* Adds a line; what is unsafe in it is made harmless, what is wide is cut. */
void top_add(struct top_lines *l, const struct top_view *v,
	enum top_look look, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Appends all lines of a part, its heading first. */
void top_part(const struct status *st, const struct top_view *v,
	enum top_part part, struct top_lines *out);

#endif
