/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address that serve is at. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

struct fail;

/*
 * A socket that listens at 127.0.0.1:8080 or [::1]:8080; no names of hosts.
 * Port 0 is any free one.  -1 with EX_CONFIG, or why that cannot be.
 */
int serve_listen(const char *address, struct fail *f);

/* Where it does, in the same form; free() it. */
char *serve_listen_address(int fd);

#endif
