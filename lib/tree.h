/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the results tree. */
#ifndef TREE_H
#define TREE_H

#include <stdint.h>

#include "result.h"

struct fail;
struct spool;
struct strs;

/* Appends the suites, or the architectures of a suite, sorted. */
int tree_suites(const struct spool *s, struct strs *suites, struct fail *f);
int tree_archs(const struct spool *s, const char *suite, struct strs *archs,
	struct fail *f);

/* Appends the source packages of an architecture, by prefix and name. */
int tree_sources(const struct spool *s, const char *suite, const char *arch,
	struct strs *sources, struct fail *f);

/* Appends the run ids of a package, oldest first; none is no error. */
int tree_runs(const struct spool *s, const char *suite, const char *arch,
	const char *source, struct strs *run_ids, struct fail *f);

/* Appends the prefixes of the archive's pool that a suite and arch has. */
int tree_prefixes(const struct spool *s, const char *suite, const char *arch,
	struct strs *prefixes, struct fail *f);

/*
 * Calls each for the name of every run of a suite, in the order of the names,
 * until it returns non-zero.  No run is opened.
 */
int tree_names(const struct spool *s, const char *suite,
	int (*each)(void *context, const char *arch, const char *source,
	const char *run_id), void *context, struct fail *f);

/*
 * Reads one run's result.json.  Returns 0; or -1, with f->err ENOENT where
 * retention has removed it meanwhile.
 */
int tree_result(const struct spool *s, const char *suite, const char *arch,
	const char *source, const char *run_id, struct result *r,
	struct fail *f);

/*
 * Calls each for every run of a suite whose id is at or after since_s, until
 * it returns non-zero.  A result that cannot be read is passed over.
 */
int tree_each(const struct spool *s, const char *suite, int64_t since_s,
	int (*each)(void *context, const struct result *r, const char *run_id),
	void *context, struct fail *f);

#endif
