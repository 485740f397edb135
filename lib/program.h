/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this program is, and with it what it needs. */
#ifndef PROGRAM_H
#define PROGRAM_H

/*
 * A path as it is seen from this program's folder, to be freed.  NULL, with
 * errno set, where there is no /proc to ask.
 */
char *program_beside(const char *path);

#endif
