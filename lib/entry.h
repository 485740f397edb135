/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A result as one job of debci's API and data files; adtspool-britney(5) lists
 * the keys, and who reads them.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct json_writer;
struct request;
struct result;
struct strs;

struct entry {
	struct buf json;	/* the object but for its closing brace */
	char *ppa;	/* OWNER/NAME: the last one asked for; or "" */
	char *env;	/* as Ubuntu's database has it; or "" */
	bool plain;	/* nothing was asked for that the suite lacks */
};

/* Fills e, which entry_free empties. */
void entry_make(struct entry *e, const struct result *r, const char *run_id);
void entry_free(struct entry *e);

/* Appends a whole object for a request that waits or runs, its status null. */
void entry_pending(struct buf *out, const struct request *r, const char *id,
	int64_t now_s);

/*
 * OWNER/NAME of the last of these, without its fingerprint; "" where there is
 * none: britney, too, names what it asks for by the last.  free() it.
 */
char *entry_ppa(const struct strs *ppas);

/* A time as debci writes it; 0 is null. */
void entry_put_time(struct json_writer *w, const char *key, int64_t s);

#endif
