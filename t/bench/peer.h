/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A broker on loopback, as its client sees it: peer.c measures, beanstalk.c and
 * amqp.c are the two that there are.  All ends the process where it fails.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

struct peer;

/* A connection of one's own. */
struct peer *peer_enter(uint16_t port);

/* Puts bench_text into the queue; when this returns it is on the disk. */
void peer_put(struct peer *p);

/* The same n times, as quickly as can be, until all are on the disk. */
void peer_put_many(struct peer *p, size_t n);

/* Waits for one, and takes it; nobody else gets it then. */
uint64_t peer_claim(struct peer *p);

/* What was claimed has been done, and is gone. */
void peer_commit(struct peer *p, uint64_t claim);

#endif
