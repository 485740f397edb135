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

/* TIME attempt N, on WORKER: WHAT */
static int
parse(const char *line, struct tries_last *last)
{
	const char *on = strstr(line, ", on "), *blank = strchr(line, ' ');
	char time[CLOCK_TEXT_MAX];
	size_t n;

	if (!on || !blank || blank - line >= CLOCK_TEXT_MAX)
		return -1;
	memcpy(time, line, (size_t)(blank - line));
	time[blank - line] = '\0';
	on += strlen(", on ");
	n = strcspn(on, ": ");
	if (n >= sizeof last->worker)
		return -1;
	memcpy(last->worker, on, n);
	last->worker[n] = '\0';
	return name_worker_ok(last->worker) ? clock_parse(time, &last->at_s) :
	    -1;
}

int
tries_last(const struct queue *q, const char *id, unsigned used,
	struct tries_last *last)
{
	char name[NAME_ROOM];
	struct buf line = { 0 };
	struct fail passed;
	int rc = -1;

	if (!used || used > TRIES_MOST)
		return -1;
	name_of(name, id, used - 1);
	if (fs_read(q->tries, name, LINE_MOST, &line, &passed) == 0 && line.s)
		rc = parse(line.s, last);
	buf_free(&line);
	return rc;
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
