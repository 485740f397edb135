/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt, in a process of its own: runs autopkgtest in a sandbox, keeps
 * the stage's log growing, and packs what came out into the sealed stage.  The
 * worker stays free to claim, and reads the attempt's end from wait(2).
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "token.h"

struct conf;
struct fail;
struct log;
struct request;
struct spool;

/*
 * The process's exit status: autopkgtest's own, 0 to 20, with the stage
 * sealed (whatever ends without one of autopkgtest's is told as 16); or
 * RUN_FAILED: no result could be made, the log says why.
 */
enum { RUN_FAILED = 75 };

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
	bool isolated;
};

/* Forks.  SIGTERM ends the attempt, and all it started, without a result. */
pid_t run_start(const struct run *r, struct fail *f);

#endif
