/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "guard.h"
#include "log.h"

struct guard_page {
	_Atomic int64_t busy_since_ms;	/* on the boot clock; 0: it waits */
};

/* A clock that was set aside, by a suspended host, is looked at again. */
enum { LOOK_MOST_MS = 5000, HANGS_LOOK_MS = 1000 };

/* Until a hang could be told; or until its end is. */
static void
rest(const struct guard_page *page, bool hangs)
{
	int64_t since_ms = atomic_load(&page->busy_since_ms);
	int64_t ms = hangs ? HANGS_LOOK_MS : LOOK_MOST_MS;
	int64_t left_ms = since_ms + GUARD_PATIENCE_MS - clock_boot_ms();

	if (since_ms && !hangs && left_ms < ms)
		ms = left_ms < 1 ? 1 : left_ms + 1;
	(void)nanosleep(&(struct timespec){ ms / 1000,
	    ms % 1000 * 1000000 }, NULL);
}

/* One look; said tells whether the hang it sees was told already. */
static bool
look(const struct guard_page *page, const char *what, const struct log *log,
	bool said)
{
	int64_t since_ms = atomic_load(&page->busy_since_ms);
	bool hangs = since_ms &&
	    clock_boot_ms() - since_ms > GUARD_PATIENCE_MS;

	if (hangs && !said)
		log_say(log, LOG_LEVEL_ERROR, "%s: no answer for %d s; the "
		    "worker hangs, and ends its tests after half of its lease",
		    what, GUARD_PATIENCE_MS / 1000);
	if (!hangs && said)
		log_say(log, LOG_LEVEL_INFO, "%s: answers again", what);
	return hangs;
}

static _Noreturn void
be_guard(const struct guard_page *page, const char *what,
	const struct log *log, pid_t worker)
{
	bool said = false;

	/* It ends with the worker, not by what the worker is told. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(0);	/* before it could be told so */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)!chdir("/");
	for (;;) {
		said = look(page, what, log, said);
		rest(page, said);
	}
}

int
guard_start(struct guard *g, const char *what, const struct log *log,
	struct fail *f)
{
	pid_t worker = getpid();
	void *page = mmap(NULL, sizeof *g->page, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*g = (struct guard){ 0 };
	if (page == MAP_FAILED)
		return fail_errno(f, "shared memory");
	g->page = page;
	guard_busy(g);
	g->pid = fork();
	if (g->pid == 0)
		be_guard(g->page, what, log, worker);
	if (g->pid > 0)
		return 0;
	g->pid = 0;
	return fail_errno(f, "cannot start a process");
}

void
guard_stop(struct guard *g)
{
	if (g->pid) {
		(void)kill(g->pid, SIGKILL);
		while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (g->page)
		(void)munmap(g->page, sizeof *g->page);
	*g = (struct guard){ 0 };
}

void
guard_busy(struct guard *g)
{
	atomic_store(&g->page->busy_since_ms, clock_boot_ms());
}

void
guard_idle(struct guard *g)
{
	atomic_store(&g->page->busy_since_ms, 0);
}
