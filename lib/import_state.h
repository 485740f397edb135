/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of an import, by the files beside the one that is imported; what
 * they are is said in import.h.  state is "importing" and so on.
 */
#ifndef IMPORT_STATE_H
#define IMPORT_STATE_H

struct batch;
struct conf;
struct fail;
struct import;
struct log;
struct spool;

struct import_session {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct import *import;
	const char *file;	/* as the user named it */
	char *dir;		/* where it is, with the last slash */
	const char *base;	/* its name there */
};

/* <file>.<state>-<id>; free() it. */
char *import_path(const struct import_session *x, const char *state,
	const char *id);

/* Syncs the directory in which it is. */
int import_sync(const struct import_session *x, struct fail *f);

/* Gone already is fine. */
int import_unlink(const char *path, struct fail *f);

/* Renames and syncs, for who must know that it was he: fails where not. */
int import_advance(const struct import_session *x, const char *from,
	const char *to, struct fail *f);

/*
 * FILE.importing-ID becomes that of an id of our own, so that whoever was at it
 * cannot go on; and its lines are imported.
 */
int import_take(struct import_session *x, const char *before, struct fail *f);

/*
 * FILE.written-ID: from here on the plan alone counts.  Its new name is nobody
 * else's; where it has got one before, that is for who lists FILE.imported-ID.
 * b: the batch; or NULL.
 */
int import_go_on_written(struct import_session *x, const char *id,
	struct batch *b, struct fail *f);

/* FILE.imported-ID: moves what its plan tells, and removes it. */
int import_go_on_imported(struct import_session *x, const char *id,
	struct fail *f);

#endif
