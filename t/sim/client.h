/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host's kernel between a process and the server: paths, and what is
 * believed without asking.  Functions return 0 or a negative errno.
 */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "disk.h"

struct host;

/* Where a path leads: a name in a directory ("" for / and .). */
struct place {
	struct node *dir;
	struct name name;
};

/* at: where a relative path begins. */
int client_walk(struct host *h, struct node *at, const char *path,
	struct place *p);

/* What the host takes to be there; NULL: nothing. */
struct node *client_look(struct host *h, const struct place *p);

/* After an own change: the name leads there now, or nowhere. */
void client_learn(struct host *h, const struct place *p, struct node *n);

/* The host shall not look this name up any more; see HAZARDS of ceph-fuse. */
void client_shun(struct host *h, const struct place *p);

/* As of when the host sees a directory's list, or a file's text. */
int64_t client_view(struct host *h, struct node *n);

#endif
