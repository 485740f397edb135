/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beats, signals, and how a worker comes to its end; for work.c alone. */
#ifndef WORK_STOP_H
#define WORK_STOP_H

struct worker;

/*
 * How long what leaves the spool may take; and before that, what is ended: its
 * runner kills it, and removes its testbed, for which virt.h has two minutes,
 * and its scratch, as run.h has it.
 */
enum { WORK_STOP_PATIENCE_MS = 30000, WORK_END_PATIENCE_MS = 300000 };

/* Beats; with or without looking after the others.  It may have to end then. */
void work_beat(struct worker *w);
void work_show(struct worker *w);

/* Does what the signals ask for that have come. */
void work_take_signals(struct worker *w);

/* Puts a copy, or NULL, in the place of a text of the worker's state. */
void work_set_text(char **field, const char *text);

#endif
