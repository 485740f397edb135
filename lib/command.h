/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command that a request would be run by here, for people. */
#ifndef COMMAND_H
#define COMMAND_H

struct buf;
struct conf;
struct fail;
struct spool;

/*
 * Appends the command of a request, quoted for sh(1), and the end of the line.
 * what is its id, or else a file: anywhere, or named by its path below the
 * spool.  -1 with EX_UNAVAILABLE where the policy says never, EX_NOINPUT where
 * there is no such request, EX_DATAERR where it is none.
 */
int command_tell(const struct conf *c, const struct spool *s,
	const char *what, struct buf *out, struct fail *f);

#endif
