/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "mem.h"
#include "serve_listen.h"

enum { BACKLOG = 128 };

/* Takes it apart, in place; false where it is no address with a port. */
static bool
split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text)
		return false;
	*colon = '\0';
	*host = text;
	*port = colon + 1;
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
		return true;
	}
	return !strchr(text, ':');
}

static int
open_listener(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1, saved;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

int
serve_listen(const char *address, struct fail *f)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	char *text = mem_dup(address), *host, *port;
	struct addrinfo *found = NULL;
	int fd = -1;

	if (!split(text, &host, &port) ||
	    getaddrinfo(host, port, &hints, &found) != 0)
		(void)fail_set(f, EX_CONFIG, "serve-listen: \"%.80s\" is no "
		    "address and port, like 127.0.0.1:8080", address);
	else if ((fd = open_listener(found)) < 0)
		(void)fail_errno(f, "%s", address);
	if (found)
		freeaddrinfo(found);
	free(text);
	return fd;
}

char *
serve_listen_address(int fd)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage at;
	socklen_t len = sizeof at;
	void *p = &at;

	if (getsockname(fd, p, &len) != 0 || getnameinfo(p, len, host,
	    sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)
	    != 0)
		return mem_dup("?");
	return mem_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}
