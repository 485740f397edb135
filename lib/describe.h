/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request or a package, told to a person or a program. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <stdbool.h>

#include "find.h"
#include "result.h"

struct buf;
struct conf;
struct fail;
struct spool;

/*
 * The run that a found request became: run_id is "" and r empty where there
 * is none (yet).  result_free r.
 */
int describe_run(const struct conf *c, const struct spool *s,
	const struct found *found, struct result *r,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f);

/* Where it is, what it asks for, what came out of it. */
int describe_request(const struct conf *c, const struct spool *s,
	const struct found *found, bool json, struct buf *out,
	struct fail *f);

/* The newest results of a package, in every suite and on every arch. */
int describe_package(const struct spool *s, const char *package, bool json,
	struct buf *out, struct fail *f);

#endif
