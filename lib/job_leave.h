/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a job ends, for job.c alone: the ways out of cur/, and what follows. */
#ifndef JOB_LEAVE_H
#define JOB_LEAVE_H

#include "job.h"
#include "log.h"

/* Says it in the worker's log, with the request's id and name. */
void job_say(struct job *j, enum log_level level, const char *what);

/* A failure that comes again at each try is told once. */
void job_say_failure(struct job *j, const struct fail *f);

/* The job is LEAVING in this way from now on, and is tried at once. */
void job_leave(struct job *j, enum job_leave how);

/* The token is no longer here, whoever has it: nothing of ours stays. */
void job_clean_up(struct job *j);

#endif
