/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service tells the manager that started it, by sd_notify(3)'s
 * datagrams.  Where nobody listens, or n is NULL, nothing is told.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { NOTIFY_STATUS_MAX = 256 };

struct notify {
	int fd;			/* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t to_size;
	int64_t watchdog_ms;	/* without a sign for so long: it ends us */
	int64_t alive_ms;	/* the last one, on the boot clock */
	char status[NOTIFY_STATUS_MAX];		/* as it was told last */
};

/*
 * Takes what the manager says out of the environment, so that no process of
 * ours speaks in our place.
 */
void notify_open(struct notify *n);
void notify_close(struct notify *n);

void notify_ready(struct notify *n);
void notify_reloading(struct notify *n);	/* ends with notify_ready */
void notify_stopping(struct notify *n);

/* A line for people; told when it is another one. */
void notify_status(struct notify *n, const char *text);

/* Has the manager wait no shorter for a sign of life, where it waits at all. */
void notify_patience(struct notify *n, int64_t least_ms);

/* A sign of life, once in a fourth of what the manager waits. */
void notify_alive(struct notify *n);

/* That it will still take so long to stop. */
void notify_extend(struct notify *n, int64_t ms);

#endif
