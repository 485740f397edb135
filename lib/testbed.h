/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request becomes on autopkgtest's command line. */
#ifndef TESTBED_H
#define TESTBED_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct fail;
struct policy_verdict;
struct request;
struct strs;

struct testbed {
	const struct conf *conf;
	const struct request *request;	/* complete: suite and arch known */
	const struct policy_verdict *verdict;	/* NULL: nothing is said */
	const char *id;			/* for {id} */
	unsigned epoch;			/* with id, this attempt's alone */
	const char *scratch;		/* a directory of the run's own */
	bool machine;			/* on machine-virt-server */
};

/*
 * Appends the whole command to argv, and what stands behind its -- to virt as
 * well.
 */
void testbed_command(const struct testbed *t, struct strs *argv,
	struct strs *virt);

/* autopkgtest's output directory in the scratch directory; free() it. */
char *testbed_output(const char *scratch);

/* Appends the options that take along the keys of the request's apt sources. */
void testbed_add_keys(const struct testbed *t, struct strs *argv);

/* Writes the files that they name into the scratch directory. */
int testbed_write_keys(const struct request *r, int scratch, struct fail *f);

/* Appends those of --timeout-NAME that are not autopkgtest's own. */
void testbed_add_timeouts(const struct testbed *t, struct strs *argv);

/* How long the run may take as a whole. */
int64_t testbed_timeout_s(const struct testbed *t);

/*
 * Whether tests were skipped, as autopkgtest's summary tells, since the testbed
 * is not a machine of its own, though machine-virt-server would be one.
 */
bool testbed_wants_machine(const struct testbed *t, const char *summary);

#endif
