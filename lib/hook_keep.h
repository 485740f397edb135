/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that runs a worker's hooks. */
#ifndef HOOK_KEEP_H
#define HOOK_KEEP_H

#include <sys/types.h>

struct log;

/*
 * Reads events from the socket and runs their hooks, until its other end is
 * shut or the worker is gone: then what is left has HOOK_STOP_MS.  Events of
 * one request are told in their order, one after the other.
 */
_Noreturn void hook_keep(int socket, const struct log *log, pid_t worker);

#endif
