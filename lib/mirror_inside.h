/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of mirror.h share.  In DEST/.mirror are
 *
 *	lock	held with flock(2), by the processes of rsync, too
 *	mark	how far the manifests are followed
 *	gone	the runs that are to go: PATH SECONDS, the time since when no
 *		index here names them, or 0
 *	pages	PATH SECONDS: what is kept of a package, and when something
 *		came or went of it
 *	list	the names for rsync
 *	new/	indexes, before they are in place; manifests, too
 *	base/	the manifests from before all names were listed
 *	runs/	runs, before they are in place
 *	tmp/	rsync's own temporary files
 *	old/	what is being removed
 */
#ifndef MIRROR_INSIDE_H
#define MIRROR_INSIDE_H

#include "manifest_inside.h"
#include "mirror.h"
#include "notice.h"
#include "spool.h"
#include "strs.h"

enum { MIRROR_TRIES = 5 };

/* The folder with pages for each package, which is too large to compare. */
#define MIRROR_PAGES "packages"

/* Texts with a time each; sorted, each once, after mirror_list_settle. */
struct mirror_item {
	char *text;
	int64_t s;
};

struct mirror_list {
	struct mirror_item *v;
	size_t n, room;
};

struct mirror {
	const struct mirror_options *o;
	struct mirror_report *r;
	char *dest, *source;	/* absolute; with a slash at its end */
	struct spool to, fresh, base;	/* as far as they are a results tree */
	int inside, lock;	/* DEST/.mirror, and its lock */
	struct manifest_mark mark;
	struct mirror_list gone, pages;
	struct strs absent;	/* the source lacks them, as it told before */
	bool whole;		/* all is new: fetch all pages, too */
};

/* mirror_list.c */
void mirror_list_add(struct mirror_list *l, const char *text, int64_t s);

/* Sorts; of equal texts the latest time stays, and of those below 0 none. */
void mirror_list_settle(struct mirror_list *l);
struct mirror_item *mirror_list_find(const struct mirror_list *l,
	const char *text);
void mirror_list_free(struct mirror_list *l);

/* Reads one that was written; a missing one is empty, wrong lines are left. */
int mirror_list_read(struct mirror_list *l, int dir, const char *name,
	struct fail *f);
int mirror_list_write(const struct mirror_list *l, int dir, const char *name,
	struct fail *f);

/* mirror_rsync.c */
struct mirror_call {
	struct strs args;	/* its own, behind those of all */
	const char *below;	/* SOURCE/below; "" for all */
	const char *target;	/* DEST/target */
	const struct strs *names;	/* --files-from; or NULL */
	/* Told of each name that is sent, or would be; with -ii of all. */
	void (*each)(void *context, const char *name);
	void *context;
};

enum mirror_end {
	MIRROR_ALL,		/* all is here */
	MIRROR_PART,		/* something changed meanwhile, or is not to */
	MIRROR_NONE,		/* -1 */
};

/* Runs rsync, and empties c->args.  MIRROR_NONE fills f. */
enum mirror_end mirror_rsync(const struct mirror *m, struct mirror_call *c,
	struct fail *f);

/* mirror_place.c */

/* What is in .mirror/new goes to its place: manifests, then the rest. */
int mirror_place_indexes(struct mirror *m, struct fail *f);

/* A run that is whole goes to its place, with its link by version. */
int mirror_place_run(struct mirror *m, const struct notice *run,
	struct fail *f);

/* Takes a run away as a whole; gone is fine. */
int mirror_remove_run(struct mirror *m, const struct notice *run,
	struct fail *f);

/* Whether a run is in its place. */
bool mirror_has_run(const struct mirror *m, const char *path);

/* mirror_runs.c */

/* Fetches runs, which are put in place; of paths, missing are not there. */
int mirror_fetch_runs(struct mirror *m, const struct strs *paths,
	struct strs *missing, struct fail *f);

/* Compares all names, and sets the mark from which to follow. */
int mirror_compare(struct mirror *m, struct fail *f);

/* Of these paths, which the source lists. */
int mirror_probe(struct mirror *m, const struct strs *paths,
	struct strs *there, struct fail *f);

/* mirror_follow.c: what is new since the mark; 1: again, from the start. */
int mirror_follow(struct mirror *m, struct fail *f);

void mirror_tell(const struct mirror *m, const char *what, size_t part,
	size_t of);

#endif
