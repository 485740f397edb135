/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people call a published run: its path in the results, or its end. */
#ifndef TREE_RUN_H
#define TREE_RUN_H

#include "name.h"
#include "publish.h"

struct tree_run {
	char suite[NAME_SUITE_MAX + 1];
	char arch[NAME_ARCH_MAX + 1];
	char source[NAME_SOURCE_MAX + 1];
	char run_id[PUBLISH_RUN_ID_MAX];
};

/*
 * Reads [.../]<suite>/<arch>/[<H>/]<source>/<run id>[/...]; -1 where it is
 * none.  That there is such a run is not said.
 */
int tree_run_parse(struct tree_run *r, const char *path);

#endif
