/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "hook_keep.h"
#include "hook_message.h"
#include "hook_run.h"
#include "journal.h"
#include "log.h"
#include "mem.h"

enum { TICK_MS = 100, IDLE_MS = 1000 };

struct keeper {
	const struct log *log;
	struct hook_message waiting[HOOK_QUEUE_MOST];	/* oldest first */
	size_t n;
	struct hook_run runs[HOOK_AT_ONCE];
	size_t lost;		/* for which there was no room */
	int socket;
	bool ending;
	char message[HOOK_MESSAGE_MOST];
};

static void
tell_lost(struct keeper *k)
{
	if (k->lost)
		log_say(k->log, LOG_LEVEL_ERROR, "hooks: %zu events were not "
		    "told, as %d waited already", k->lost, HOOK_QUEUE_MOST);
	k->lost = 0;
}

static void
take(struct keeper *k, size_t n)
{
	struct hook_message m;

	if (hook_message_read(&m, k->message, n) != 0) {
		hook_message_free(&m);
		return;
	}
	if (k->n < HOOK_QUEUE_MOST) {
		k->waiting[k->n++] = m;
		return;
	}
	if (k->lost++ == 0)
		log_say(k->log, LOG_LEVEL_ERROR, "hooks: an event is not "
		    "told: %d wait already", HOOK_QUEUE_MOST);
	hook_message_free(&m);
}

static void
take_all(struct keeper *k)
{
	ssize_t n;

	while ((n = recv(k->socket, k->message, sizeof k->message,
	    MSG_DONTWAIT)) > 0)
		take(k, (size_t)n);
	k->ending |= n == 0 || (errno != EAGAIN && errno != EINTR);
}

static bool
is_running(const struct keeper *k, const char *id)
{
	for (size_t i = 0; i < HOOK_AT_ONCE; i++)
		if (k->runs[i].active &&
		    strcmp(k->runs[i].message.id, id) == 0)
			return true;
	return false;
}

/* The oldest whose request has no other event being told. */
static void
start_next(struct keeper *k, struct hook_run *run)
{
	size_t i = 0;

	while (i < k->n && is_running(k, k->waiting[i].id))
		i++;
	if (i == k->n)
		return;
	hook_run_begin(run, &k->waiting[i], k->log);
	memmove(&k->waiting[i], &k->waiting[i + 1],
	    (--k->n - i) * sizeof *k->waiting);
	if (k->n < HOOK_QUEUE_MOST / 2)
		tell_lost(k);
}

/* One step of all; false when nothing is left. */
static bool
push(struct keeper *k)
{
	bool active = false;

	for (size_t i = 0; i < HOOK_AT_ONCE; i++) {
		struct hook_run *run = &k->runs[i];

		if (run->active)
			hook_run_push(run);
		if (!run->active)
			start_next(k, run);
		active |= run->active;
	}
	return active || k->n;
}

static void
wait_for_news(struct keeper *k, bool active)
{
	struct pollfd p[HOOK_AT_ONCE + 1] = { { .fd = k->ending ? -1 :
	    k->socket, .events = POLLIN } };

	for (size_t i = 0; i < HOOK_AT_ONCE; i++)
		p[i + 1] = (struct pollfd){ .fd = k->runs[i].active ?
		    k->runs[i].output : -1, .events = POLLIN };
	(void)poll(p, HOOK_AT_ONCE + 1, active ? TICK_MS : IDLE_MS);
	if (p[0].revents)
		take_all(k);
}

static void
give_up(struct keeper *k)
{
	size_t left = k->n;

	for (size_t i = 0; i < HOOK_AT_ONCE; i++)
		if (k->runs[i].active) {
			hook_run_kill(&k->runs[i]);
			left++;
		}
	if (left)
		log_say(k->log, LOG_LEVEL_ERROR, "hooks: the worker has "
		    "ended; %zu events were not told to the end", left);
}

/* Not the worker's lock, nor its folders, are held open here. */
static void
close_all_but(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b);
	unsigned high = (unsigned)(a < b ? b : a);

	(void)close_range(STDERR_FILENO + 1, low - 1, 0);
	(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0U, 0);
}

/* It ends with the worker, not by what the worker is told. */
static void
settle_in(int socket, const struct log *log)
{
	int journal = log && log->journal ? log->journal->fd : -1;

	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)prctl(PR_SET_NAME, "adtspool-hooks");
	close_all_but(socket, journal > STDERR_FILENO ? journal : socket);
	(void)!chdir("/");
}

_Noreturn void
hook_keep(int socket, const struct log *log, pid_t worker)
{
	struct keeper *k = mem_alloc(sizeof *k);
	int64_t until_ms = INT64_MAX;
	bool active = false;

	settle_in(socket, log);
	k->log = log;
	k->socket = socket;
	for (;;) {
		wait_for_news(k, active);
		k->ending |= getppid() != worker;
		if (k->ending && until_ms == INT64_MAX)
			until_ms = clock_boot_ms() + HOOK_STOP_MS;
		active = push(k);
		if ((k->ending && !active) || clock_boot_ms() >= until_ms)
			break;
	}
	give_up(k);
	tell_lost(k);
	_exit(0);
}
