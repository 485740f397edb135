/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which run of the results tree: as a path below RESULTS,
 *	autopkgtest/SUITE/ARCH/H/SOURCE/RUN_ID
 * and as a line of a manifest, RESULTS/manifests/YYYYMMDDTHH: "+ " and that
 * path for a run that came, "- " for one that went.  Nothing is believed that
 * has not this very shape, with names that name.h passes.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "publish.h"

enum {
	ADDRESS_PATH_MAX = PUBLISH_PATH_MAX + PUBLISH_RUN_ID_MAX,
	ADDRESS_HOUR_MAX = 12,		/* 20261122T16 and its NUL */
};

struct address {
	char suite[NAME_SUITE_MAX + 1];
	char arch[NAME_ARCH_MAX + 1];
	char source[NAME_SOURCE_MAX + 1];
	char run_id[PUBLISH_RUN_ID_MAX];
};

/* From the names themselves: 0, or -1 where one of them is none. */
int address_set(struct address *a, const char *suite, const char *arch,
	const char *source, const char *run_id);

/* From a path; -1 where it is none. */
int address_parse(struct address *a, const char *path);

void address_path(char out[ADDRESS_PATH_MAX], const struct address *a);

/* Whether name is a manifest's: YYYYMMDDTHH */
bool address_hour_ok(const char *name);

/*
 * Calls each for every line of a manifest's text; came is false where the run
 * went.  Returns how many lines were none, which are passed over.
 */
size_t address_each(const char *text, size_t n,
	void (*each)(void *context, const struct address *a, bool came),
	void *context);

#endif
