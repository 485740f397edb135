/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs that a query could mean, by their names alone. */
#ifndef RESULTS_PICK_H
#define RESULTS_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strs.h"

struct notice;
struct fail;
struct results_query;
struct spool;

/* A few bytes a run, since there may be millions. */
struct results_picks {
	struct results_run {
		int64_t published_s;
		uint32_t package;	/* its place in packages */
	} *runs;
	size_t n, room;
	struct strs packages;	/* SUITE,ARCH,SOURCE */
	bool walked;
};

/* Newest first, each once. */
int results_pick(const struct spool *s, const struct results_query *q,
	struct results_picks *p, struct fail *f);
void results_picks_get(const struct results_picks *p, size_t i,
	struct notice *a);
void results_picks_free(struct results_picks *p);

#endif
