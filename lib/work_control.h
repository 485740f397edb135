/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker does for the files in control/, for work.c alone. */
#ifndef WORK_CONTROL_H
#define WORK_CONTROL_H

#include <stdbool.h>

struct queue;
struct worker;

/*
 * Lists control/ and does what it asks of this worker: at each poll, and when
 * there is news.  What was listed before holds while it cannot be listed.
 */
void work_obey(struct worker *w);

/* Whether nothing is to be claimed there. */
bool work_is_held(const struct worker *w, const struct queue *q);

/* Now and then, removes what was done, or came too late. */
void work_tidy_control(struct worker *w);

#endif
