/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strangers' text for a terminal: what would move the cursor, hide or turn
 * text, or be obeyed, is shown and not passed on.  ESC is ^[, a byte that is no
 * UTF-8 is \x9b, a carriage return ends the line.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <stdio.h>

/*
 * A stream that writes to out in that way; fclose flushes it and leaves out
 * open.  NULL when the system has no room for one.
 */
FILE *plain_open(FILE *out);

#endif
