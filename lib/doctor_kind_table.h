/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that doctor_kind.c judges by; both end with a NULL name. */
#ifndef DOCTOR_KIND_TABLE_H
#define DOCTOR_KIND_TABLE_H

#include "doctor_report.h"

enum doctor_family {
	DOCTOR_LOCAL,
	DOCTOR_MEMORY,
	DOCTOR_OVERLAY,
	DOCTOR_NFS,	/* from here on: shared by hosts, or by guests */
	DOCTOR_CEPH,
	DOCTOR_CEPH_FUSE,
	DOCTOR_SHARED,
};

/* A kind of filesystem, by its type in mountinfo. */
struct doctor_kind {
	const char *type;
	enum doctor_family family;
	enum doctor_grade grade;	/* for spool and results */
	const char *says, *cure;
};

/* What an option of the mount means. */
struct doctor_rule {
	const char *option;
	enum doctor_family family;
	enum doctor_grade grade;
	const char *says, *cure;
};

extern const struct doctor_kind doctor_kinds[];
extern const struct doctor_rule doctor_rules[];

#endif
