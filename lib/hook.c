/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "hook.h"
#include "hook_keep.h"
#include "hook_message.h"
#include "log.h"

enum { KEEPER_GRACE_MS = 2000, TICK_NS = 20000000 };

void
hook_open(struct hooks *h, const struct conf *c, const struct log *l)
{
	*h = (struct hooks){ .conf = c, .log = l, .fd = -1 };
}

static void
start(struct hooks *h)
{
	pid_t worker = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		log_say(h->log, LOG_LEVEL_ERROR, "hooks: %s", strerror(errno));
		return;
	}
	h->keeper = fork();
	if (h->keeper == 0)
		hook_keep(ends[1], h->log, worker);
	(void)close(ends[1]);
	if (h->keeper < 0) {
		log_say(h->log, LOG_LEVEL_ERROR, "hooks: cannot start a "
		    "process: %s", strerror(errno));
		h->keeper = 0;
		(void)close(ends[0]);
		return;
	}
	h->fd = ends[0];
}

/* True when the keeper has ended, within that time. */
static bool
has_ended(struct hooks *h, int64_t wait_ms)
{
	int64_t until_ms = clock_boot_ms() + wait_ms;

	while (waitpid(h->keeper, NULL, WNOHANG) == 0) {
		if (clock_boot_ms() >= until_ms)
			return false;
		(void)nanosleep(&(struct timespec){ 0, TICK_NS }, NULL);
	}
	return true;
}

static void
part(struct hooks *h)
{
	(void)close(h->fd);
	h->fd = -1;
	h->keeper = 0;
}

static int
send_to(const struct hooks *h, const struct buf *b)
{
	return h->fd >= 0 && send(h->fd, b->s, b->len, MSG_DONTWAIT |
	    MSG_NOSIGNAL) == (ssize_t)b->len ? 0 : -1;
}

/* The first is told at once, the others when there is room again. */
static void
count_lost(struct hooks *h, int err)
{
	if (h->lost++ == 0)
		log_say(h->log, LOG_LEVEL_ERROR, "hooks: an event is not "
		    "told: %s", err == EAGAIN ? "too many wait" :
		    strerror(err));
}

static void
tell_lost(struct hooks *h)
{
	if (h->lost > 1)
		log_say(h->log, LOG_LEVEL_ERROR, "hooks: %zu events were not "
		    "told", h->lost);
	h->lost = 0;
}

void
hook_tell(struct hooks *h, const struct hook_event *e)
{
	struct buf b = { 0 };
	int rc;

	if (!h || !h->conf->hooks)
		return;
	hook_message_write(h->conf, e, &b);
	if (h->fd < 0)
		start(h);
	rc = send_to(h, &b);
	/* One that has died is followed by another. */
	if (rc != 0 && h->fd >= 0 && errno == EPIPE && has_ended(h, 0)) {
		log_say(h->log, LOG_LEVEL_ERROR, "hooks: their keeper has "
		    "ended; starting another");
		part(h);
		start(h);
		rc = send_to(h, &b);
	}
	if (rc == 0)
		tell_lost(h);
	else
		count_lost(h, errno);
	buf_free(&b);
}

void
hook_close(struct hooks *h)
{
	tell_lost(h);
	if (h->fd < 0)
		return;
	/* Attempts may have a copy of the descriptor. */
	(void)shutdown(h->fd, SHUT_WR);
	if (!has_ended(h, HOOK_STOP_MS + KEEPER_GRACE_MS)) {
		(void)kill(h->keeper, SIGKILL);
		(void)has_ended(h, TICK_NS / 1000000);
	}
	part(h);
}
