/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether somebody still writes to a file.  mv is atomic, but cp, scp and
 * echo are not, and a rename does not take a writer's descriptor away.
 */
#ifndef WRITERS_H
#define WRITERS_H

#include <stdbool.h>
#include <sys/stat.h>

enum writers {
	WRITERS_NONE,
	WRITERS_SOME,
	WRITERS_UNKNOWN	/* this filesystem does not tell */
};

/*
 * Asks the kernel for a read lease, which it gives on a local filesystem when
 * nobody has the file open for writing.  The process must ignore SIGIO.
 */
enum writers writers_of(int fd);

/* Whether the file is the same in size and time of modification. */
bool writers_left_alone(const struct stat *before, const struct stat *now);

#endif
