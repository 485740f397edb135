/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has changed in a store since the indexes were written from it: noted
 * when runs are put in and taken out, in the same transaction.  Each writer
 * has a list of its own.
 */
#ifndef STORE_DUE_H
#define STORE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;
struct store;
struct store_run;
struct strs;

/* Appends the suites with runs that have come or gone. */
int store_due_suites(struct store *s, struct strs *suites, struct fail *f);
int store_due_suite_done(struct store *s, const char *suite,
	struct fail *f);

/*
 * Calls each for every run that has come or gone; of one that has gone only
 * the names are told, and its status is NULL.  Then, when all are done, done.
 */
int store_due_runs(struct store *s,
	int (*each)(void *context, const struct store_run *run),
	void *context, struct fail *f);
int store_due_runs_done(struct store *s, struct fail *f);

/* How many runs, or packages, there are to do. */
int store_due_runs_count(struct store *s, int64_t *n, struct fail *f);
int store_due_packages_count(struct store *s, int64_t *n, struct fail *f);

#endif
