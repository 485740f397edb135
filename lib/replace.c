/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "lease.h"
#include "replace.h"
#include "spool.h"

#define SECOND ".2"

enum { COMMAND_SIZE_MOST = 64 << 10 };

/* Whether an argument of its command line is "worker". */
static bool
is_worker(pid_t pid)
{
	struct buf b = { 0 };
	char path[64];
	struct fail passed;
	bool is = false;

	(void)snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	if (fs_read(AT_FDCWD, path, COMMAND_SIZE_MOST, &b, &passed) == 0)
		for (size_t i = 0; i < b.len; i += strlen(b.s + i) + 1)
			is |= strcmp(b.s + i, "worker") == 0;
	buf_free(&b);
	return is;
}

/*
 * A descriptor of the process that its heartbeat names; -1 where that is none
 * of this host's.  The number may be somebody else's by now: the command line
 * tells, once the descriptor keeps it from changing again.
 */
static int
open_named(const struct spool *s, const char *worker)
{
	char host[NAME_WORKER_MAX + 1] = "";
	struct worker_state w;
	struct fail passed;
	int fd = -1;

	(void)gethostname(host, sizeof host - 1);
	if (lease_read(s, worker, &w, &passed) == 0 && w.host && w.pid > 0 &&
	    w.pid <= INT32_MAX && w.pid != getpid() &&
	    strcmp(w.host, host) == 0)
		fd = pidfd_open((pid_t)w.pid, 0);
	if (fd >= 0 && !is_worker((pid_t)w.pid)) {
		(void)close(fd);
		fd = -1;
	}
	worker_state_free(&w);
	return fd;
}

/* The same, of one that holds the name, as its lock tells. */
static int
open_holder(const struct spool *s, const char *worker)
{
	struct fail passed;
	int fd = open_named(s, worker);

	if (fd >= 0 && lease_is_held(s, worker, &passed) != 1) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static bool
was_opened(int fd)
{
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool
replace_is_alive(const struct spool *s, const char *worker)
{
	return was_opened(open_named(s, worker));
}

void
replace_other(char other[NAME_WORKER_MAX + 1], const char *name)
{
	size_t n = strlen(name), tail = strlen(SECOND);

	other[0] = '\0';
	if (n > tail && strcmp(name + n - tail, SECOND) == 0)
		(void)snprintf(other, NAME_WORKER_MAX + 1, "%.*s",
		    (int)(n - tail), name);
	else if (n + tail <= NAME_WORKER_MAX)
		(void)snprintf(other, NAME_WORKER_MAX + 1, "%s" SECOND, name);
}

static bool
runs(const struct spool *s, const char *worker)
{
	return was_opened(open_holder(s, worker));
}

int
replace_choose(struct replace *r, const struct spool *s, const char *name,
	struct fail *f)
{
	char second[NAME_WORKER_MAX + sizeof SECOND];
	bool first_runs = runs(s, name), second_runs;

	(void)snprintf(second, sizeof second, "%s" SECOND, name);
	if (!name_worker_ok(second))
		return fail_set(f, EX_CONFIG, "worker %s: its name is too long "
		    "for --replace, which appends " SECOND, name);
	second_runs = runs(s, second);
	if (first_runs && second_runs)
		return fail_set(f, EX_TEMPFAIL, "%s/workers: %s and %s both "
		    "run; wait for the end of one", s->path, name, second);
	(void)snprintf(r->name, sizeof r->name, "%.*s", NAME_WORKER_MAX,
	    first_runs ? second : name);
	(void)snprintf(r->before, sizeof r->before, "%.*s", NAME_WORKER_MAX,
	    first_runs ? name : second_runs ? second : "");
	return 0;
}

int
replace_stop(const struct spool *s, const char *worker, struct fail *f)
{
	int fd = open_holder(s, worker), rc;

	if (fd < 0)
		return 0;
	rc = pidfd_send_signal(fd, SIGTERM, NULL, 0) == 0 ? 1 :
	    errno == ESRCH ? 0 :
	    fail_errno(f, "worker %s cannot be told to stop", worker);
	(void)close(fd);
	return rc;
}
