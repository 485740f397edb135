/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is connected, and for how long he may take.  A client has a time to send
 * a request, and a rate at which he has to take the answer: who is slower is
 * shut out, so that he cannot keep others out.  When all places are taken, who
 * has been there for the longest time without a request makes room for the
 * next one.
 *
 * Connections from this host itself are not counted by address, for they are
 * a proxy's.
 */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SERVE_CLIENT_REQUEST_S = 20,	/* to send a request, or the next */
	SERVE_CLIENT_ANSWER_S = 60,	/* to take an answer, and beyond: */
	SERVE_CLIENT_RATE = 4096,	/* a second for so many bytes */
	SERVE_CLIENTS_SPARE = 16,	/* places of those who make room */
};

struct sockaddr;
struct serve_client;
struct serve_clients;

/*
 * For `most` at a time, and each_most of an address (0: any number); with
 * those who are being shut out there may be SERVE_CLIENTS_SPARE more.
 */
struct serve_clients *serve_clients_new(unsigned most, unsigned each_most);

/* Another each_most, for those who come from now on. */
void serve_clients_limit(struct serve_clients *all, unsigned each_most);
void serve_clients_free(struct serve_clients *all);

/* Whether one more from that address may come; somebody else may have to go. */
bool serve_clients_accept(struct serve_clients *all,
	const struct sockaddr *address);

/*
 * A connection begins; NULL where there are too many.  fd stays the caller's,
 * who ends the client before he closes it.
 */
struct serve_client *serve_client_begin(struct serve_clients *all,
	const struct sockaddr *address, int fd);
void serve_client_end(struct serve_client *c);

/* The address as text, for a log. */
const char *serve_client_name(const struct serve_client *c);

/* A request has come as a whole: no limit until the answer is there. */
void serve_client_works(struct serve_client *c);

/* The answer is being sent: so many bytes of it were taken up to now. */
void serve_client_sends(struct serve_client *c, int64_t bytes);

/* It was sent: the next request is awaited. */
void serve_client_waits(struct serve_client *c);

/* Shuts the connections that are overdue; how many. */
unsigned serve_clients_sweep(struct serve_clients *all, int64_t now_ms);

/* How many have a request that is not answered yet. */
unsigned serve_clients_busy(struct serve_clients *all);

#endif
