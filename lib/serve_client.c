/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "mem.h"
#include "serve_client.h"

enum phase { PHASE_FREE, PHASE_WAITS, PHASE_WORKS, PHASE_SENDS, PHASE_SHUT };

/* Of IPv6 the network, since a client has as many addresses as he likes. */
struct address {
	unsigned char bytes[8];
	bool is_local;
};

struct serve_client {
	struct serve_clients *all;
	enum phase phase;
	int fd;
	struct address address;
	char name[INET6_ADDRSTRLEN];
	int64_t since_ms;	/* of its phase */
	int64_t sent_bytes;
};

struct serve_clients {
	pthread_mutex_t lock;
	unsigned most, each_most;
	unsigned n;		/* places */
	struct serve_client v[];
};

struct serve_clients *
serve_clients_new(unsigned most, unsigned each_most)
{
	unsigned n = most + SERVE_CLIENTS_SPARE;
	struct serve_clients *all = mem_alloc(sizeof *all + n *
	    sizeof *all->v);

	(void)pthread_mutex_init(&all->lock, NULL);
	all->most = most;
	all->each_most = each_most;
	all->n = n;
	return all;
}

void
serve_clients_limit(struct serve_clients *all, unsigned each_most)
{
	(void)pthread_mutex_lock(&all->lock);
	all->each_most = each_most;
	(void)pthread_mutex_unlock(&all->lock);
}

void
serve_clients_free(struct serve_clients *all)
{
	if (all)
		(void)pthread_mutex_destroy(&all->lock);
	free(all);
}

static struct address
read_address(const struct sockaddr *sa)
{
	struct address a = { 0 };

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		memcpy(a.bytes, &in.sin_addr, sizeof in.sin_addr);
		a.is_local = a.bytes[0] == 127;
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, sa, sizeof in);
		a.is_local = IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
		if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
			memcpy(a.bytes, in.sin6_addr.s6_addr + 12, 4);
		else
			memcpy(a.bytes, &in.sin6_addr, sizeof a.bytes);
	}
	return a;
}

/* What is shut ends with an error for whoever has it open, who closes it. */
static void
shut_out(struct serve_client *c)
{
	c->phase = PHASE_SHUT;
	(void)shutdown(c->fd, SHUT_RDWR);
}

static void
make_room(struct serve_clients *all)
{
	struct serve_client *oldest = NULL;

	for (unsigned i = 0; i < all->n; i++)
		if (all->v[i].phase == PHASE_WAITS && (!oldest ||
		    all->v[i].since_ms < oldest->since_ms))
			oldest = &all->v[i];
	if (oldest)
		shut_out(oldest);
}

bool
serve_clients_accept(struct serve_clients *all, const struct sockaddr *address)
{
	struct address a = read_address(address);
	unsigned there = 0, same = 0;
	bool may;

	(void)pthread_mutex_lock(&all->lock);
	for (unsigned i = 0; i < all->n; i++) {
		const struct serve_client *c = &all->v[i];
		bool is_in = c->phase != PHASE_FREE && c->phase != PHASE_SHUT;

		there += is_in;
		same += is_in && memcmp(c->address.bytes, a.bytes,
		    sizeof a.bytes) == 0;
	}
	may = a.is_local || all->each_most == 0 || same < all->each_most;
	if (may && there >= all->most)
		make_room(all);
	(void)pthread_mutex_unlock(&all->lock);
	return may;
}

static void
write_name(struct serve_client *c, const struct sockaddr *sa)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memcpy(c->name, "?", 2);
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		(void)inet_ntop(AF_INET, &in.sin_addr, c->name,
		    sizeof c->name);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, c->name,
		    sizeof c->name);
	}
}

struct serve_client *
serve_client_begin(struct serve_clients *all, const struct sockaddr *address,
	int fd)
{
	struct serve_client *c = NULL;

	(void)pthread_mutex_lock(&all->lock);
	for (unsigned i = 0; !c && i < all->n; i++)
		if (all->v[i].phase == PHASE_FREE)
			c = &all->v[i];
	if (c) {
		*c = (struct serve_client){ .all = all, .fd = fd,
		    .phase = PHASE_WAITS, .since_ms = clock_boot_ms(),
		    .address = read_address(address) };
		write_name(c, address);
	}
	(void)pthread_mutex_unlock(&all->lock);
	return c;
}

static void
set_phase(struct serve_client *c, enum phase phase, int64_t sent_bytes)
{
	(void)pthread_mutex_lock(&c->all->lock);
	if (phase != c->phase)
		c->since_ms = clock_boot_ms();
	if (c->phase != PHASE_SHUT || phase == PHASE_FREE)
		c->phase = phase;
	c->sent_bytes = sent_bytes;
	(void)pthread_mutex_unlock(&c->all->lock);
}

void
serve_client_end(struct serve_client *c)
{
	set_phase(c, PHASE_FREE, 0);
}

const char *
serve_client_name(const struct serve_client *c)
{
	return c->name;
}

void
serve_client_works(struct serve_client *c)
{
	set_phase(c, PHASE_WORKS, 0);
}

void
serve_client_sends(struct serve_client *c, int64_t bytes)
{
	set_phase(c, PHASE_SENDS, bytes);
}

void
serve_client_waits(struct serve_client *c)
{
	set_phase(c, PHASE_WAITS, 0);
}

static bool
is_overdue(const struct serve_client *c, int64_t now_ms)
{
	int64_t s = (now_ms - c->since_ms) / 1000;

	if (c->phase == PHASE_WAITS)
		return s >= SERVE_CLIENT_REQUEST_S;
	return c->phase == PHASE_SENDS && s >= SERVE_CLIENT_ANSWER_S +
	    c->sent_bytes / SERVE_CLIENT_RATE;
}

unsigned
serve_clients_sweep(struct serve_clients *all, int64_t now_ms)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&all->lock);
	for (unsigned i = 0; i < all->n; i++)
		if (is_overdue(&all->v[i], now_ms)) {
			shut_out(&all->v[i]);
			n++;
		}
	(void)pthread_mutex_unlock(&all->lock);
	return n;
}

unsigned
serve_clients_busy(struct serve_clients *all)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&all->lock);
	for (unsigned i = 0; i < all->n; i++)
		n += all->v[i].phase == PHASE_WORKS ||
		    all->v[i].phase == PHASE_SENDS;
	(void)pthread_mutex_unlock(&all->lock);
	return n;
}
