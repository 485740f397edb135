/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a request is.  Reads names only, newest places first; meant for
 * people's questions, not for the protocol.
 */
#ifndef FIND_H
#define FIND_H

#include <stdint.h>

#include "bucket.h"
#include "clock.h"
#include "publish.h"
#include "request.h"
#include "token.h"

struct conf;
struct fail;
struct queue;
struct spool;

enum find_state { FIND_NOWHERE, FIND_WAITING, FIND_RUNNING, FIND_DONE,
	FIND_BAD };

struct found {
	enum find_state state;
	char queue[NAME_QUEUE_MAX + 1];
	struct token token;
	char path[2 * TOKEN_NAME_MAX];	/* below the queue: cur/<token> */
	int64_t due_s;			/* FIND_WAITING: of its bucket */
};

/* "waiting", "running", "done", "bad", "nowhere" */
const char *find_word(enum find_state state);

/* Looks through a queue; state is FIND_NOWHERE where it is not. */
int find_in_queue(const struct queue *q, const char *id, struct found *found,
	struct fail *f);

/* Looks through all queues. */
int find_request(const struct spool *s, const char *id, struct found *found,
	struct fail *f);

/*
 * Reads what the request asks for, defaults filled in; name is what messages
 * call it.  The file may have moved meanwhile: f->err is ENOENT then.
 */
int find_read(const struct conf *c, const struct spool *s,
	const struct found *found, struct request *r, struct fail *f);

/* The run that a done request was published as; "" where it is not yet. */
int find_run(const struct spool *s, const struct request *r, const char *id,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f);

#endif
