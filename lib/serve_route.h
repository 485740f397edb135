/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request to its answer, without a network.  Paths are:
 *
 *     /[v1/ACCOUNT/]autopkgtest-SUITE...  Swift's listing, and its objects
 *     /results/autopkgtest-SUITE/...      the same, as Ubuntu links them
 *     /data/...                           the results tree, as debci has it
 *     /autopkgtest/..., /britney/...      the results tree: its folders that
 *                                         serve_route.c lists
 *     /packages/H/SOURCE[/SUITE[/ARCH]]   pages, for britney's links
 *     /api/v1/test?since=EPOCH            serve_debci.h
 *     /status/pending, /running           the spool at a glance
 */
#ifndef SERVE_ROUTE_H
#define SERVE_ROUTE_H

#include "serve_file.h"

struct serve_answer;
struct serve_site;

struct serve_request {
	const char *method;
	const char *target;		/* as it was sent: path and query */
	struct serve_conditions conditions;
};

/* serve_answer_free the answer. */
void serve_route(struct serve_site *site, const struct serve_request *r,
	struct serve_answer *a);

#endif
