/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for some packages, from the files that the configuration names:
 * adtspool-policy(5), debci's reject list, and autopkgtest-cloud's lists.
 * Each becomes rules; for each thing that can be said, the first rule that
 * matches a request and says it decides.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strs.h"

struct conf;
struct fail;
struct log;
struct request;

enum { POLICY_FILE_MOST = 1 << 20, POLICY_RULES_MOST = 20000,
	POLICY_REASON_MOST = 500 };

/* What is said of a request: a copy, which outlives the policy. */
struct policy_verdict {
	char *never;		/* why it is not to be run; or NULL */
	char *never_place;	/* where that is said: "file:line" */
	bool big, long_tests;
	char *virt_server;	/* a name for conf_virt_find, or NULL */
	int64_t timeout_s;	/* 0: the configuration's */
	double timeout_factor;	/* 0: not said */
	struct strs arguments;	/* more of autopkgtest's options */
	struct strs env;	/* more NAME=value */
};

struct policy;

/*
 * Reads all files that the configuration names; NULL where one is wrong or
 * missing, with EX_CONFIG and "file:line: reason".  c has to stay.
 */
struct policy *policy_open(const struct conf *c, struct fail *f);

/*
 * Reads the files anew where one of them was changed.  A broken one leaves the
 * old policy as it is; the log tells, once for each change.
 */
void policy_look(struct policy *p, const struct log *log);

/*
 * What the policy says of a complete request in a queue, for the caller to
 * policy_verdict_free; without a policy (NULL) nothing.
 */
void policy_judge(const struct policy *p, const struct request *r,
	const char *queue, struct policy_verdict *v);

void policy_verdict_free(struct policy_verdict *v);
void policy_close(struct policy *p);	/* of NULL: nothing */

#endif
