/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An event on its way to the keeper: strings, each ended by a NUL: folder,
 * timeout in milliseconds, id, variables, an empty one, and what hooks get on
 * standard input: a path that begins with a slash, or JSON.
 */
#ifndef HOOK_MESSAGE_H
#define HOOK_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "hook.h"
#include "strs.h"

struct buf;

enum {
	HOOK_INPUT_MOST = 64 * 1024,	/* larger requests are not passed on */
	HOOK_MESSAGE_MOST = HOOK_INPUT_MOST + 32 * 1024,
};

struct hook_message {
	char *folder, *id, *input;
	int64_t timeout_ms;
	struct strs env;
};

/* "claimed" and so on. */
const char *hook_word(enum hook_kind kind);

void hook_message_write(const struct conf *c, const struct hook_event *e,
	struct buf *out);

/* -1 where it is none; hook_message_free is safe in any case. */
int hook_message_read(struct hook_message *m, const char *p, size_t n);
void hook_message_free(struct hook_message *m);

/* The value of a variable; "" where it has none. */
const char *hook_message_get(const struct hook_message *m, const char *name);

#endif
