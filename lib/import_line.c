/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "buf.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "fs.h"
#include "import.h"
#include "import_line.h"
#include "log.h"
#include "mem.h"
#include "request.h"
#include "spool.h"
#include "strs.h"

/*
 * A line that is no request is kept, with its reason, for people: the same one
 * once, however often it comes.
 */
static int
refuse(struct import_lines *x, const char *line, size_t n,
	const struct fail *why, struct fail *f)
{
	char id[DIGEST_ID_MAX], *name, *why_name;
	char *text = mem_printf("adtspool: %s\n", why->text);
	int bad = fs_open_dir(x->spool->fd, "bad"), rc;

	digest_id(id, line, n);
	name = mem_printf("line,%s", id);
	why_name = mem_printf("%s.why", name);
	log_say(x->log, LOG_LEVEL_ERROR, "%s", why->text);
	rc = bad < 0 ? fail_errno(f, "%s/bad", x->spool->path) :
	    fs_replace(bad, why_name, text, strlen(text), f);
	if (rc == 0)
		rc = fs_replace(bad, name, line, n, f);
	x->import->bad++;
	if (bad >= 0)
		(void)close(bad);
	free(name);
	free(why_name);
	free(text);
	return rc;
}

/* As britney's glue for debci does: the triggers come from another release. */
static void
pin_triggers(struct request *r, const char *release)
{
	struct strs pins = { 0 };
	char *all;

	for (size_t i = 0; i < r->triggers.n; i++) {
		const char *t = r->triggers.v[i];

		if (strncmp(t, "migration-reference/", 20) != 0)
			strs_addf(&pins, "src:%.*s", (int)strcspn(t, "/"), t);
	}
	if (pins.n) {
		all = strs_join(&pins, ",");
		strs_addf(&r->pin_packages, "%s=%s", release, all);
		free(all);
	}
	strs_free(&pins);
}

static const struct queue *
open_queue(void *context, const char *name, struct fail *f)
{
	const struct import_lines *x = context;

	return batch_queue(x->batch, name, f);
}

/* The id of the line's request, by its import and its place. */
static void
compute_id(const struct import_lines *x, const char *import,
	char id[TOKEN_ID_MAX])
{
	char *seed = mem_printf("%s %zu", import, x->number);

	digest_id(id, seed, strlen(seed));
	free(seed);
}

/* A link that the try before made leads nowhere: nothing of it was queued. */
static int
is_pending(void *context, const char *id)
{
	const struct import_lines *x = context;
	char id_before[TOKEN_ID_MAX];

	if (known_is_pending(&x->known, id))
		return 1;
	compute_id(x, x->before, id_before);
	return strcmp(id, id_before) == 0 ? 0 : -1;
}

static int
put(void *context, const struct queue *q, const struct token *t,
	int64_t due_s, const struct buf *text, struct fail *f)
{
	struct import_lines *x = context;

	if (batch_add(x->batch, q, t, due_s, text, f) != 0)
		return -1;
	known_add(&x->known, t->id);
	return 0;
}

static int
enqueue_line(struct import_lines *x, struct request *r, struct fail *f)
{
	const struct enqueue_door door = { open_queue, is_pending, put, x };
	struct enqueue e = { .door = &door };
	struct import *i = x->import;

	if (i->priority >= 0)
		r->priority = i->priority;
	if (i->pin_triggers)
		pin_triggers(r, i->pin_triggers);
	if (i->requester && !r->requester)
		r->requester = mem_dup(i->requester);
	compute_id(x, x->batch->id, e.id);
	switch (enqueue(x->conf, x->spool, r, &e, f)) {
	case ENQUEUE_QUEUED:
		return 0;
	case ENQUEUE_PENDING:
		i->pending++;
		return 0;
	case ENQUEUE_FAILED:
		break;
	}
	return -1;
}

static int
import_line(struct import_lines *x, const char *line, size_t n, struct fail *f)
{
	char *name = mem_printf("%s:%zu", x->file, x->number);
	struct request r = { 0 };
	struct fail why;
	int rc = 0;

	if (request_parse(&r, name, line, n, &why) != 0 ||
	    request_is_public(&r, name, &why) != 0) {
		rc = refuse(x, line, n, &why, f);
	} else if ((rc = enqueue_line(x, &r, &why)) != 0) {
		/* No such queue is the line's fault, a full disk is not. */
		*f = why;
		if (why.status == EX_CONFIG || why.status == EX_USAGE) {
			(void)fail_prefix(&why, "%s", name);
			rc = refuse(x, line, n, &why, f);
		}
	}
	request_free(&r);
	free(name);
	return rc;
}

int
import_lines(struct import_lines *x, const struct buf *text, struct fail *f)
{
	const char *p = text->s, *end = text->s + text->len;

	for (x->number = 1; p < end; x->number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = newline ? (size_t)(newline - p) : (size_t)(end - p);

		if (n > strspn(p, " \t\r") && p[0] != '#') {
			x->import->lines++;
			if (import_line(x, p, n, f) != 0)
				return -1;
		}
		p += n + 1;
	}
	return 0;
}
