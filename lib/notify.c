/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "notify.h"

enum { SEND_MOST_S = 1, SIGNS = 4 };

/* A path, or '@' and an abstract name. */
static int
set_address(struct notify *n, const char *address)
{
	size_t size = strlen(address);

	if ((address[0] != '/' && address[0] != '@') || size < 2 ||
	    size >= sizeof n->to.sun_path)
		return -1;
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, address, size);
	if (address[0] == '@')
		n->to.sun_path[0] = '\0';
	n->to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	return 0;
}

/* The watchdog is for one process, where that is told. */
static int64_t
watchdog_ms(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoll(us, NULL, 10) / 1000;
}

void
notify_open(struct notify *n)
{
	/* A manager that does not read must not hold us up. */
	const struct timeval most = { .tv_sec = SEND_MOST_S };
	const char *address = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .fd = -1 };
	if (address && set_address(n, address) == 0)
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->fd >= 0) {
		n->watchdog_ms = watchdog_ms();
		(void)setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &most,
		    sizeof most);
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

void
notify_close(struct notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}

static void
tell(struct notify *n, const char *text)
{
	if (n && n->fd >= 0)
		(void)sendto(n->fd, text, strlen(text), MSG_NOSIGNAL,
		    (struct sockaddr *)&n->to, n->to_size);
}

static void
tell_time(struct notify *n, const char *what, int64_t us)
{
	char *text = mem_printf("%s=%" PRId64, what, us);

	tell(n, text);
	free(text);
}

void
notify_ready(struct notify *n)
{
	tell(n, "READY=1");
}

void
notify_reloading(struct notify *n)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	tell_time(n, "RELOADING=1\nMONOTONIC_USEC", (int64_t)now.tv_sec *
	    1000000 + now.tv_nsec / 1000);
}

void
notify_stopping(struct notify *n)
{
	tell(n, "STOPPING=1");
}

void
notify_status(struct notify *n, const char *text)
{
	char line[NOTIFY_STATUS_MAX], *told;

	if (!n || n->fd < 0)
		return;
	(void)snprintf(line, sizeof line, "%s", text);
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(n->status, line) == 0)
		return;
	memcpy(n->status, line, sizeof line);
	told = mem_printf("STATUS=%s", line);
	tell(n, told);
	free(told);
}

void
notify_patience(struct notify *n, int64_t least_ms)
{
	if (!n || !n->watchdog_ms || n->watchdog_ms >= least_ms)
		return;
	n->watchdog_ms = least_ms;
	tell_time(n, "WATCHDOG_USEC", least_ms * 1000);
}

void
notify_alive(struct notify *n)
{
	int64_t now_ms = clock_boot_ms();

	if (!n || !n->watchdog_ms ||
	    (n->alive_ms && now_ms - n->alive_ms < n->watchdog_ms / SIGNS))
		return;
	n->alive_ms = now_ms;
	tell(n, "WATCHDOG=1");
}

void
notify_extend(struct notify *n, int64_t ms)
{
	tell_time(n, "EXTEND_TIMEOUT_USEC", ms * 1000);
}
