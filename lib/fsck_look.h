/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of fsck share: a look at the spool, and what was found in it.
 * The parts call fsck_raise for whatever looks wrong to them, in each look;
 * it is a finding when the look before showed it as well.
 */
#ifndef FSCK_LOOK_H
#define FSCK_LOOK_H

#include <limits.h>

#include "fsck.h"
#include "fsck_ids.h"
#include "fsck_set.h"
#include "fsck_words.h"
#include "spool.h"
#include "strs.h"
#include "token.h"

enum {
	FSCK_DAY_S = 86400,
	FSCK_HOUR_S = 3600,
	FSCK_WEEK_S = 7 * 86400,
	FSCK_TWICE_MOST = 50000,	/* requests; the others are counted */
};

/* A name of a request that was seen twice, or that has a stage. */
struct fsck_seen {
	uint64_t id, hash;	/* the hash of path */
	enum fsck_place place;
	char *path;		/* below SPOOL; its last part is a token */
};

/* Whose name is borne by tokens in cur/, and by stages. */
struct fsck_bearer {
	char *worker;
	char *claim;		/* one of its claims; NULL: none */
	size_t claims;
};

struct fsck {
	const struct conf *conf;
	const struct spool *spool;
	const struct fsck_options *options;
	struct fsck_report *report;
	int64_t now_s;
	bool again;		/* this is the second look */
	bool whole;		/* no queue was named: all was looked at */
	bool partial;		/* but not all of it could be seen */
	struct strs dead;	/* workers that were taken over from */

	/* From the first look to the second. */
	struct fsck_set before;		/* keys of what was raised */
	struct fsck_set twice;		/* hashes of names of one id */
	struct fsck_set twice_ids;
	struct fsck_set twice_runs;	/* ids of requests with two runs */
	struct strs beats;		/* of options->dead, in its order */

	/* Of one look. */
	struct strs queues;		/* whose folders are all there */
	struct strs stages;
	struct fsck_set keys;
	struct fsck_ids ids;
	struct fsck_set wanted;		/* ids whose names are kept: */
	struct fsck_seen *seen;
	size_t n_seen, seen_room;
	struct fsck_bearer *bearers;	/* sorted by worker */
	size_t n_bearers;
	size_t part, of;		/* for the progress */
};

/* A folder that is being listed. */
struct fsck_folder {
	struct fsck *x;
	const struct queue *q;
	int fd;
	char path[PATH_MAX];	/* below SPOOL or RESULTS */
	uint64_t hash;		/* of path and the slash behind it */
	bool sticky;		/* files of others cannot be renamed away */
	bool again;		/* it has been listed already in this look */
	size_t n;		/* names that were met */
};

/* Something looks wrong with the object, a path below SPOOL or RESULTS. */
void fsck_raise(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same for a request whose id the object's name does not tell. */
void fsck_raise_id(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *id, const char *what);

/* The same without asking the look before; owns what. */
void fsck_add(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *id, char *what);

/* Something could not be seen; f tells why. */
void fsck_go_blind(struct fsck *x, const struct fail *f);

/* Names a folder; nothing is opened. */
void fsck_folder(struct fsck_folder *d, struct fsck *x, const struct queue *q,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Calls each for every name in at/path, which is d; what is gone is empty.
 * READMEs, what NFS keeps of removed files, and what the doctor tries are left
 * out.
 */
void fsck_each(struct fsck_folder *d, int at, const char *path,
	int (*each)(void *folder, const char *name, unsigned char type));

/* d's path and name, as an object; free() it. */
char *fsck_object(const struct fsck_folder *d, const char *name);

/* Notes that a request is here. */
void fsck_see(struct fsck_folder *d, enum fsck_place place, const char *name,
	const struct token *t);

/* The first name that was kept of a request, and how many there are. */
const struct fsck_seen *fsck_seen_of(const struct fsck *x, uint64_t id,
	size_t *n);

/* The token that a seen path ends in. */
void fsck_seen_token(const struct fsck_seen *seen, struct token *t);

/* How long ago it was changed, by this host's clock; -1 where it is gone. */
int64_t fsck_age_s(const struct fsck *x, int at, const char *name);

/* A claim bears the worker's name; or, with NULLs, a stage does. */
void fsck_bear(struct fsck *x, const char *worker,
	const struct fsck_folder *d, const char *name);
const struct fsck_bearer *fsck_bearer(const struct fsck *x,
	const char *worker);

/* Whether a worker's heartbeat is an empty file. */
bool fsck_is_blank(const struct fsck *x, const char *worker);

/*
 * For the workers that are said to be dead: notes their beats, and says how
 * far apart they are; and looks whether one has beaten since, which is -1.
 */
int64_t fsck_note_beats(struct fsck *x);	/* in milliseconds */
int fsck_check_beats(const struct fsck *x, struct fail *f);

/* One step of the progress is done. */
void fsck_step(struct fsck *x, const char *what);

/* The parts, in the order in which they look. */
void fsck_look_folders(struct fsck *x);		/* fills queues */
void fsck_list_stages(struct fsck *x);		/* fills stages */
void fsck_look_waiting(struct fsck *x, const struct queue *q);
void fsck_look_claimed(struct fsck *x, const struct queue *q);
void fsck_look_done(struct fsck *x, const struct queue *q);
void fsck_look_tmp(struct fsck *x, const struct queue *q);
void fsck_look_bad(struct fsck *x, const struct queue *q);
void fsck_look_imported(struct fsck *x);	/* SPOOL/bad */
void fsck_look_links(struct fsck *x, const struct queue *q);
void fsck_look_tries(struct fsck *x, const struct queue *q);
void fsck_look_twice(struct fsck *x);
void fsck_look_stages(struct fsck *x);
void fsck_look_workers(struct fsck *x);
void fsck_look_index(struct fsck *x);
void fsck_look_runs(struct fsck *x);

/* Whether a name is one of fs_replace's: a dot, a name, a dot, hex digits. */
bool fsck_is_scratch(const char *name);

/* Whether a request's file is one that can be served. */
void fsck_check_file(const struct fsck_folder *d, const char *name);

/* Whether a name is a token's; raises stranger where it is not. */
bool fsck_check_token(const struct fsck_folder *d, enum fsck_kind stranger,
	const char *name, struct token *t);

/* Whether the worker of a claim is said to be dead. */
void fsck_check_claim(const struct fsck_folder *d, const char *name,
	const char *worker);

/* Whether a folder can be worked in; sets sticky. */
void fsck_check_folder(struct fsck_folder *d, int at, const char *path);

#endif
