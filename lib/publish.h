/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staging -> the results tree, after the commit: one rename of a whole
 * directory that nobody opens.  May run any number of times, by anyone, until
 * the stage is gone; it only ever rolls forward.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "name.h"

enum {
	PUBLISH_RUN_ID_MAX = 17,	/* 20261122_160102@ and its NUL */
	PUBLISH_PATH_MAX = 512,
};

struct fail;
struct spool;

/* autopkgtest/<suite>/<arch>/<H>/<source>, for names that are ok. */
void publish_package_path(char out[PUBLISH_PATH_MAX], const char *suite,
	const char *arch, const char *source);

/* Whether name is a run id: YYYYMMDD_HHMMSS@ */
bool publish_run_id_ok(const char *name);

/*
 * Publishes a sealed stage whose attempt was committed, and removes it.  A run
 * id is the time of publishing, in UTC, or the second after the newest one
 * of the package when that is later: readers that ask for what is newer than
 * the last they saw miss nothing.  run_id becomes "" where the stage is gone,
 * because another has done all of it.
 */
int publish_stage(const struct spool *s, const char *attempt,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f);

#endif
