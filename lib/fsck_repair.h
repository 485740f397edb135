/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The repairs.  Each tells whether it mended the finding, or found it gone by
 * itself, or has left it, with the reason in f.
 */
#ifndef FSCK_REPAIR_H
#define FSCK_REPAIR_H

#include "fsck.h"

struct fsck;

enum fsck_state fsck_unlink(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);	/* a file of the spool */
enum fsck_state fsck_remove_link(struct fsck *x,
	const struct fsck_finding *g, struct fail *f);	/* in pending */
enum fsck_state fsck_remove_bucket(struct fsck *x,
	const struct fsck_finding *g, struct fail *f);
enum fsck_state fsck_remove_worker(struct fsck *x,
	const struct fsck_finding *g, struct fail *f);
enum fsck_state fsck_write_why(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);
enum fsck_state fsck_bury(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);	/* takes what is behind away, into bad */
enum fsck_state fsck_give_back(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);	/* a claim of a worker that is dead */
enum fsck_state fsck_publish(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);
enum fsck_state fsck_drop_stage(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);
enum fsck_state fsck_drop_empty(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);	/* a stage that holds nothing */
enum fsck_state fsck_remove_rest(struct fsck *x,
	const struct fsck_finding *g, struct fail *f);	/* of a dropped stage */
enum fsck_state fsck_make_link(struct fsck *x, const struct fsck_finding *g,
	struct fail *f);	/* by version; also in place of another */
enum fsck_state fsck_remove_version(struct fsck *x,
	const struct fsck_finding *g, struct fail *f);

#endif
