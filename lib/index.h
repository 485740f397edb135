/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The indexer: notices become lines of the manifest, runs in the store, and
 * files that readers take (adtspool-index(8)).  Its cost is that of what is
 * new.  Each step may be cut off and is then done again:
 *
 *	the manifest has the lines, durably
 *	the store has the runs and how far it has come in the manifest, in one
 *	transaction; behind the manifest it catches up, by the manifest
 *	the notices are taken away
 *	the outputs are replaced, and the store forgets that they were due
 *	a run that is to go is removed, when no output names it any more
 */
#ifndef INDEX_H
#define INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct fail;
struct log;
struct notify;
struct spool;

struct index_options {
	bool follow;		/* until SIGTERM */
	bool rebuild;		/* from the tree, and check the manifests */
	/* Called often: what is being looked at, and how much of all is. */
	void (*progress)(void *context, const char *what, size_t part,
		size_t of);
	void *context;
	/* With follow: who started it, or NULL; and work.h's reread. */
	struct notify *notify;
	int (*reread)(void *of, struct conf *fresh, struct fail *f);
	void *of;
};

/*
 * Runs it under the conf's worker name.  Without follow it ends when nothing
 * is left to do; -1 with EX_TEMPFAIL where another has the role, and lives.
 * With follow SIGHUP has it read c again.
 */
int index_run(struct conf *c, const struct spool *s,
	const struct log *log, const struct index_options *o, struct fail *f);

/* Where the store of the conf's worker is, for readers; free() it. */
char *index_store_dir(const struct conf *c);

#endif
