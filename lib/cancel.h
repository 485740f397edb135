/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ending what waits or runs, from any host.  Each is a file in control/
 * (control.h) that workers act on; what waits is also renamed at once.
 */
#ifndef CANCEL_H
#define CANCEL_H

#include "find.h"

struct conf;
struct fail;
struct spool;

enum cancel_outcome {
	CANCEL_DONE,	/* it has ended, without a result */
	CANCEL_ASKED,	/* its worker will see to it, or its next one */
	CANCEL_LATE,	/* it has a result */
	CANCEL_FAILED	/* nothing was asked: f says why */
};

/* "cancelled", "asked", "late" */
const char *cancel_word(enum cancel_outcome o);

/* Ends a request; why, or NULL, is told to people. */
enum cancel_outcome cancel(const struct conf *c, const struct spool *s,
	const struct found *found, const char *why, struct fail *f);

/* Looks again whether what was asked was done; takes back what came late. */
enum cancel_outcome cancel_look(const struct spool *s,
	const struct found *found, struct fail *f);

/* Ends the attempt that runs; the request is tried again, or refused. */
enum cancel_outcome cancel_attempt(const struct spool *s,
	const struct found *found, const char *why, struct fail *f);

/* Whether that attempt has ended: CANCEL_DONE, or CANCEL_ASKED. */
enum cancel_outcome cancel_look_attempt(const struct spool *s,
	const struct found *found, struct fail *f);

#endif
