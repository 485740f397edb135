/* SPDX-License-Identifier: GPL-2.0-or-later */
/* top on a terminal: the door to ncurses. */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

struct conf;
struct fail;
struct spool;

/*
 * Shows the spool until somebody ends it.  -1 with EX_USAGE where there is no
 * terminal that can show it.
 */
int top_screen(const struct conf *c, const struct spool *s, struct fail *f);

#endif
