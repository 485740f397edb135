/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One claimed token's way through a worker:
 *
 *	settling -> running -> leaving -> (publishing ->) (cleaning ->) free
 *
 * What is cleaning has left the spool: a process removes what its runner did
 * not, and the job has nothing but that process, its queue and its slot.
 *
 * Each step may fail for the moment (the mount is away, the disk is full);
 * then the job stays where it is and job_push tries again.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "admit.h"
#include "claim.h"
#include "clock.h"
#include "fail.h"
#include "publish.h"

struct cgroup;
struct classify;
struct conf;
struct elsewhere;
struct fence;
struct health;
struct log;
struct policy;
struct spool;

enum job_state { JOB_FREE, JOB_SETTLING, JOB_RUNNING, JOB_LEAVING,
	JOB_PUBLISHING, JOB_CLEANING };

enum job_leave { JOB_AS_DONE, JOB_AS_BACK, JOB_AS_DROP, JOB_AS_BAD };

/*
 * What keeps this host from running tests at the moment: nothing is claimed
 * for a while, so that a bad host does not use up everybody's requests.
 */
struct job_trouble {
	int64_t until_ms;	/* on the boot clock */
	char text[1024];
};

enum { JOB_TROUBLE_MS = 30000 };

/* What cannot be read here for so long is left to others. */
enum { JOB_FAILING_MOST_MS = 60000 };

/* So many ways back without an attempt cost one: it goes on nowhere. */
enum { JOB_ROUNDS_MOST = 20 };

/* What somebody asked for by a file in control/. */
enum job_order { JOB_ORDER_NONE, JOB_ORDER_KILL, JOB_ORDER_CANCEL };

/* What all jobs of a worker share. */
struct job_shop {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct policy *policy;	/* NULL: none */
	struct job_trouble *trouble;
	struct health *health;		/* of this host */
	struct elsewhere *elsewhere;	/* what others are to try first */
	struct classify *failures;	/* what logs tell; NULL: nothing */
	struct strs *recent;	/* of the worker's state: lease_recent */
	struct strs *left;	/* stages for recover_left */
	const struct fence *fence;	/* where its runs end at the latest */
	const bool *stopping;		/* whether the worker was told to */
	const struct strs *control;	/* what control/ lists; NULL: nothing */
	int64_t *counts;	/* of the worker's state: lease.h; or NULL */
	bool isolated;
	const struct cgroup *cgroup;	/* where its runs have theirs */
};

struct job {
	enum job_state state;
	const struct job_shop *shop;
	const struct queue *queue;
	struct claim claim;
	struct settling settling;
	struct request request;		/* complete from JOB_RUNNING on */
	char digest[DIGEST_ID_MAX];
	char day[CLOCK_TEXT_MAX];	/* of done/ */
	char *scratch;
	pid_t pid;			/* JOB_RUNNING, JOB_CLEANING */
	bool given_back;		/* JOB_RUNNING: it was told to end */
	enum job_order order;		/* JOB_RUNNING: the same, for that */
	char *order_why;
	int exit_code;			/* from JOB_LEAVING on; -1: none */
	enum job_leave how;
	struct token next;		/* JOB_AS_BACK: what it goes back as */
	int64_t due_s;
	char run_id[PUBLISH_RUN_ID_MAX];	/* once it is published */
	char *why;	/* JOB_AS_BAD, or an attempt that is used up */
	char *result;	/* the same: its result.json, where it made one */
	char said[1024];		/* the last failure, said once */
	int64_t failing_since_ms;	/* of a claim that cannot be read */
};

/* Takes over a claim; the job is SETTLING then. */
void job_take(struct job *j, const struct job_shop *shop,
	const struct queue *q, const struct claim *claim);

/*
 * Judges a settling job.  With room it starts when it can be started; without,
 * it goes back into its bucket once it has settled.
 */
void job_settle(struct job *j, bool room);

/* Its process ended with this wait(2) status. */
void job_ended(struct job *j, int wait_status);

/*
 * Gives the token back unharmed; what runs is told to end first, and job_ended
 * does the rest.
 */
void job_give_back(struct job *j);

/*
 * Tells what runs to end where control/ asks for that; job_ended does the rest.
 * What does not run yet meets it in job_settle.
 */
void job_obey(struct job *j);

/* Tries what is to be done next in LEAVING and PUBLISHING. */
void job_push(struct job *j);

#endif
