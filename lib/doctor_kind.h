/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kinds of filesystems and which of their mount options keep what
 * adtspool-spool(5) guarantees.
 */
#ifndef DOCTOR_KIND_H
#define DOCTOR_KIND_H

#include <stdbool.h>

struct doctor_mount;
struct doctor_report;

#define DOCTOR_KERNEL(major, minor) ((unsigned)(major) << 16 | (minor))

/* What a mount is to serve for. */
struct doctor_site {
	const char *name;	/* "spool", for people */
	bool scratch;		/* for what runs: need not last nor be shared */
	bool volatile_ok;	/* may be gone after a reboot */
	unsigned kernel;	/* this host's, as DOCTOR_KERNEL */
};

/* This host's kernel; 0 where uname(2) says something odd. */
unsigned doctor_kernel(void);

/* Says what the mount is, and then each thing that is to be said of it. */
void doctor_judge(struct doctor_report *r, const struct doctor_mount *m,
	const struct doctor_site *site);

/* Whether several hosts see what is on it (as far as its kind tells). */
bool doctor_kind_is_shared(const struct doctor_mount *m);

#endif
