/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"
#include "token.h"
#include "tries.h"

enum { NAME_ROOM = TOKEN_ID_MAX + 16, LINE_MOST = 4096 };

static void
name_of(char out[NAME_ROOM], const char *id, unsigned attempt)
{
	(void)snprintf(out, NAME_ROOM, "%s.a%u", id, attempt);
}

void
tries_note(const struct queue *q, const struct token *t, const char *what)
{
	char name[NAME_ROOM], now[CLOCK_TEXT_MAX], *line;
	struct fail passed;

	if (t->attempt >= TRIES_MOST)
		return;
	clock_format(now, "%Y-%m-%dT%H:%M:%SZ", clock_now_s());
	line = mem_printf("%s attempt %u, on %s: %s\n", now, t->attempt + 1,
	    t->worker, what);
	name_of(name, t->id, t->attempt);
	(void)fs_overwrite(q->tries, name, line, strlen(line), &passed);
	free(line);
}

void
tries_tell(const struct queue *q, const char *id, unsigned used,
	struct buf *out)
{
	for (unsigned i = 0; i < used && i < TRIES_MOST; i++) {
		struct buf line = { 0 };
		char name[NAME_ROOM];
		struct fail passed;

		name_of(name, id, i);
		if (fs_read(q->tries, name, LINE_MOST, &line, &passed) == 0)
			buf_add(out, line.s);
		buf_free(&line);
	}
}

void
tries_forget(const struct queue *q, const char *id, unsigned used)
{
	for (unsigned i = 0; i < used && i < TRIES_MOST; i++) {
		char name[NAME_ROOM];

		name_of(name, id, i);
		(void)fs_unlink(q->tries, name);
	}
}
