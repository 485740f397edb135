/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGHUP, for work.c alone. */
#ifndef WORK_RELOAD_H
#define WORK_RELOAD_H

#include <stdbool.h>

struct queue;
struct worker;

/*
 * Reads the configuration again.  What runs goes on as it was started; a file
 * that cannot be read changes nothing.  What was wrong with it, and what needs
 * a restart, is told in the log and in the state's warning.
 */
void work_reload(struct worker *w);

/* Reads the policy again where it was changed; what is wrong is for status. */
void work_look_at_policy(struct worker *w);

/*
 * Whether requests are claimed there.  A queue that the configuration has lost
 * stays open for what was claimed before.
 */
bool work_is_served(const struct worker *w, const struct queue *q);

#endif
