/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that helps, of whose words nobody is to hear. */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>

struct strs;

enum { TOOL_TIME_MOST_S = 50 };

/*
 * Runs it and waits, no longer than so many seconds and a few more: it may
 * hang in the kernel, or wait for a lock that nobody lets go of.  Whether it
 * ended well.
 */
bool tool_run(const struct strs *argv, unsigned most_s);

#endif
