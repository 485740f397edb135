/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns autopkgtest's output directory into a run directory's files. */
#ifndef COLLECT_H
#define COLLECT_H

#include <stdint.h>

#include "name.h"

struct conf;
struct fail;
struct result;

/*
 * Reads what autopkgtest said it tested ("hello 2.10-3"): "" when it did not
 * come so far, or said nonsense.
 */
void collect_version(int output, char version[NAME_VERSION_MAX + 1]);

/*
 * Writes log.gz, artifacts.tar.gz, result.tar and, last, result.json into run.
 * Where autopkgtest made no log, scratch's console (what it printed) is the
 * log.  Sets r's log_cut and artifacts_cut.
 */
int collect(const struct conf *c, int scratch, int output, int run,
	struct result *r, struct fail *f);

#endif
