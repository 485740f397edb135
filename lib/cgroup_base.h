/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the cgroups of a worker's runs may be: for cgroup.c alone. */
#ifndef CGROUP_BASE_H
#define CGROUP_BASE_H

struct conf;
struct fail;

/*
 * The directory of BASE, which free() takes: this process, and whoever was in
 * it, has moved down into BASE/worker then, unless it is the one that the
 * configuration names.  NULL where there is none.
 */
char *cgroup_base(const struct conf *c, struct fail *f);

/* Writes into one of cgroup2's files; -1 with errno. */
int cgroup_put(int dir, const char *file, const char *text);

#endif
