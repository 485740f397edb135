/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request becomes on autopkgtest's command line. */
#ifndef TESTBED_H
#define TESTBED_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct policy_verdict;
struct request;
struct strs;

struct testbed {
	const struct conf *conf;
	const struct request *request;	/* complete: suite and arch known */
	const struct policy_verdict *verdict;	/* NULL: nothing is said */
	const char *id;			/* for {id} */
	const char *output_dir;
	bool machine;			/* on machine-virt-server */
};

/*
 * Appends the whole command to argv, and what stands behind its -- to virt as
 * well.
 */
void testbed_command(const struct testbed *t, struct strs *argv,
	struct strs *virt);

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
