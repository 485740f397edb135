/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of fsck that read the results tree share. */
#ifndef FSCK_RUN_H
#define FSCK_RUN_H

#include "fsck_look.h"
#include "publish.h"

struct fsck_runs {
	struct fsck_folder d;		/* a package, or a version */
	struct fsck *x;
	const char *suite, *arch, *source, *version;	/* where it is */
	char package[PUBLISH_PATH_MAX];
	char oldest[9];			/* day of the oldest run; "": none */
	struct fsck_ids ids;		/* of the requests that have a run */
	struct fsck_set links;		/* hashes of the links to be */
	struct fsck_set unread;		/* and of runs without a known one */
	struct fsck_set stages;		/* and of names in staging */
};

/* by-version/<suite>/<arch>/<source>/<version>/<run id>; free() it. */
char *fsck_link_path(const struct fsck_runs *r, const char *version,
	const char *run_id);

/* Where a link of that path has to point to; NULL where it is none. */
char *fsck_link_target(const char *path);

/* Whether a run's link by version is there. */
void fsck_check_link(struct fsck_runs *r, const char *run_id,
	const char *version);

/* Calls each for every sorted name in a folder of RESULTS that is ok. */
void fsck_descend(struct fsck_runs *r, const char *path,
	bool (*ok)(const char *),
	void (*each)(struct fsck_runs *r, const char *name));

/* After all runs: whether each link by version leads to its run. */
void fsck_look_versions(struct fsck_runs *r);

/* Before all runs: fills stages. */
void fsck_note_stages(struct fsck_runs *r);

/* After all runs: whether each committed request has one, or has a stage. */
void fsck_look_lost(struct fsck_runs *r);

#endif
