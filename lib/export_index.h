/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the indexer writes for the systems around: adtspool-britney(5) and
 * adtspool-index(5) have the formats.  Each writes what the store says is due
 * (store_due.h), and lets the store forget it when it is in place: cut off
 * anywhere, all is done again.
 *
 * No transaction is open on the store meanwhile, and nothing is put into it.
 */
#ifndef EXPORT_INDEX_H
#define EXPORT_INDEX_H

#include <stddef.h>

#include "export_place.h"

struct conf;
struct export_pending;
struct fail;
struct spool;
struct store;
struct strs;

/* What they have in common. */
struct export_index {
	const struct conf *conf;
	const struct spool *spool;
	struct store *store;
	const struct export_place *place;
};

/* Adds the suites to have a debci.json: with runs, requests, or a file. */
int export_index_suites(const struct export_index *x,
	const struct export_pending *pending, struct strs *suites,
	struct fail *f);

/*
 * britney/SUITE/debci.json; and for each PPA upon the suite, with a result or
 * a request or a file of before, britney/SUITE/ppa/OWNER/NAME/debci.json.
 *
 * Written whether it is due or not, for what waits may have changed.  pending
 * was refreshed, and then all notices of that moment were put into the store:
 * what was published between the two is not missed.
 */
int export_index_debci(const struct export_index *x,
	const struct export_pending *pending, const char *suite,
	struct fail *f);

/*
 * britney/autopkgtest.db and its .sha256.  It is kept beside the store, so that
 * a new run costs its row, and published as a whole copy.
 */
int export_index_ubuntu(const struct export_index *x, struct fail *f);

/*
 * debci's data files of the packages that are due, and of their suites and
 * architectures: status/SUITE/ARCH/{status,history,packages}.json and
 * YYYY/MM/DD.json, packages/SUITE/ARCH/H/SOURCE/{history,latest}.json.  At
 * most `most` packages, 0 being all; *left says how many more are due, and the
 * files of a suite are written when none is.  What is as it was stays.
 */
int export_index_data(const struct export_index *x, size_t most,
	size_t *left, struct fail *f);

#endif
