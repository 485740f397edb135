/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What debci's data files are made from: packages, and days. */
#ifndef STORE_DATA_H
#define STORE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;
struct store;

/* A package on a suite and an architecture that is due. */
struct store_package {
	int64_t id;
	char *suite, *arch, *source;
	char day[9];		/* yyyymmdd: of the first run that changed */
	bool plain;		/* one that changed is */
};

struct store_packages {
	struct store_package *v;
	size_t n, room;
};

/* Appends those that are due, by suite and arch; at most `most`, 0: all. */
int store_due_packages(struct store *s, size_t most,
	struct store_packages *l, struct fail *f);
void store_packages_free(struct store_packages *l);

/*
 * In a transaction: a package is done, and text, the job of its newest plain
 * run with that status, stands for it in packages.json; both may be NULL.
 */
int store_package_done(struct store *s, const struct store_package *p,
	const char *text, const char *status, struct fail *f);

/* Notes that the files of a suite and arch are due, from a day on. */
int store_due_arch_add(struct store *s, const struct store_package *p,
	struct fail *f);

/* Appends the suites and archs of whose packages none is due any more. */
int store_due_archs(struct store *s, struct store_packages *l,
	struct fail *f);
int store_due_arch_done(struct store *s, const struct store_package *p,
	struct fail *f);

/* Calls each with the jobs of packages.json, by source. */
int store_each_newest(struct store *s, const char *suite, const char *arch,
	int (*each)(void *context, const char *text), void *context,
	struct fail *f);

/* How the plain runs before one went; zeroed where there is none. */
struct store_before {
	char *status;			/* of the last one */
	char *pass_version;		/* of the last that passed */
	int64_t pass_s;			/* when it finished */
};
int store_before(struct store *s, int64_t package, const char *run_id,
	struct store_before *b, struct fail *f);
void store_before_free(struct store_before *b);

/* How many packages stood how when a day, or all days, had ended. */
struct store_day {
	char day[9];			/* yyyymmdd */
	char run_id[32];		/* the last plain run of it */
	int64_t pass, fail, neutral, tmpfail;
};

/* Calls each for the days with a plain run, in order. */
int store_each_day(struct store *s, const char *suite, const char *arch,
	int (*each)(void *context, const struct store_day *d), void *context,
	struct fail *f);

#endif
