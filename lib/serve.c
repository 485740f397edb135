/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "serve.h"
#include "serve_answer.h"
#include "serve_client.h"
#include "serve_listen.h"
#include "serve_route.h"
#include "serve_site.h"
#include "spool.h"

enum {
	MEMORY_EACH = 32 << 10,		/* of a connection: its headers */
	STACK = 512 << 10,		/* of its thread */
	BLOCK = 64 << 10,		/* of a body */
	IDLE_S = 30,			/* without a byte either way */
	FINISH_S = 10,			/* for answers, when it is to end */
	TARGET_SHOWN = 512,		/* bytes of it in the log */
};

struct server {
	struct serve_site site;
	struct serve_clients *clients;
	const struct log *log;
	const struct serve_options *options;
};

/* A request, from its first line to the end of its answer. */
struct exchange {
	struct server *server;
	struct serve_client *client;
	char *target, *method;
	int64_t begun_ms, sent_bytes;
	struct serve_answer answer;
};

static enum MHD_Result
accept_client(void *cls, const struct sockaddr *address, socklen_t len)
{
	struct server *s = cls;

	(void)len;
	return serve_clients_accept(s->clients, address) ? MHD_YES : MHD_NO;
}

static void
notice_client(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context)
			serve_client_end(*context);
		return;
	}
	*context = serve_client_begin(s->clients,
	    MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
	    MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
}

/* The target as it was sent, before anything is decoded. */
static void *
begin_exchange(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct exchange *x = mem_alloc(sizeof *x);

	x->server = cls;
	x->client = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	x->target = mem_dup(target);
	x->begun_ms = clock_boot_ms();
	x->answer = (struct serve_answer){ .site = &x->server->site,
	    .fd = -1 };
	return x;
}

/* Nobody's bytes get into the log but as text within quotes. */
static void
say_exchange(const struct exchange *x)
{
	struct buf shown = { 0 };

	buf_add(&shown, "");
	for (const char *p = x->target; *p && p - x->target < TARGET_SHOWN; p++)
		if (*p < '!' || *p > '~' || *p == '"' || *p == '\\')
			buf_addf(&shown, "\\x%02x", (unsigned char)*p);
		else
			buf_addn(&shown, p, 1);
	log_say(x->server->log, LOG_LEVEL_INFO, "%s \"%s %s\" %d %lld %lld ms",
	    x->client ? serve_client_name(x->client) : "?",
	    x->method ? x->method : "?", shown.s, x->answer.status,
	    (long long)x->sent_bytes,
	    (long long)(clock_boot_ms() - x->begun_ms));
	buf_free(&shown);
}

static void
end_exchange(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *context;

	(void)cls, (void)connection, (void)code;
	if (!x)
		return;
	say_exchange(x);
	if (x->client)
		serve_client_waits(x->client);
	serve_answer_free(&x->answer);
	free(x->target);
	free(x->method);
	free(x);
	*context = NULL;
}

static ssize_t
send_body(void *cls, uint64_t at, char *p, size_t n)
{
	struct exchange *x = cls;
	ssize_t got = serve_answer_read(&x->answer, (int64_t)at, p, n);

	if (got == SERVE_BODY_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (got < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	x->sent_bytes = (int64_t)at + got;
	if (x->client)
		serve_client_sends(x->client, x->sent_bytes);
	return got;
}

static enum MHD_Result
send_answer(struct exchange *x, struct MHD_Connection *connection)
{
	int64_t size = serve_answer_size(&x->answer);
	struct strs *h = &x->answer.headers;
	enum MHD_Result rc;
	struct MHD_Response *r = MHD_create_response_from_callback(
	    size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)size, BLOCK, send_body, x,
	    NULL);

	if (!r)
		return MHD_NO;
	/* In chunks, the library would send the last one to HEAD, too. */
	if (size < 0 && strcmp(x->method, "HEAD") == 0)
		(void)MHD_set_response_options(r,
		    MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_OPTION_END);
	for (size_t i = 0; i + 1 < h->n; i += 2)
		(void)MHD_add_response_header(r, h->v[i], h->v[i + 1]);
	if (x->client)
		serve_client_sends(x->client, 0);
	rc = MHD_queue_response(connection, (unsigned)x->answer.status, r);
	MHD_destroy_response(r);
	return rc;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/*
 * The library calls once when the headers are there, and again when all is.
 * To answer the first call ends the connection, which is right for a body
 * that nobody wants to read, and for nothing else.
 */
static bool
has_body(struct MHD_Connection *connection, const char *method)
{
	return (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) ||
	    header(connection, "Content-Length") ||
	    header(connection, "Transfer-Encoding");
}

static enum MHD_Result
answer(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_size, void **context)
{
	struct exchange *x = *context;
	struct serve_request r = { .method = method };
	struct serve_conditions *c = &r.conditions;

	(void)cls, (void)url, (void)version, (void)upload, (void)upload_size;
	if (!x)
		return MHD_NO;
	if (!x->method) {
		x->method = mem_dup(method);
		if (!has_body(connection, method))
			return MHD_YES;
	}
	if (x->client)
		serve_client_works(x->client);
	r.target = x->target;
	c->none_match = header(connection, "If-None-Match");
	c->modified_since = header(connection, "If-Modified-Since");
	c->if_range = header(connection, "If-Range");
	if (strcmp(method, "GET") == 0)
		c->range = header(connection, "Range");
	serve_route(&x->server->site, &r, &x->answer);
	return send_answer(x, connection);
}

/* Most of it is about what clients do. */
static void
say_library(void *cls, const char *format, va_list ap)
{
	const struct server *s = cls;
	struct buf b = { 0 };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_vaddf(&b, format, ap);
#pragma GCC diagnostic pop
	while (b.len && b.s[b.len - 1] == '\n')
		b.s[--b.len] = '\0';
	log_say(s->log, LOG_LEVEL_INFO, "%s", b.s);
	buf_free(&b);
}

static struct MHD_Daemon *
start(struct server *s, int listener, unsigned most)
{
	return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
	    MHD_USE_ERROR_LOG, 0, accept_client, s, answer, s,
	    MHD_OPTION_EXTERNAL_LOGGER, say_library, s,
	    MHD_OPTION_LISTEN_SOCKET, listener,
	    MHD_OPTION_CONNECTION_LIMIT, most + SERVE_CLIENTS_SPARE,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_EACH,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_NOTIFY_CONNECTION, notice_client, s,
	    MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, s,
	    MHD_OPTION_NOTIFY_COMPLETED, end_exchange, s, MHD_OPTION_END);
}

/* Its threads read the configuration at any time: all else stays. */
static void
reload(struct server *s)
{
	const struct serve_options *o = s->options;
	struct conf fresh;
	struct fail f;

	notify_reloading(o->notify);
	if (o->reread && o->reread(o->of, &fresh, &f) == 0) {
		serve_clients_limit(s->clients, fresh.serve_each_client);
		log_say(s->log, LOG_LEVEL_INFO, "%s: serve-each-client is %u; "
		    "other keys need a restart", fresh.file,
		    fresh.serve_each_client);
		conf_free(&fresh);
	} else if (o->reread) {
		log_say(s->log, LOG_LEVEL_ERROR, "not reloaded, the "
		    "configuration from before holds: %s", f.text);
	}
	notify_ready(o->notify);
}

/* Until a signal; sweeps once a second.  Returns the signal. */
static int
wait_for_end(struct server *s, const sigset_t *signals)
{
	static const struct timespec second = { .tv_sec = 1 };
	int got;

	while ((got = sigtimedwait(signals, NULL, &second)) < 0 ||
	    got == SIGHUP) {
		unsigned n = serve_clients_sweep(s->clients, clock_boot_ms());

		if (n)
			log_say(s->log, LOG_LEVEL_INFO, "%u too slow, shut out",
			    n);
		if (got == SIGHUP)
			reload(s);
		notify_alive(s->options->notify);
	}
	notify_stopping(s->options->notify);
	return got;
}

/* No new connections; answers that were begun have a time to end. */
static void
finish(struct server *s, struct MHD_Daemon *daemon)
{
	static const struct timespec tenth = { .tv_nsec = 100000000 };
	int64_t until_ms = clock_boot_ms() + FINISH_S * 1000;
	int listener = MHD_quiesce_daemon(daemon);

	if (listener >= 0)
		(void)close(listener);
	while (serve_clients_busy(s->clients) && clock_boot_ms() < until_ms)
		(void)nanosleep(&tenth, NULL);
	MHD_stop_daemon(daemon);
}

static void
block_signals(sigset_t *taken)
{
	(void)sigemptyset(taken);
	(void)sigaddset(taken, SIGTERM);
	(void)sigaddset(taken, SIGINT);
	(void)sigaddset(taken, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, taken, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

int
serve(const struct conf *c, const struct spool *spool, const struct log *log,
	const struct serve_options *o, struct fail *f)
{
	struct server s = { .site = { .conf = c, .spool = spool, .log = log,
	    .turn = PTHREAD_MUTEX_INITIALIZER,
	    .metrics.turn = PTHREAD_MUTEX_INITIALIZER }, .log = log,
	    .options = o };
	int listener = serve_listen(c->serve_listen, f);
	struct MHD_Daemon *daemon;
	char *address;
	sigset_t signals;

	if (listener < 0)
		return -1;
	block_signals(&signals);
	address = serve_listen_address(listener);
	s.clients = serve_clients_new(c->serve_clients, c->serve_each_client);
	daemon = start(&s, listener, c->serve_clients);
	if (daemon) {
		notify_ready(o->notify);
		notify_status(o->notify, address);
		log_say(log, LOG_LEVEL_INFO, "%s at http://%s/",
		    spool->results_path, address);
		log_say(log, LOG_LEVEL_INFO, "signal %d: ending",
		    wait_for_end(&s, &signals));
		finish(&s, daemon);
	} else {
		(void)fail_set(f, EX_UNAVAILABLE, "%s: the server does not "
		    "start", address);
		(void)close(listener);
	}
	serve_clients_free(s.clients);
	buf_free(&s.site.metrics.text);
	free(address);
	return daemon ? 0 : -1;
}
