/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at the mounts and at this host, and says what would break the
 * guarantees of adtspool-spool(5), with the cure.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct conf;
struct doctor_report;
struct fail;

struct doctor_options {
	bool peer;		/* the test of two hosts, and nothing else */
	bool volatile_ok;	/* a spool in memory is meant to be there */
	int64_t limit_s;	/* for all; with peer, until somebody comes */
	const volatile sig_atomic_t *stop;	/* set: clean up and end */
};

/*
 * Fills the report.  A process of its own does the looking, for a mount may
 * hang in a way that no signal ends: what it did not come to is DOCTOR_UNSEEN.
 * -1 where there is no such process.
 */
int doctor(const struct conf *c, const struct doctor_options *o,
	struct doctor_report *r, struct fail *f);

/* EX_OK; EX_TEMPFAIL for what was not seen; EX_CONFIG for what is bad. */
int doctor_status(const struct doctor_report *r);

#endif
