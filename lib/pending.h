/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pending/<digest> -> <id>: the symlinks by which a request that is already
 * waiting or running is noticed without reading the queue.  A hint only: one
 * that is missing costs a second run of the same test, one that is stale is
 * found out by looking for its id, which happens only when it is met.
 */
#ifndef PENDING_H
#define PENDING_H

#include <stdbool.h>

#include "token.h"

struct fail;
struct queue;

/*
 * Says that id asks for what digest names.  Returns 0; or 1 where another
 * request that waits or runs does already, its id in other; or -1.
 */
int pending_enter(const struct queue *q, const char *digest, const char *id,
	char other[TOKEN_ID_MAX], struct fail *f);

/*
 * The same without reading the queue: 1 says that the link is another
 * request's, which may have ended since.
 */
int pending_try(const struct queue *q, const char *digest, const char *id,
	char other[TOKEN_ID_MAX], struct fail *f);

/* The same without asking: for those who insist. */
int pending_insist(const struct queue *q, const char *digest, const char *id,
	struct fail *f);

/* Takes it away where it is id's.  Gone already is fine. */
void pending_leave(const struct queue *q, const char *digest, const char *id);

#endif
