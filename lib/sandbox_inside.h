/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sandbox.c and sandbox_exec.c share. */
#ifndef SANDBOX_INSIDE_H
#define SANDBOX_INSIDE_H

#include <sys/types.h>

#include "sandbox.h"

/* In a child: tells people in the output file what went wrong, and ends. */
_Noreturn void sandbox_die(const char *what);

/*
 * Starts the plan's command; -1 with errno.  As by vfork(2), but with a stack
 * of its own: this process lends it its memory until it is another program,
 * since to copy it is most of what fork(2) costs.
 */
pid_t sandbox_spawn(const struct sandbox_plan *p);

#endif
