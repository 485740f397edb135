/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the writers of indexes put them: whoever holds the indexer's role
 * gives this, and refuses once another may have taken it over.
 */
#ifndef EXPORT_PLACE_H
#define EXPORT_PLACE_H

#include <stddef.h>

struct fail;

struct export_place {
	void *of;

	/*
	 * Replaces RESULTS/target at once and durably, making the folders
	 * above it where they are missing.
	 */
	int (*put)(void *of, const char *target, const void *p, size_t n,
		struct fail *f);

	/*
	 * The same with a file that was written to `out` under a name of the
	 * caller's choice, and synced.
	 */
	int (*put_file)(void *of, const char *name, const char *target,
		struct fail *f);

	int out;		/* a folder of RESULTS, nobody else's */
};

#endif
