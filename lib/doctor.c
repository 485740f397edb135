/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "doctor_look.h"
#include "doctor_peer.h"
#include "fail.h"

/* GRACE_MS is for cleaning up at the end. */
enum { GRACE_MS = 5000, TICK_MS = 200 };

static void
look(struct doctor *d)
{
	static void (*const checks[])(struct doctor *) = {
		doctor_check_mounts, doctor_check_folders, doctor_check_moves,
		doctor_check_calls, doctor_check_locks, doctor_check_space,
		doctor_check_watch };
	bool there = doctor_open(d) == 0;

	for (size_t i = 0; there && i < sizeof checks / sizeof *checks &&
	    !*d->options->stop; i++)
		checks[i](d);
	doctor_check_scratch(d);
	doctor_check_host(d);
	doctor_close(d);
}

static void
be_looker(const struct conf *c, const struct doctor_options *o, int wire)
{
	struct doctor_report report = { .wire = wire };
	struct doctor d = { .conf = c, .options = o, .report = &report };

	/* Who ends us, or is gone, does not keep us from cleaning up. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)signal(SIGPIPE, SIG_IGN);
	if (o->peer)
		doctor_peer(c, o, &report);
	else
		look(&d);
	doctor_report_free(&report);
	_exit(0);
}

static pid_t
start_looker(const struct conf *c, const struct doctor_options *o, int *wire,
	struct fail *f)
{
	int ends[2], out;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_errno(f, "cannot start a process");
	pid = fork();
	if (pid == 0) {
		/* Not 0: a report's wire is none then. */
		out = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		(void)close(ends[0]);
		(void)close(ends[1]);
		be_looker(c, o, out);
	}
	(void)close(ends[1]);
	*wire = ends[0];
	if (pid > 0)
		return pid;
	(void)close(ends[0]);
	return fail_errno(f, "cannot start a process");
}

/* Takes each whole line out of b. */
static void
take_lines(struct doctor_report *r, struct buf *b)
{
	struct fail f;
	char *end;
	size_t n;

	while (b->len && (end = memchr(b->s, '\n', b->len))) {
		n = (size_t)(end - b->s);
		(void)doctor_report_add_line(r, b->s, n, &f);
		memmove(b->s, end + 1, b->len - n);
		b->len -= n + 1;
	}
}

/* Until the looker has said all: 0; -1 where that takes too long. */
static int
listen_to(int wire, const struct doctor_options *o, pid_t looker,
	struct doctor_report *r)
{
	int64_t end_ms = clock_boot_ms() + o->limit_s * 1000 +
	    (o->peer ? DOCTOR_PEER_MOST_MS + 2 * GRACE_MS : 0);
	struct pollfd p = { .fd = wire, .events = POLLIN };
	struct buf b = { 0 };
	bool told = false;
	char chunk[4096];
	ssize_t n = 1;

	while (n > 0 && clock_boot_ms() < end_ms) {
		if (*o->stop && !told) {
			told = true;
			(void)kill(looker, SIGTERM);
			end_ms = clock_boot_ms() + GRACE_MS;
		}
		if (poll(&p, 1, TICK_MS) <= 0)
			continue;
		n = read(wire, chunk, sizeof chunk);
		if (n > 0)
			buf_addn(&b, chunk, (size_t)n);
		take_lines(r, &b);
	}
	buf_free(&b);
	return n > 0 ? -1 : 0;
}

static void
say_what_it_hangs_at(const struct conf *c, struct doctor_report *r)
{
	const struct doctor_finding *last = r->n ? &r->v[r->n - 1] : NULL;

	doctor_say(r, DOCTOR_UNSEEN, "hangs", "see whether \"ls\" of these "
	    "answers; if not, mend the mount, or its server", "%s or %s: a "
	    "call does not return; the last that was seen is: %s", c->spool,
	    c->results, last ? last->text : "nothing");
}

int
doctor(const struct conf *c, const struct doctor_options *o,
	struct doctor_report *r, struct fail *f)
{
	int wire = -1, status = 0, rc;
	pid_t looker = start_looker(c, o, &wire, f);

	if (looker < 0)
		return -1;
	rc = listen_to(wire, o, looker, r);
	(void)close(wire);
	if (rc != 0) {
		/* Not waited for: in the kernel it may hang for ever. */
		(void)kill(looker, SIGKILL);
		say_what_it_hangs_at(c, r);
		return 0;
	}
	while (waitpid(looker, &status, 0) < 0 && errno == EINTR)
		;
	if (*o->stop)
		doctor_say(r, DOCTOR_UNSEEN, "stopped", NULL,
		    "told to stop before all was seen");
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		doctor_say(r, DOCTOR_UNSEEN, "stopped", NULL,
		    "the looking ended before all was seen");
	return 0;
}

int
doctor_status(const struct doctor_report *r)
{
	switch (doctor_report_worst(r)) {
	case DOCTOR_BAD:
		return EX_CONFIG;
	case DOCTOR_UNSEEN:
		return EX_TEMPFAIL;
	default:
		return EX_OK;
	}
}
