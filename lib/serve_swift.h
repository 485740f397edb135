/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swift's listing of a container: GET /CONTAINER?prefix=...&delimiter=... */
#ifndef SERVE_SWIFT_H
#define SERVE_SWIFT_H

#include <stdbool.h>

struct serve_answer;
struct serve_site;
struct serve_url;

enum { SERVE_SWIFT_TIME_S = 20 };	/* for a listing */

/* Whether a path's part is a container's name: autopkgtest-... */
bool serve_swift_is_container(const char *part);

/* Whether the container is there; otherwise the answer says so. */
bool serve_swift_has(struct serve_answer *a, struct serve_site *site,
	const char *container);

/* Whether objects of that suite may be in the container. */
bool serve_swift_has_suite(const char *container, const char *suite);

/*
 * 200 with a name a line, or format=json without hashes; 204 without names;
 * 401 where there is no such container; 412 where Swift has it.
 */
void serve_swift_list(struct serve_answer *a, struct serve_site *site,
	const char *container, const struct serve_url *u);

#endif
