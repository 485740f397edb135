/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether there is room to bring a result out: asked before a claim, since a
 * request is better off with a host that can publish it.
 */
#ifndef SPACE_H
#define SPACE_H

struct conf;
struct fail;
struct spool;

/*
 * Returns 0; or -1 where the spool, the results or the scratch directory has
 * less than conf's min-free or min-free-inodes, or is mounted read-only.  What
 * a filesystem does not tell is taken to be enough.
 */
int space_check(const struct conf *c, const struct spool *s, struct fail *f);

/*
 * Writes a file into staging and removes it: what no number tells, like a
 * quota, shows then.  The name is the worker's own.
 */
int space_probe(const struct spool *s, const char *worker, struct fail *f);

#endif
