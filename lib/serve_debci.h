/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debci's GET /api/v1/test?since=EPOCH: {"until": ..., "results": [...]}.
 *
 * It is put together while it is sent, a result at a time, from the files
 * RESULTS/britney/SUITE/debci.json.  Of a suite that has none, or none that
 * says in its "since" that it goes back so far, it is made from the tree and
 * the spool.
 */
#ifndef SERVE_DEBCI_H
#define SERVE_DEBCI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fail;
struct serve_debci;
struct serve_site;

enum { SERVE_DEBCI_WINDOW_S = 15 * 86400,	/* where no time is asked for */
	SERVE_DEBCI_WINDOW_MOST_S = 32 * 86400 };

/*
 * Opens all that is needed.  suite "" stands for all.  NULL with ENOENT where
 * there is no such suite, or with EX_TEMPFAIL.
 */
struct serve_debci *serve_debci_open(struct serve_site *site,
	const char *suite, int64_t since_s, struct fail *f);
void serve_debci_close(struct serve_debci *d);		/* NULL is fine */

/* The next bytes; SERVE_BODY_END or SERVE_BODY_BROKEN of serve_answer.h. */
ssize_t serve_debci_read(struct serve_debci *d, char *p, size_t n);

#endif
