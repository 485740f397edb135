/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a job ends, for job.c, job_end.c and job_host.c alone: the ways out of
 * cur/, and what follows.
 */
#ifndef JOB_LEAVE_H
#define JOB_LEAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "hook.h"
#include "job.h"
#include "lease.h"
#include "log.h"

/* Says it in the worker's log, with the request's id and name. */
void job_say(struct job *j, enum log_level level, const char *what);

/* A failure that comes again at each try is told once. */
void job_say_failure(struct job *j, const struct fail *f);

/* Adds one to what the worker's lease tells. */
void job_count(const struct job *j, enum lease_count what);

/* Tells hooks what happened to the request. */
void job_hook(const struct job *j, enum hook_kind kind);

/* The job is LEAVING in this way from now on, and is tried at once. */
void job_leave(struct job *j, enum job_leave how);

/* The token is no longer here, whoever has it: nothing of ours stays. */
void job_clean_up(struct job *j);

/* To bad/, for f, with what became of the attempts before. */
void job_leave_bad(struct job *j, const struct fail *f);

/* Back to new/; attempts says how many are used up by then. */
void job_leave_back(struct job *j, unsigned attempts, int64_t due_s);

/* Back as what it was, without an attempt used up. */
void job_leave_unharmed(struct job *j);

/* When a request is due that was not served yet. */
int64_t job_due_s(const struct request *r);

/* This host claims nothing for a while. */
void job_pause(struct job *j, const char *why);

/* The same, and a failure of this host's is counted. */
void job_trouble(struct job *j, const char *why);

/*
 * This host is at fault, not the request: no attempt is used up.  Where the
 * request may have brought it about, others go first.
 */
void job_leave_to_others(struct job *j, const char *why, int64_t due_s);

/*
 * Whether another host is to try this request first, because this one was the
 * last to fail it.  It is then passed over by this worker's claimers.
 */
bool job_is_for_others(struct job *j);

/*
 * Before a testbed that failed here fails here again, when it is due after that
 * wait, another host may try, if there is one.
 */
void job_prefer_others(struct job *j, int64_t wait_s);

/*
 * A testbed failed, or its result could not be made.  True where that is blamed
 * on this host and counted, and the request has left with no attempt used up.
 */
bool job_blame_host(struct job *j, const char *why);

/* Whether control/ asks for the request's end, and that: to bad/. */
bool job_is_cancelled(const struct job *j);
void job_leave_cancelled(struct job *j);

#endif
