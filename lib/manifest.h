/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/manifests/<yyyymmdd>T<hh>: what became of the runs, one a line, in
 * the order in which the indexer took notice of it; the hour is that of the
 * indexing, in UTC.
 *
 *	+ autopkgtest/<suite>/<arch>/<H>/<source>/<run id>	is there
 *	- autopkgtest/<suite>/<arch>/<H>/<source>/<run id>	is to go
 *
 * A line may stand twice.  A file is replaced as a whole, by one that begins
 * with all that was in it; so what is read is complete, and read on from a
 * mark, by mirrors and by the stores of other hosts.  No hour is older than
 * the one that was written last, whatever the clocks say; behind a file of
 * more than 8 MiB the next hour begins early.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <stdint.h>

#include "buf.h"
#include "digest.h"
#include "notice.h"

struct fail;
struct role;
struct spool;
struct strs;

enum { MANIFEST_HOUR_MAX = 12, MANIFEST_MARK_MAX = 64 };

/* A place in the manifests: all before it is known.  Zeroed: the beginning. */
struct manifest_mark {
	char hour[MANIFEST_HOUR_MAX];
	uint64_t offset;
	char last[DIGEST_ID_MAX];	/* of the line before it */
};

/* As a text; -1 where it is none. */
void manifest_mark_format(char out[MANIFEST_MARK_MAX],
	const struct manifest_mark *m);
int manifest_mark_parse(struct manifest_mark *m, const char *text);

/* Appends the hours that there are, sorted; no folder is none. */
int manifest_hours(const struct spool *s, struct strs *hours, struct fail *f);

/*
 * On NFS, gives up what is remembered of the files: for who reads what another
 * host wrote until now.
 */
void manifest_freshen(const struct spool *s);

/*
 * Calls each for the lines from the mark on, which moves behind each of them,
 * until each returns non-zero.  Returns 0, or -1; with EX_NOINPUT where the
 * mark is none of these manifests', which do not reach back so far.
 */
int manifest_read(const struct spool *s, struct manifest_mark *m,
	int (*each)(void *context, const struct notice *n), void *context,
	struct fail *f);

/* Lines on their way; the holder of the role alone writes. */
struct manifest_writer {
	const struct role *role;
	struct manifest_mark end;	/* behind what was added */
	int fd;
	struct buf pending;
};

/*
 * Begins with what is there, which has to end at the mark: -1 with EX_TEMPFAIL
 * where there is more, or it does not show.  In any case manifest_abandon or
 * manifest_end it.
 */
int manifest_begin(struct manifest_writer *w, const struct role *r,
	const struct manifest_mark *end, struct fail *f);
int manifest_add(struct manifest_writer *w, const struct notice *n,
	struct fail *f);

/* Puts it in its place, durably. */
int manifest_end(struct manifest_writer *w, struct fail *f);
void manifest_abandon(struct manifest_writer *w);

/* Removes hours before that time, but for the newest. */
int manifest_age_out(const struct spool *s, int64_t before_s, struct fail *f);

#endif
