/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fsck can find, and what there is to say of it. */
#ifndef FSCK_WORDS_H
#define FSCK_WORDS_H

#include <stdbool.h>

#include "fsck.h"

enum fsck_kind {
	/* Folders. */
	FSCK_FOLDER_MISSING,
	FSCK_CONTROL_MISSING,
	FSCK_FOLDER_ELSEWHERE,
	FSCK_FOLDER_CLOSED,
	FSCK_STAGING_ELSEWHERE,
	/* Names and files that are not what their folder is for. */
	FSCK_BUCKET_STRANGE,
	FSCK_BUCKET_EMPTY,
	FSCK_BUCKET_DROPPING,
	FSCK_STRANGER_WAITING,
	FSCK_STRANGER_CLAIMED,
	FSCK_STRANGER_DONE,
	FSCK_STRANGER_BAD,
	FSCK_STRANGER_TMP,
	FSCK_STRANGER_PENDING,
	FSCK_STRANGER_TRIES,
	FSCK_TOKEN_RANGE,
	FSCK_FILE_KIND,
	FSCK_FILE_LINKED,
	FSCK_FILE_CLOSED,
	FSCK_TMP_OLD,
	FSCK_BATCH_OLD,
	FSCK_SCRATCH_OLD,
	FSCK_TRIAL_OLD,
	FSCK_WHY_ALONE,
	FSCK_WHY_MISSING,
	FSCK_LINK_STALE,
	FSCK_LINK_STRANGE,
	FSCK_TRY_OLD,
	/* One request under two names. */
	FSCK_TWICE_BEHIND,
	FSCK_TWICE_COMMITTED,
	FSCK_TWICE_UNCLEAR,
	/* Workers, and what bears their names. */
	FSCK_WORKER_STRANGE,
	FSCK_WORKER_OLD,
	FSCK_WORKER_MISSING,
	FSCK_WORKER_STOPPED,
	FSCK_WORKER_SILENT,
	FSCK_CLAIM_DEAD,
	/* Stages. */
	FSCK_STAGE_COMMITTED,
	FSCK_STAGE_DEAD,
	FSCK_STAGE_REST,
	FSCK_STAGE_EMPTY,
	FSCK_STAGE_UNSEALED,
	FSCK_STAGE_DAMAGED,
	FSCK_STAGE_NOBODY,
	FSCK_STAGE_STRANGE,
	FSCK_RESULT_LOST,
	/* The indexer's folder. */
	FSCK_NOTICE_STRANGE,
	FSCK_NOTICE_OLD,
	FSCK_ROLE_STRANGE,
	FSCK_ROLE_TWICE,
	/* The results tree. */
	FSCK_RUN_STRANGE,
	FSCK_RUN_INCOMPLETE,
	FSCK_RUN_DAMAGED,
	FSCK_RUN_TWICE,
	FSCK_VERSION_MISSING,
	FSCK_VERSION_WRONG,
	FSCK_VERSION_DANGLING,
	FSCK_VERSION_STRAY,
	FSCK_VERSION_STRANGE,
	FSCK_KINDS
};

struct fsck;

struct fsck_words {
	const char *key;	/* for programs */
	const char *means;	/* what comes of it */
	const char *cure;	/* by hand; NULL where there is a repair */
	const char *does;	/* the repair: "removes it" */
	const char *done;	/* "removed" */
	bool hint;		/* no problem by itself: others clean it */
	bool in_results;	/* its object is below RESULTS */
	enum fsck_state (*repair)(struct fsck *x, const struct fsck_finding *g,
		struct fail *f);
};

const struct fsck_words *fsck_words(enum fsck_kind kind);

#endif
