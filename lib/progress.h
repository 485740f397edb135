/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line for people who wait: how far long work has come.  Only on a terminal,
 * and not before a second has passed.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out;		/* NULL: it is no terminal */
	int64_t next_ms;	/* when the line may be written again */
	bool shown;
};

void progress_init(struct progress *p, FILE *out);

/* part of `of` is done, and what comes now is called so. */
void progress_show(struct progress *p, const char *what, size_t part,
	size_t of);

void progress_end(struct progress *p);		/* wipes the line */

#endif
