/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debci.json, which britney reads (ADT_SWIFT_URL = file://...): the answer of
 * debci's GET /api/v1/test (COMPAT: britney2 policies/autopkgtest.py reads
 * trigger, package, arch, version, status, run_id, updated_at and suite).
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdint.h>

struct buf;
struct conf;
struct fail;
struct spool;

/*
 * Appends the JSON for a suite: every run that was published at since_s or
 * later, and with status null everything that waits or runs, however long it
 * has been doing so.
 */
int export_debci(const struct conf *c, const struct spool *s,
	const char *suite, int64_t since_s, struct buf *out, struct fail *f);

#endif
