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

struct attempt {
	const struct run *run;
	char *output_path, *tmp_path;
	int scratch, output, console;
	struct strs argv, virt;
	struct follow follow;
	int64_t started_s;
	int64_t timeout_s, deadline_ms;	/* of the run as a whole */
	bool started, timed_out, fenced;
};

/* Makes the command, as it is to be run next. */
void run_make_command(struct attempt *a, bool machine);

/*
 * Whether what came out says that it has to be run again, on a machine of its
 * own: 1 with nothing of that left and the command made for the machine, 0
 * where it is the result, -1 after an error.
 */
int run_needs_machine(struct attempt *a, struct fail *f);

/*
 * The result of a package that is never run, with the reason for a log.
 * Returns RESULT_EXIT_REJECTED.
 */
int run_reject(struct attempt *a, struct fail *f);

/* "COMMAND cannot be started: " and what was said about it. */
int run_not_started(const struct attempt *a, struct fail *f);

/* Says in the worker's log why a testbed failed, if the console tells. */
void run_tell_reason(const struct attempt *a);

/*
 * Makes the run's files of what autopkgtest left, with a result.json of this
 * exit code, and seals the stage.
 */
int run_pack_and_seal(struct attempt *a, int exit_code, struct fail *f);

#endif
