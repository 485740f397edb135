/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command in a world of its own, of which nothing is left when it ends.
 *
 * Isolated (root only): its own PID namespace, whose death takes along every
 * process that it ever started; its own mount namespace with a private /tmp.
 * Otherwise: its own session, TMPDIR, and all descendants are killed at the
 * end (the caller becomes a subreaper).  In both cases its first process ends
 * it with the caller, or when the fence is passed.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct conf;
struct fail;
struct fence;
struct strs;

enum {
	SANDBOX_TIMEOUT = -1,	/* of sandbox_wait: still running */
	SANDBOX_SIGNALLED = -2,	/* a signal ended it */
	SANDBOX_FENCED = -3,	/* the fence was passed, and all was killed */
	SANDBOX_NOT_STARTED = 127,	/* no such program, as in sh(1) */
};

struct sandbox {
	pid_t pid;
	int pidfd;
	bool isolated;
};

/* What setrlimit(2) keeps, since no cgroup does; 0: any amount. */
struct sandbox_limits {
	unsigned processes_most;	/* of its user's, but root's */
	int64_t memory_most_bytes;	/* of each process's data */
	int64_t cpu_most_s;		/* of each process */
};

struct sandbox_plan {
	const struct strs *argv;
	const char *directory;	/* where it starts */
	const char *tmp;	/* what it has for /tmp */
	const char *tmp_too;	/* where it has that, too, if isolated; NULL */
	const struct strs *expose;	/* paths that stay visible below /tmp */
	int output;		/* its standard output and error */
	const struct fence *fence;	/* where it ends at the latest */
	uint64_t fence_passes;	/* of it, before this began */
	bool isolated;
	int cgroup;		/* for all its processes; 0: the caller's */
	struct sandbox_limits limits;
};

int sandbox_start(struct sandbox *s, const struct sandbox_plan *p,
	struct fail *f);

/* Its exit status, or one of the above. */
int sandbox_wait(struct sandbox *s, int timeout_ms);

/* Kills all that is left and waits for its end, 10 seconds at most. */
void sandbox_end(struct sandbox *s);

/*
 * Whether runs are isolated: as the configuration says, or as far as this
 * process can.  EX_CONFIG where it says always and that cannot be.
 */
int sandbox_choose(const struct conf *c, bool *isolated, struct fail *f);

#endif
