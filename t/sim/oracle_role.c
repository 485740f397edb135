/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "disk.h"
#include "oracle_role.h"

static const struct { enum role in; const char *name; enum role role; }
places[] = {
	{ ROLE_SPOOL, "workers", ROLE_NONE },
	{ ROLE_SPOOL, "bad", ROLE_NONE },
	{ ROLE_SPOOL, "control", ROLE_CONTROL },
	{ ROLE_SPOOL, "results", ROLE_RESULTS },
	{ ROLE_SPOOL, NULL, ROLE_QUEUE },
	{ ROLE_QUEUE, "tmp", ROLE_TMP },
	{ ROLE_QUEUE, "new", ROLE_NEW },
	{ ROLE_QUEUE, "cur", ROLE_CUR },
	{ ROLE_QUEUE, "done", ROLE_DONE },
	{ ROLE_QUEUE, "bad", ROLE_BAD },
	{ ROLE_NEW, NULL, ROLE_BUCKET },
	{ ROLE_DONE, NULL, ROLE_DAY },
	{ ROLE_RESULTS, ".staging", ROLE_STAGING },
	{ ROLE_RESULTS, "autopkgtest", ROLE_TREE },
	{ ROLE_RESULTS, "by-version", ROLE_VERSIONS },
	{ ROLE_STAGING, NULL, ROLE_STAGE },
	{ ROLE_STAGE, "run", ROLE_RUN },
	{ ROLE_RUN, NULL, ROLE_RUN_PART },
	{ ROLE_TREE, NULL, ROLE_SUITE },
	{ ROLE_SUITE, NULL, ROLE_ARCH },
	{ ROLE_ARCH, NULL, ROLE_PREFIX },
	{ ROLE_PREFIX, NULL, ROLE_PACKAGE },
	{ ROLE_VERSIONS, NULL, ROLE_VERSIONS },
};

enum role
role_of(const struct node *dir)
{
	const struct dent *d = dir->link;

	if (!d)
		return ROLE_NONE;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if ((int)places[i].in == d->dir->role && (!places[i].name ||
		    strcmp(places[i].name, d->name) == 0))
			return places[i].role;
	return ROLE_NONE;
}
