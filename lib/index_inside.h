/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of index.h share. */
#ifndef INDEX_INSIDE_H
#define INDEX_INSIDE_H

#include <stdint.h>

#include "export_place.h"
#include "index.h"
#include "lease.h"
#include "log.h"
#include "manifest.h"
#include "observe.h"
#include "role.h"
#include "spool.h"
#include "strs.h"

enum {
	INDEX_BATCH_MOST = 1000,	/* notices, or lines, at a time */
	INDEX_STUCK_MOST = 10000,
};

/* A notice whose run cannot be seen yet. */
struct index_stuck {
	char *name;
	int64_t wait_ms, next_ms;
	bool listed;		/* still there, when last looked */
};

/* One of the outputs, and when it may be written again. */
struct index_output {
	bool due;
	int64_t began_ms;	/* when what is there was begun */
	int64_t next_ms;
};

struct indexer {
	const struct conf *conf;
	struct conf *live;	/* the same, which a reload changes */
	const struct spool *spool;
	const struct log *log;
	const struct index_options *options;
	struct log_said said;

	/* Who lives: index_role.c. */
	struct spool beats;	/* its workers/ is RESULTS/.index/beats */
	struct worker_state state;
	struct lease lease;
	struct fence *fence;
	struct observer observer;
	int64_t beat_at_ms, observe_at_ms;
	bool taken;		/* another process has our name */
	bool holds, lost;
	struct role role;
	int signals;		/* -1: they end the process */
	bool stopping, reload;

	/* What is known: index_fill.c, index_take.c. */
	char *store_dir;
	struct store *store;
	struct manifest_mark mark;
	bool ready;		/* the store has all that the manifest has */
	struct index_stuck *stuck;
	size_t n_stuck, stuck_room;
	size_t taken_in;	/* notices, since the start */

	/* What readers see: index_export.c. */
	struct export_place place;
	unsigned n_put;
	struct strs suites;	/* whose debci.json is due */
	int64_t all_suites_ms;	/* when all were, last */
	struct index_output debci, ubuntu, data;
	struct export_pending *pending;

	/* What goes: index_leave.c. */
	struct strs leaving;	/* buckets that were due at leaving_ms */
	int64_t leaving_ms;
	int64_t left_ms;	/* when one was moved there last */

	int watch;
	int64_t poll_at_ms, age_out_at_ms;
	bool more;		/* notices than the last batch could take */
	bool rebuilt;
};

void index_say_once(struct indexer *x, const char *text);

/* Beats and takes signals, when it is time; false: it has to end. */
bool index_go_on(struct indexer *x);

/* SIGHUP: reads the configuration again, between two turns. */
void index_reload(struct indexer *x);

/* Tells the service manager what it is at; problem may be NULL. */
void index_tell(struct indexer *x, const char *problem);

/* Whether what others see may be changed now; -1 where not. */
int index_may_write(struct indexer *x, struct fail *f);

int index_role_open(struct indexer *x, struct fail *f);
void index_role_close(struct indexer *x);

/*
 * Takes the role where nobody has it: 1 where it is ours.  0 where another has
 * it, and is_alive tells whether that one was seen to beat.
 */
int index_role_seek(struct indexer *x, bool *is_alive, struct fail *f);

/* Whether it is ours still, by a look: sets lost where not. */
void index_role_check(struct indexer *x);
void index_role_lose(struct indexer *x);

/* Something else was mounted there: beats there from now on. */
void index_role_move(struct indexer *x);

/*
 * Opens the store, and brings it to where the manifests are; or fills it from
 * the tree, and with rebuild checks the manifests, too.
 */
int index_open_store(struct indexer *x, bool rebuild, struct fail *f);
int index_fill(struct indexer *x, bool check, struct fail *f);

/* Closes it; where it is damaged, f tells why, and it is removed. */
void index_close_store(struct indexer *x, const struct fail *why);

/* Whether the store has the run: 1, 0 or -1. */
int index_has(struct indexer *x, const struct notice *n, struct fail *f);

/* Takes in a batch of notices; sets more. */
int index_take(struct indexer *x, struct fail *f);
int64_t index_stuck_at_ms(const struct indexer *x);	/* INT64_MAX: none */
void index_stuck_free(struct indexer *x);

/*
 * Puts the manifest in place (NULL: it has nothing new), and commits the store
 * with a mark behind it.
 */
int index_commit(struct indexer *x, struct manifest_writer *w,
	struct fail *f);

/* All outputs are due: the holder before may have left some undone. */
int index_export_begin(struct indexer *x, struct fail *f);

/* Writes those that are due, or where `limited` those whose time it is. */
int index_export(struct indexer *x, bool limited, struct fail *f);
int64_t index_export_at_ms(const struct indexer *x);

/* Since when all outputs have what was known; 0: they never had. */
int64_t index_exported_ms(const struct indexer *x);

/* Looks at the queues: marks debci.json due where something changed. */
int index_look_at_queues(struct indexer *x, struct fail *f);

/* Notes that a run may go after the grace; removes those whose time it is. */
int index_leave(struct indexer *x, const struct notice *n, struct fail *f);
int index_remove(struct indexer *x, struct fail *f);

/* Calls each for all that are to leave. */
int index_leaving(struct indexer *x,
	int (*each)(void *context, const struct notice *n), void *context,
	struct fail *f);

#endif
