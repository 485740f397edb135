/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPOOL/control/: what people ask of the workers, a file each, which says all
 * in its name: <verb>,<object>.  A worker lists it at every poll and keeps the
 * names; adtspool-spool(5) tells what each means and who removes it.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "token.h"

struct buf;
struct fail;
struct spool;
struct strs;

enum control_verb {
	CONTROL_CANCEL,		/* an id */
	CONTROL_KILL,		/* a token@worker */
	CONTROL_HOLD,		/* a queue */
	CONTROL_DRAIN,		/* a worker */
	CONTROL_DRAIN_HOST	/* a host */
};

enum { CONTROL_NAME_MAX = TOKEN_NAME_MAX + 16 };

void control_format(char out[CONTROL_NAME_MAX], enum control_verb verb,
	const char *object);

/* The object in name, checked to be one for its verb; NULL: no such name. */
const char *control_parse(const char *name, enum control_verb *verb);

/* Appends all such names, sorted.  Without the folder there are none. */
int control_list(const struct spool *s, struct strs *names, struct fail *f);

/* Whether a listing has it. */
bool control_has(const struct strs *names, enum control_verb verb,
	const char *object);

/*
 * Asks for it: from here on it survives a power cut.  why is a line for people,
 * or NULL.  What is there already is replaced.
 */
int control_put(const struct spool *s, enum control_verb verb,
	const char *object, const char *why, struct fail *f);

/* Takes it back: 1; 0 where it is gone already; -1. */
int control_drop(const struct spool *s, enum control_verb verb,
	const char *object, struct fail *f);

struct control_order {
	char who[64];		/* the file's owner */
	char why[256];		/* fit for a terminal; "" without a reason */
	int64_t since_s;	/* by the server's clock */
};

/* Who asked and why, as far as it can be read: gone meanwhile is "somebody". */
void control_read(const struct spool *s, enum control_verb verb,
	const char *object, struct control_order *o);

/* "cancelled by root: wrong trigger", with what as the first word; free() it */
char *control_tell(const struct spool *s, enum control_verb verb,
	const char *object, const char *what);

#endif
