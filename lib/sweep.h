/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Old scratch that nobody uses: what was being written into tmp/ and never
 * acknowledged, and what the dropping of stages left.
 */
#ifndef SWEEP_H
#define SWEEP_H

struct fail;
struct log;
struct spool;

/*
 * A submit is between its first and its last call for a moment.  One that
 * sleeps for longer than this finds its file gone, and fails; nobody was told
 * that the request is queued.
 */
enum { SWEEP_AGE_S = 36 * 3600 };

/* What cannot be swept is told in the log. */
int sweep(const struct spool *s, const struct log *log, struct fail *f);

#endif
