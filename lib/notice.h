/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/.index/notices/: what the indexer has still to hear of, an empty file
 * each, named
 *
 *	new,<suite>,<arch>,<source>,<run id>	the run was published
 *	gone,<suite>,<arch>,<source>,<run id>	the run is to be removed
 *
 * Who publishes a run, or wants it removed, drops the notice, perhaps more than
 * once; the indexer alone takes it away, when the manifest has it.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include "name.h"
#include "publish.h"

struct fail;
struct spool;

enum { NOTICE_NAME_MAX = 256, NOTICE_PATH_MAX = PUBLISH_PATH_MAX +
	PUBLISH_RUN_ID_MAX };

enum notice_kind { NOTICE_NEW, NOTICE_GONE };

struct notice {
	enum notice_kind kind;
	char suite[NAME_SUITE_MAX + 1];
	char arch[NAME_ARCH_MAX + 1];
	char source[NAME_SOURCE_MAX + 1];
	char run_id[PUBLISH_RUN_ID_MAX];
};

/* Returns 0, or -1 where name is no notice's. */
int notice_parse(struct notice *n, const char *name);
void notice_format(char out[NOTICE_NAME_MAX], const struct notice *n);

/* The run's directory below RESULTS, and back; -1 where path is no run's. */
void notice_path(char out[NOTICE_PATH_MAX], const struct notice *n);
int notice_parse_path(struct notice *n, enum notice_kind kind,
	const char *path);

/* Leaves a notice, durably; that it is there already is fine. */
int notice_drop(const struct spool *s, enum notice_kind kind,
	const char *suite, const char *arch, const char *source,
	const char *run_id, struct fail *f);

/*
 * Calls each for every name that is left, strangers' too, until it returns
 * non-zero.  No folder is no notice.
 */
int notice_each(const struct spool *s,
	int (*each)(void *context, const char *name, unsigned char type),
	void *context, struct fail *f);

/* Takes a notice away; gone is fine. */
int notice_end(const struct spool *s, const char *name, struct fail *f);

#endif
