/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking over from a worker that has ended: from the own earlier life, which
 * held the same lock, when a worker starts; from any other that is dead, as
 * observe.h has it.  Claims go back with one attempt used up (or to bad/ when
 * they are used up); committed attempts are published; stages are dropped
 * where it is seen that their requests went on without them.
 *
 * If that worker lives after all, nothing is lost: each of its tokens is
 * renamed by one of the two, and it finds out at its next rename.
 */
#ifndef RECOVER_H
#define RECOVER_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup;
struct conf;
struct fail;
struct log;
struct spool;
struct strs;

struct recovery {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	const char *worker;	/* from whom */
	struct strs *left;	/* stages of which nothing can be done now */
	bool (*go_on)(void *of);	/* asked between steps; NULL: yes */
	void *of;
};

/* Appends the names of all that have a claim or a stage, each once. */
int recover_holders(const struct spool *s, struct strs *workers,
	struct fail *f);

/*
 * Takes over all that bears the worker's name.  -1 where the spool cannot be
 * listed; a token that cannot be renamed is told in the log and stays.
 */
int recover_worker(const struct recovery *r, struct fail *f);

/*
 * Takes over the claims in queues that conf does not serve: those of its own
 * worker are there only because it could not pass on what it had taken over.
 */
int recover_strays(const struct recovery *r, struct fail *f);

/*
 * Does work in a process of its own, to its end (aside.h); go_on is asked
 * meanwhile, whatever it answers.
 */
void recover_aside(const struct recovery *r, void (*work)(void *of), void *of);

/* Removes the scratch of conf's own worker, aside: nothing of it runs. */
void recover_scratch(const struct recovery *r);

/*
 * The same, and the cgroups, for the other worker of conf's pair (replace.h):
 * where nobody has that name, which is held meanwhile.
 */
void recover_pair(const struct recovery *r, const struct cgroup *g);

/* recover_worker for conf's own worker. */
int recover(const struct conf *c, const struct spool *s,
	const struct log *log, struct strs *left, struct fail *f);

/* Publishes or drops a stage, whichever it deserves; -1 for neither now. */
int recover_stage(const struct spool *s, const char *attempt,
	const struct log *log, struct fail *f);

/*
 * Tries those again, until that time on the boot clock; takes out of left what
 * needs no more.
 */
void recover_left(const struct spool *s, const struct log *log,
	struct strs *left, int64_t until_ms);

#endif
