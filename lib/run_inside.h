/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run.c, run_reason.c and run_result.c share: an attempt on its way. */
#ifndef RUN_INSIDE_H
#define RUN_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"
#include "strs.h"

/* The growing log, copied to where other hosts can follow it. */
struct follow {
	int from, to;
	int64_t left_bytes;
};

struct classify_pattern;

struct attempt {
	const struct run *run;
	char *output_path, *tmp_path;
	int scratch, output, console;
	struct strs argv, virt;
	struct follow follow;
	int64_t started_s;
	bool started, timed_out, fenced;
	const struct classify_pattern *failure;	/* what the log has; or NULL */
	char *message;		/* what came out, for people; NULL: as usual */
};

/* "COMMAND cannot be started: " and what was said about it. */
int run_not_started(const struct attempt *a, struct fail *f);

/*
 * What autopkgtest's exit code is worth: what it left, and what its log says,
 * may make another one of it.  Sets failure and message.
 */
int run_judge(struct attempt *a, int exit_code);

/*
 * The first line of the console that has the word, from there on; false where
 * none has.  It may be a stranger's text.
 */
bool run_find_line(const struct attempt *a, const char *word, char *line,
	size_t room);

/* Says in the worker's log why a testbed failed, if the console tells. */
void run_tell_reason(const struct attempt *a);

/*
 * Makes the run's files of what autopkgtest left, with a result.json of this
 * exit code, and seals the stage.
 */
int run_pack_and_seal(struct attempt *a, int exit_code, struct fail *f);

#endif
