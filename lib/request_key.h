/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a request's mapping: one table from which requests are read,
 * written, named and freed.
 */
#ifndef REQUEST_KEY_H
#define REQUEST_KEY_H

#include <stdbool.h>
#include <stddef.h>

struct fail;
struct request;
struct strs;

enum request_shape {
	REQUEST_TEXT,		/* char * */
	REQUEST_LIST,		/* struct strs */
	REQUEST_WORDS,		/* the same; an item may hold several */
	REQUEST_PINS,		/* the same; an item may be debci's pair */
	REQUEST_YES_NO,		/* bool */
	REQUEST_PRIORITY,	/* int */
	REQUEST_TIME,		/* int64_t, seconds since 1970 */
};

enum request_role {
	REQUEST_WHAT,		/* changes what is run */
	REQUEST_ABOUT,		/* only who, when and how urgently */
	REQUEST_SYNONYM,	/* another system's word: read, never written */
};

struct request_key {
	const char *name;
	enum request_shape shape;
	enum request_role role;
	size_t at;			/* of its member in struct request */
	bool (*ok)(const char *);	/* TEXT and the lists */
	const char *want;		/* what a good value is, for messages */
};

extern const struct request_key request_keys[];	/* ends with a NULL name */

const struct request_key *request_key_find(const char *name);	/* or NULL */

/*
 * Checks a value and sets it, or adds it to a list.  Otherwise -1 with
 * EX_DATAERR and "key: reason", which the caller puts a place before.
 */
int request_key_set(struct request *r, const struct request_key *k,
	const char *value, struct fail *f);

/* The list of a key that has one, or NULL. */
const struct strs *request_key_list(const struct request *r,
	const struct request_key *k);

void request_key_clear(struct request *r, const struct request_key *k);

#endif
