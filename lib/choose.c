/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "scan.h"
#include "spool.h"

struct search {
	const struct conf *c;
	const struct spool *s;
	const struct choice *x;
	struct chosen *out;
	const struct queue *q;
	regex_t regex;
};

static bool
matches(const struct search *s, const char *text)
{
	return regexec(&s->regex, text, 0, NULL, 0) == 0;
}

/* What the name alone tells: 1 yes, 0 no, -1 the request has to be read. */
static int
judge_name(const struct search *s, const struct token *t)
{
	const struct choice *x = s->x;
	bool named = strs_has(&x->ids, t->id) ||
	    strs_has(&x->packages, t->label) ||
	    (x->pattern && matches(s, t->label));

	if (!named)
		return x->pattern ? -1 : 0;
	return x->suite ? -1 : 1;
}

static bool
judge_request(const struct search *s, const struct found *found)
{
	const struct choice *x = s->x;
	bool named = strs_has(&x->ids, found->token.id);
	struct request r;
	struct fail passed;

	/* Moved on meanwhile, or no request: then it is not meant. */
	if (find_read(s->c, s->s, found, &r, &passed) != 0) {
		request_free(&r);
		return false;
	}
	named |= strs_has(&x->packages, r.package);
	if (x->pattern) {
		named |= matches(s, r.package);
		for (size_t i = 0; !named && i < r.triggers.n; i++)
			named = matches(s, r.triggers.v[i]);
	}
	named &= !x->suite || strcmp(x->suite, r.suite) == 0;
	request_free(&r);
	return named;
}

/* One that was seen to wait is claimed meanwhile: the later look counts. */
static void
add(struct chosen *l, const struct found *found)
{
	for (size_t i = 0; found->state == FIND_RUNNING && i < l->n; i++)
		if (strcmp(l->v[i].token.id, found->token.id) == 0) {
			l->v[i] = *found;
			return;
		}
	l->v = mem_grow(l->v, l->n + 1, sizeof *l->v);
	l->v[l->n++] = *found;
}

static void
look_at(struct search *s, struct found *found)
{
	int is_meant = judge_name(s, &found->token);

	(void)snprintf(found->queue, sizeof found->queue, "%s", s->q->name);
	if (is_meant < 0)
		is_meant = judge_request(s, found);
	if (is_meant)
		add(s->out, found);
}

static int
look_at_waiting(void *context, const struct scan_entry *e)
{
	struct found found = { .state = FIND_WAITING, .token = e->token,
	    .due_s = e->due_s };

	(void)snprintf(found.path, sizeof found.path, "new/%s/%s", e->bucket,
	    e->name);
	if (e->is_token)
		look_at(context, &found);
	return 0;
}

static int
look_through(struct search *s, const struct queue *q, struct fail *f)
{
	struct strs claimed = { 0 };
	int rc = 0;

	s->q = q;
	if (s->x->waiting)
		rc = scan_waiting(q, look_at_waiting, s, f);
	if (rc == 0 && s->x->running)
		rc = scan_claimed(q, &claimed, f);
	for (size_t i = 0; i < claimed.n; i++) {
		struct found found = { .state = FIND_RUNNING };

		(void)snprintf(found.path, sizeof found.path, "cur/%s",
		    claimed.v[i]);
		if (token_parse(&found.token, claimed.v[i]) == 0)
			look_at(s, &found);
	}
	s->q = NULL;
	strs_free(&claimed);
	return rc;
}

static int
look_everywhere(struct search *s, struct fail *f)
{
	struct strs queues = { 0 };
	int rc = 0;

	if (s->x->queue)
		strs_add(&queues, s->x->queue);
	else
		rc = spool_queues(s->s, &queues, f);
	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct queue q;

		rc = queue_open(&q, s->s, queues.v[i], f);
		if (rc == 0)
			rc = look_through(s, &q, f);
		queue_close(&q);
	}
	strs_free(&queues);
	return rc;
}

int
choose(const struct conf *c, const struct spool *s, const struct choice *x,
	struct chosen *out, struct fail *f)
{
	struct search search = { .c = c, .s = s, .x = x, .out = out };
	char reason[256];
	int rc;

	*out = (struct chosen){ 0 };
	rc = x->pattern ? regcomp(&search.regex, x->pattern,
	    REG_EXTENDED | REG_NOSUB) : 0;
	if (rc != 0) {
		(void)regerror(rc, &search.regex, reason, sizeof reason);
		return fail_set(f, EX_USAGE, "\"%s\" is no regular "
		    "expression: %s", x->pattern, reason);
	}
	rc = look_everywhere(&search, f);
	if (x->pattern)
		regfree(&search.regex);
	return rc;
}

void
choose_free(struct chosen *l)
{
	free(l->v);
	*l = (struct chosen){ 0 };
}
