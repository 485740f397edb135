/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the doctor share: the folders, opened, and the names of
 * what is made to try them.  Those begin with ".doctor-", which workers leave
 * alone; each is used once; what is left of them may be removed.
 */
#ifndef DOCTOR_LOOK_H
#define DOCTOR_LOOK_H

#include <sys/stat.h>

#include "doctor.h"
#include "doctor_report.h"
#include "token.h"

enum { DOCTOR_NAME_MAX = 64 };

struct doctor_place {
	char *name;		/* "amd64/new" */
	int fd;			/* -1: not there, or not to be opened */
	bool closed;		/* files cannot be made there, which was said */
	struct stat st;
};

enum doctor_folder {
	DOCTOR_FOLDER_TMP,
	DOCTOR_FOLDER_NEW,
	DOCTOR_FOLDER_CUR,
	DOCTOR_FOLDER_DONE,
	DOCTOR_FOLDER_BAD,
	DOCTOR_FOLDER_PENDING,
	DOCTOR_FOLDER_TRIES,
	DOCTOR_FOLDERS
};

struct doctor_queue {
	struct doctor_place self, in[DOCTOR_FOLDERS];
};

struct doctor {
	const struct conf *conf;
	const struct doctor_options *options;
	struct doctor_report *report;
	char id[TOKEN_ID_MAX];	/* of this looking, in all names */
	unsigned made;
	struct doctor_place spool, workers, lines, results, staging;
	struct doctor_queue *queues;
	size_t n_queues;
};

/* Opens all there is; says what is not.  -1: there is no spool to look at. */
int doctor_open(struct doctor *d);
void doctor_close(struct doctor *d);

/*
 * The scratch directory, or what is there of the path to it, for workers make
 * it; the caller closes.  -1 with errno.
 */
int doctor_open_scratch(const struct conf *c);

/* A name that was never used. */
void doctor_name(struct doctor *d, char out[DOCTOR_NAME_MAX]);

/* Removes what was made to try a place, or says that it is left there. */
void doctor_remove(struct doctor *d, const struct doctor_place *p,
	const char *name);

/* What a failed call means, and what helps, or NULL. */
enum doctor_grade doctor_grade_of(int err);
const char *doctor_cure_of(int err);

/* What a folder is for, and with it what must be possible there. */
enum doctor_needs {
	DOCTOR_NEEDS_FILES = 0,
	DOCTOR_NEEDS_DIRS = 1,		/* to be as open as the folder */
	DOCTOR_NEEDS_OTHERS = 2,	/* others' files are renamed */
	DOCTOR_NEEDS_ONE_REALM = 4,	/* with the folders beside it */
};

/* Bits of 0077 that a folder has and what was made in it lacks. */
mode_t doctor_lacks(const struct stat *folder, const struct stat *made);

/* The checks, in their order; each says what it finds. */
void doctor_check_mounts(struct doctor *d);
void doctor_check_folders(struct doctor *d);
void doctor_check_moves(struct doctor *d);
void doctor_check_calls(struct doctor *d);
void doctor_check_locks(struct doctor *d);
void doctor_check_space(struct doctor *d);
void doctor_check_watch(struct doctor *d);
void doctor_check_scratch(struct doctor *d);
void doctor_check_host(struct doctor *d);

#endif
