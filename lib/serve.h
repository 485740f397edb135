/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to libmicrohttpd: results over HTTP, for britney and for people;
 * adtspool-serve(8) is the manual, serve_route.h has the paths.
 *
 * Each connection has a thread of its own.  All that it does is to read files,
 * and on a network filesystem any of these calls may take long: this way it is
 * that one client who waits.  Threads are as many as the configuration allows
 * connections, and no more are accepted.
 */
#ifndef SERVE_H
#define SERVE_H

struct conf;
struct fail;
struct log;
struct notify;
struct spool;

struct serve_options {
	struct notify *notify;	/* who started it; NULL: nobody is told */
	/* Reads the configuration again, on SIGHUP; NULL: nothing happens. */
	int (*reread)(void *of, struct conf *fresh, struct fail *f);
	void *of;
};

/*
 * Serves until SIGTERM or SIGINT.  After SIGHUP it has the new
 * serve-each-client; the log tells where the new file is no good.  Of a spool
 * whose fd is -1 there are the results alone.  -1 where it cannot listen.
 */
int serve(const struct conf *c, const struct spool *s, const struct log *log,
	const struct serve_options *o, struct fail *f);

#endif
