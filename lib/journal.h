/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systemd's journal, by its native protocol: a datagram an entry, which has
 * fields.  journald(8) names the socket; the format is that of "Native Journal
 * Protocol" in systemd's documentation.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdio.h>

struct strs;

struct journal {
	int fd;		/* -1: the socket is not there */
};

/*
 * 0 where out is the journal, as $JOURNAL_STREAM tells; -1 where not.  socket
 * is where it listens; NULL: at its own place.
 */
int journal_open(struct journal *j, const char *socket, FILE *out);
void journal_close(struct journal *j);

/*
 * Sends an entry of fields "NAME=value"; -1 with errno where it was not taken.
 * It never blocks.
 */
int journal_send(const struct journal *j, const struct strs *fields);

#endif
