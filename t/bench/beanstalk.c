/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beanstalkd.  It answers a put when its log was synced (-f0); commit is
 * delete, which it logs, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "peer.h"

enum { IN_FLIGHT = 256 };

struct peer {
	FILE *in;
	int out;
};

struct peer *
peer_enter(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct peer *p = calloc(1, sizeof *p);
	int on = 1;

	if (!p)
		bench_die("calloc");
	p->out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->out < 0 ||
	    connect(p->out, (const void *)&to, sizeof to) != 0)
		bench_die("beanstalkd");
	(void)setsockopt(p->out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	p->in = fdopen(dup(p->out), "r");
	if (!p->in)
		bench_die("beanstalkd");
	return p;
}

static void
ask(const struct peer *p, const char *text)
{
	if (write(p->out, text, strlen(text)) != (ssize_t)strlen(text))
		bench_die("beanstalkd");
}

/* Reads a line that begins with a word, and the number behind that. */
static unsigned long
answer(const struct peer *p, const char *word)
{
	char line[256];

	if (!fgets(line, sizeof line, p->in) ||
	    strncmp(line, word, strlen(word)) != 0) {
		errno = EPROTO;
		bench_die(word);
	}
	return strtoul(line + strlen(word), NULL, 10);
}

static void
ask_put(const struct peer *p)
{
	char text[1024];

	(void)snprintf(text, sizeof text, "put 5 0 3600 %zu\r\n%s\r\n",
	    strlen(bench_text()), bench_text());
	ask(p, text);
}

void
peer_put(struct peer *p)
{
	ask_put(p);
	(void)answer(p, "INSERTED ");
}

void
peer_put_many(struct peer *p, size_t n)
{
	size_t asked = 0, answered = 0;

	while (answered < n) {
		while (asked < n && asked - answered < IN_FLIGHT) {
			ask_put(p);
			asked++;
		}
		(void)answer(p, "INSERTED ");
		answered++;
	}
}

uint64_t
peer_claim(struct peer *p)
{
	char body[1024];
	size_t n = strlen(bench_text()) + 2;	/* with the end of a line */
	uint64_t id;

	ask(p, "reserve\r\n");
	id = answer(p, "RESERVED ");
	if (fread(body, 1, n, p->in) != n)
		bench_die("reserve");
	return id;
}

void
peer_commit(struct peer *p, uint64_t id)
{
	char line[64];

	(void)snprintf(line, sizeof line, "delete %llu\r\n",
	    (unsigned long long)id);
	ask(p, line);
	(void)answer(p, "DELETED");
}
