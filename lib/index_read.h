/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the run that a notice or a line of a manifest names. */
#ifndef INDEX_READ_H
#define INDEX_READ_H

#include "index_inside.h"

struct result;

enum index_seen {
	INDEX_SEEN,
	INDEX_UNSEEN,	/* not yet, or it cannot be read now */
	INDEX_BAD	/* it is no result, and is passed over */
};

/* result_free r in any case. */
enum index_seen index_read(struct indexer *x, const struct notice *n,
	struct result *r);

/* Whether its run is not there, as far as a lookup tells. */
bool index_is_gone(struct indexer *x, const struct notice *n);

/*
 * What is written of its package is due, though the store does not have the
 * run: another may have left it in there.
 */
int index_touch(struct indexer *x, const struct notice *n, struct fail *f);

/* Names a run that passed tree.h; the kind stays. */
void index_name(struct notice *n, const char *suite, const char *arch,
	const char *source, const char *run_id);

/*
 * What has to be read but could not be: remembered while the manifest is gone
 * through, and then left as notices, which are tried again.
 */
int index_note_unseen(struct indexer *x, struct strs *unseen,
	const struct notice *n, struct fail *f);
void index_forget_unseen(struct strs *unseen, const struct notice *n);
int index_drop_unseen(struct indexer *x, const struct strs *unseen,
	struct fail *f);

#endif
