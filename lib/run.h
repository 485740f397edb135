/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt, in a process of its own: runs autopkgtest in a sandbox, keeps
 * the stage's log growing, and packs what came out into the sealed stage.  The
 * worker stays free to claim, and reads the attempt's end from wait(2).
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "token.h"

struct cgroup;
struct classify;
struct conf;
struct fail;
struct fence;
struct log;
struct policy_verdict;
struct request;
struct spool;

/*
 * The process's exit status: autopkgtest's own, 0 to 20, with the stage
 * sealed (a run that was killed is told as 16, an unknown status as 20), or
 * RESULT_EXIT_REJECTED with such a stage; or one of these, where the log says
 * why.
 */
enum {
	RUN_NOT_STARTED = 69,	/* this host cannot run tests now */
	RUN_BAD_HOST = 70,	/* it ran, but this host or a mount failed */
	RUN_FENCED = 71,	/* ended, since the lease could not be kept */
	RUN_STOPPED = 72,	/* ended by SIGTERM */
	RUN_FAILED = 75,	/* it ran, but no result could be made of it */
};

/* The word for an exit code, as the configuration has it for 20. */
const char *run_status(const struct conf *c, int exit_code);

struct run {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	const struct request *request;
	const struct token *token;	/* as in cur/ */
	const char *attempt;		/* its name, which is the stage's */
	const char *queue;
	const char *day;		/* of done/, for the plan */
	const char *scratch;		/* a local directory of its own */
	const struct policy_verdict *verdict;	/* NULL: nothing is said */
	const struct fence *fence;	/* where it ends at the latest */
	uint64_t fence_passes;		/* of it, before this began */
	struct classify *failures;	/* what logs tell; NULL: nothing */
	bool isolated;
	const struct cgroup *cgroup;	/* NULL, or without any: none */
};

/*
 * Makes the folder that all scratch directories are made in.  EX_CONFIG where
 * it is there but others could put something into it.
 */
int run_make_scratch(const char *path, struct fail *f);

/*
 * Removes a run's scratch directory, or a folder of them, and before that what
 * its virt server left elsewhere (virt.h).  What a testbed in a user namespace
 * wrote belongs to the user's subordinate ids (subuid(5)): unshare(1) removes
 * that; chattr(1) makes root's immutable files mutable; both within
 * TOOL_TIME_MOST_S, and what they leave then is for another time.  What is
 * mounted below is unmounted; where that cannot be, nothing is removed, and
 * EBUSY is in f->err.  Gone is fine.
 */
int run_remove_scratch(const char *path, struct fail *f);
int run_remove_scratches(const char *folder, struct fail *f);

/*
 * Whether either is left of a run that had this scratch directory: that, or its
 * cgroup.  The runner has removed them, unless it was killed or could not.
 */
bool run_is_left(const struct cgroup *g, const char *scratch);

/* A run's own scratch directory; free() it. */
char *run_scratch(const struct conf *c, const struct token *t);

/*
 * Kills what is left in the cgroup of the run that had this scratch directory,
 * and removes that; the runner has done so, unless it was killed.
 */
int run_remove_cgroup(const struct cgroup *g, const char *scratch,
	struct fail *f);

/* Forks.  SIGTERM ends the attempt, and all it started, without a result. */
pid_t run_start(const struct run *r, struct fail *f);

#endif
