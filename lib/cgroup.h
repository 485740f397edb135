/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run may use in all, and an end that takes along all it started: a
 * cgroup for each run (version 2, cgroups(7)), below a cgroup that is the
 * worker's to divide.
 *
 *	BASE/worker		the worker and its runners, which were in BASE:
 *				what gives controllers to those below it may
 *				hold no process itself
 *	BASE/runs-NAME/RUN	all processes of a run of the worker NAME
 *
 * BASE is the worker's own cgroup, where systemd says that it is delegated, or
 * a directory that the configuration names, to which nobody moves.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>

struct buf;
struct conf;
struct fail;

enum cgroup_controller { CGROUP_MEMORY, CGROUP_CPU, CGROUP_PIDS,
	CGROUP_CONTROLLERS };

struct cgroup {
	int runs;	/* runs-NAME; -1: there are no cgroups */
	char *path;	/* its */
	bool has[CGROUP_CONTROLLERS];
	unsigned left;	/* so many runs' were left, and removed */
	char why[256];	/* there are none, or what is missing */
};

/*
 * Makes runs-NAME, and kills and removes what a worker of that name left
 * there.  Where there can be none it says why; that is EX_CONFIG where the
 * configuration asks for one.
 */
int cgroup_open(struct cgroup *g, const struct conf *c, struct fail *f);
void cgroup_close(struct cgroup *g);

/*
 * Opens runs-NAME of another worker beside this one's, where there is one; what
 * is left in it is killed and removed, as cgroup_open does.  cgroup_close it.
 */
int cgroup_open_other(struct cgroup *other, const struct cgroup *g,
	const char *worker, struct fail *f);

/* What is in force, for the log at start. */
void cgroup_tell(const struct cgroup *g, const struct conf *c,
	struct buf *out);

/* Makes one for a run, with its limits; returns its descriptor, or -1. */
int cgroup_begin(const struct cgroup *g, const struct conf *c,
	const char *run, struct fail *f);

/* Kills all that is in it; what is killed may take a moment to be gone. */
void cgroup_kill(int fd);

/*
 * Kills what is there, waits until it is gone (for 10 seconds) and removes the
 * run's cgroup.  Gone already is fine.
 */
int cgroup_end(const struct cgroup *g, const char *run, struct fail *f);

/* How often a limit made itself felt. */
struct cgroup_events {
	unsigned long oom_kills;	/* processes, for want of memory */
	unsigned long refused;		/* new processes or threads */
};

struct cgroup_events cgroup_events(int fd);

#endif
