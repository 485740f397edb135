/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An index while it is written, in pieces, beside its place. */
#ifndef EXPORT_FILE_H
#define EXPORT_FILE_H

#include "buf.h"

struct export_place;
struct fail;

/* { .fd = -1 } may be given up. */
struct export_file {
	const struct export_place *place;
	const char *name;		/* in place->out */
	int fd;
	struct buf text;		/* add to it, then call more */
};

int export_file_begin(struct export_file *e, const struct export_place *place,
	const char *name, struct fail *f);

/* Writes what has come together, when it is worth a call. */
int export_file_more(struct export_file *e, struct fail *f);

/* Writes the rest and syncs it: what is left is a rename. */
int export_file_sync(struct export_file *e, struct fail *f);

/* The same, and has it put in place. */
int export_file_end(struct export_file *e, const char *target,
	struct fail *f);

/* Instead: removes it. */
void export_file_give_up(struct export_file *e);

#endif
