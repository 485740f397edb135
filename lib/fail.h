/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error value.  A function that can fail takes a struct fail, fills
 * it and returns -1 (or NULL); the program decides where the text goes and
 * which exit status it becomes.
 */
#ifndef FAIL_H
#define FAIL_H

#include <stdarg.h>
#include <sysexits.h>

struct fail {
	int status;		/* a sysexits(3) status; 0: nothing failed */
	int err;		/* the errno behind it, or 0 */
	char text[1024];	/* "object: reason", cut if longer */
};

/* Fills f; returns -1, so that callers can write return fail_set(...). */
int fail_set(struct fail *f, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same for a system call: appends ": " and the text of errno.  The status
 * is EX_NOPERM, EX_NOINPUT, EX_IOERR or EX_TEMPFAIL, whichever errno means.
 */
int fail_errno(struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " before the text, for callers that know more; returns -1. */
int fail_prefix(struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
