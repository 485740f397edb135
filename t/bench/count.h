/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts what the product's claimer asks of the filesystem: the linker's --wrap
 * leads its renames and the reading of its directories through here.
 */
#ifndef COUNT_H
#define COUNT_H

#include <stddef.h>

struct count {
	size_t renames;		/* tried, whatever came of it */
	size_t entries;		/* of directories, . and .. too */
};

/* Where this process counts; not at all until it is told. */
void count_in(struct count *c);

#endif
