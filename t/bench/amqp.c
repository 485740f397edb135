/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RabbitMQ: a durable queue, persistent messages, and a confirm for each, which
 * it sends when the message is on the disk; what is taken is acknowledged by
 * hand, which is the commit.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include "bench.h"
#include "peer.h"

enum { CHANNEL = 1, IN_FLIGHT = 1000, PERSISTENT = 2 };

struct peer {
	amqp_connection_state_t c;
	uint64_t published, confirmed;	/* all up to these */
	bool is_confirmed[IN_FLIGHT];	/* of those that follow */
};

static void
check(bool ok, const char *what)
{
	if (!ok) {
		errno = EPROTO;
		bench_die(what);
	}
}

static void
check_reply(const struct peer *p, const char *what)
{
	check(amqp_get_rpc_reply(p->c).reply_type == AMQP_RESPONSE_NORMAL,
	    what);
}

static amqp_bytes_t
queue(void)
{
	return amqp_cstring_bytes("bench");
}

struct peer *
peer_enter(uint16_t port)
{
	struct peer *p = calloc(1, sizeof *p);
	amqp_socket_t *s;

	if (!p)
		bench_die("calloc");
	p->c = amqp_new_connection();
	s = amqp_tcp_socket_new(p->c);
	check(s && amqp_socket_open(s, "127.0.0.1", port) == AMQP_STATUS_OK,
	    "rabbitmq: cannot connect");
	check(amqp_login(p->c, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0,
	    AMQP_SASL_METHOD_PLAIN, "guest", "guest").reply_type ==
	    AMQP_RESPONSE_NORMAL, "rabbitmq: login");
	(void)amqp_channel_open(p->c, CHANNEL);
	check_reply(p, "channel.open");
	(void)amqp_queue_declare(p->c, CHANNEL, queue(), 0, 1, 0, 0,
	    amqp_empty_table);
	check_reply(p, "queue.declare");
	(void)amqp_confirm_select(p->c, CHANNEL);
	check_reply(p, "confirm.select");
	return p;
}

static void
publish(struct peer *p)
{
	amqp_basic_properties_t how = { ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
	    .delivery_mode = PERSISTENT };

	check(amqp_basic_publish(p->c, CHANNEL, amqp_empty_bytes, queue(), 0,
	    0, &how, amqp_cstring_bytes(bench_text())) == AMQP_STATUS_OK,
	    "basic.publish");
	p->published++;
}

/* A confirm is for one message, or for all up to one. */
static void
take_confirm(struct peer *p)
{
	amqp_frame_t frame;
	const amqp_basic_ack_t *ack;

	amqp_maybe_release_buffers(p->c);
	check(amqp_simple_wait_frame(p->c, &frame) == AMQP_STATUS_OK &&
	    frame.frame_type == AMQP_FRAME_METHOD &&
	    frame.payload.method.id == AMQP_BASIC_ACK_METHOD, "confirm");
	ack = frame.payload.method.decoded;
	if (ack->multiple)
		for (uint64_t i = p->confirmed; i < ack->delivery_tag; i++)
			p->is_confirmed[i % IN_FLIGHT] = true;
	else
		p->is_confirmed[(ack->delivery_tag - 1) % IN_FLIGHT] = true;
	while (p->is_confirmed[p->confirmed % IN_FLIGHT])
		p->is_confirmed[p->confirmed++ % IN_FLIGHT] = false;
}

void
peer_put_many(struct peer *p, size_t n)
{
	uint64_t end = p->published + n;

	while (p->confirmed < end)
		if (p->published < end &&
		    p->published - p->confirmed < IN_FLIGHT)
			publish(p);
		else
			take_confirm(p);
}

void
peer_put(struct peer *p)
{
	peer_put_many(p, 1);
}

uint64_t
peer_claim(struct peer *p)
{
	amqp_rpc_reply_t r;
	amqp_message_t message;
	uint64_t tag;

	do {
		amqp_maybe_release_buffers(p->c);
		r = amqp_basic_get(p->c, CHANNEL, queue(), 0);
		check(r.reply_type == AMQP_RESPONSE_NORMAL, "basic.get");
	} while (r.reply.id == AMQP_BASIC_GET_EMPTY_METHOD);
	tag = ((amqp_basic_get_ok_t *)r.reply.decoded)->delivery_tag;
	r = amqp_read_message(p->c, CHANNEL, &message, 0);
	check(r.reply_type == AMQP_RESPONSE_NORMAL, "basic.get");
	amqp_destroy_message(&message);
	return tag;
}

void
peer_commit(struct peer *p, uint64_t claim)
{
	check(amqp_basic_ack(p->c, CHANNEL, claim, 0) == AMQP_STATUS_OK,
	    "basic.ack");
}
