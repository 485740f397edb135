/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debci.json, which britney reads (ADT_SWIFT_URL = file://...): the answer of
 * debci's GET /api/v1/test; adtspool-britney(5) says who reads what of it.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct conf;
struct fail;
struct spool;

/* A britney asks for the results of a suite, or of a PPA upon one. */
struct export_query {
	const char *suite;
	const char *ppa;	/* OWNER/NAME; "": without a PPA */
	int64_t since_s;
};

/*
 * Appends the JSON, made from the tree and the queues alone: every run that was
 * published at since_s or later, and with status null everything that waits,
 * runs or is about to be published, however long it has been doing so.
 */
int export_debci(const struct conf *c, const struct spool *s,
	const struct export_query *q, struct buf *out, struct fail *f);

/* The text around the results: export_list_next stands before each. */
void export_list_begin(struct buf *out, int64_t since_s);
void export_list_next(struct buf *out, bool *filled);
void export_list_end(struct buf *out);

#endif
