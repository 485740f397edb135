/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others hear of a worker beside its beats, for work.c alone. */
#ifndef WORK_TELL_H
#define WORK_TELL_H

struct worker;

/* It works from now on: the one that it replaces is told to stop. */
void work_tell_ready(struct worker *w);

/* It stops, and says at each work_tell that it still does. */
void work_tell_stopping(struct worker *w);

/*
 * At each beat: tells the service manager and the metrics file how it goes, and
 * leaves the one that it replaces its slots.
 */
void work_tell(struct worker *w);

/* As many as the configuration says, less those that the other still uses. */
void work_set_slots(struct worker *w);

#endif
