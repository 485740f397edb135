/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool's and the results tree's directories, opened once and held; the
 * protocol over them is adtspool-spool(5).  Reserved names beside the queues:
 * workers, control, results, bad.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include "name.h"

struct fail;
struct hooks;
struct strs;

struct spool {
	char *path, *results_path;
	int fd;			/* SPOOL */
	int workers;		/* SPOOL/workers */
	int results;		/* RESULTS */
	int staging;		/* RESULTS/.staging */
	struct hooks *hooks;	/* told what happens; NULL: nobody is */
};

struct queue {
	char name[NAME_QUEUE_MAX + 1];
	char arch[NAME_ARCH_MAX + 1];
	int fd;			/* SPOOL/<queue> */
	int tmp, fresh, cur, done, bad, pending, tries;	/* fresh: new/ */
};

/* A queue that is not open, for queue_close. */
#define QUEUE_CLOSED (struct queue){ .fd = -1, .tmp = -1, .fresh = -1, \
	.cur = -1, .done = -1, .bad = -1, .pending = -1, .tries = -1 }

/*
 * Makes what is missing of a spool, its queues and its results tree, each
 * folder with a README on who writes, takes and cleans.  What is there stays.
 */
int spool_init(const char *path, const char *results,
	const struct strs *queues, struct fail *f);

/* Fails with EX_CONFIG and the cure where path is not a spool. */
int spool_open(struct spool *s, const char *path, const char *results,
	struct fail *f);
void spool_close(struct spool *s);

/* What is looked at: where there may be a mount; or each folder, too. */
enum refresh { REFRESH_MOUNTS, REFRESH_FOLDERS };

/*
 * Whether the paths still lead to what is held open.  Returns 0 where they do;
 * 1 where something else was mounted there and has been opened in its place,
 * with all its folders, under the same descriptors; -1 where there is no spool
 * at the moment.
 */
int spool_refresh(const struct spool *s, enum refresh what, struct fail *f);
int queue_refresh(const struct queue *q, const struct spool *s,
	enum refresh what, struct fail *f);

/* Appends the names of all queues, sorted. */
int spool_queues(const struct spool *s, struct strs *names, struct fail *f);

/* Fails with EX_CONFIG and the cure where there is no such queue. */
int queue_open(struct queue *q, const struct spool *s, const char *name,
	struct fail *f);
void queue_close(struct queue *q);

/* The arch of a queue's name: what stands before its dot. */
void queue_arch(char arch[NAME_ARCH_MAX + 1], const char *queue);

/* Whether the queue is there: 1, 0, or -1 where that cannot be told now. */
int queue_exists(const struct spool *s, const char *name, struct fail *f);

#endif
