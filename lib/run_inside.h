/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run.c, run_reason.c and run_result.c share: an attempt on its way. */
#ifndef RUN_INSIDE_H
#define RUN_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup.h"
#include "run.h"
#include "sandbox.h"
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
	int64_t timeout_s, deadline_ms;	/* of the run as a whole */
	bool started, timed_out, fenced;
	int cgroup;		/* the run's, or -1 */
	struct cgroup_events events;
	const struct classify_pattern *failure;	/* what the log has; or NULL */
	char *message;		/* what came out, for people; NULL: as usual */
};

/*
 * Copies what the log has got since the last time, to where it is followed; at
 * log-max that ends, and says so.
 */
void run_copy_news(struct attempt *a);

/*
 * Gives back the disk space of what a result will leave out of the log's
 * middle, while it is still written: on filesystems that can do that.
 */
void run_bound_logs(const struct attempt *a);

/* Makes the run's cgroup, where there are any; notes what came of it. */
int run_begin_limits(struct attempt *a, struct fail *f);
void run_end_limits(struct attempt *a);

/* What the sandbox has to keep, since no cgroup does. */
struct sandbox_limits run_limits(const struct attempt *a);

/*
 * For people: that memory was short, where it was and the run did not pass all
 * the same.  NULL otherwise.
 */
char *run_limits_message(const struct attempt *a, int exit_code);

/* Removes what is below a scratch directory, as run_remove_scratch does. */
int run_remove_folder(const char *path, struct fail *f);

/* Makes the command, as it is to be run next. */
int run_make_command(struct attempt *a, bool machine, struct fail *f);

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
