/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lost race and a lost reply look the same: ENOENT.  The target of each
 * rename is unique to the worker and the attempt, so whatever the reply said,
 * the token is either here under that name or with somebody else; the name is
 * not looked up after an error (ceph-fuse can hang for good on it).  What a
 * lost reply leaves in cur/ is adopted when the worker lists cur/ next.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "claim.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "spool.h"

enum {
	EMPTY_BUCKETS_MOST = 1000,	/* passed over in one look */
	BUCKET_YOUNG_S = 120,
	LOST_ROUNDS_MOST = 2,
};

void
claim_init(struct claimer *c, const struct queue *q, const char *worker)
{
	*c = (struct claimer){ .queue = q, .worker = worker };
}

void
claim_free(struct claimer *c)
{
	strs_free(&c->window);
}

struct look {
	struct claimer *c;
	int64_t now_s;
	char first[BUCKET_NAME_MAX];
};

/*
 * It may be a bucket, which is never to be claimed as if it were a dropped
 * file, with all that is in it: the next look tells.
 */
static bool
is_untold(unsigned char type)
{
	return type == DT_UNKNOWN;
}

/* One name of new/: a dropped file, or a bucket that may be the first. */
static int
look_at(void *context, const char *name, unsigned char type)
{
	struct look *l = context;
	int64_t due_s;

	if (is_untold(type))
		return 0;
	if (type != DT_DIR) {
		if (!l->c->skip_dropped && l->c->window.n < CLAIM_WINDOW &&
		    !name_is_dropping(name))
			strs_add(&l->c->window, name);
		return 0;
	}
	if (bucket_parse(name, &due_s) != 0 || strcmp(name, l->c->after) <= 0)
		return 0;
	if (due_s > l->now_s) {
		if (!l->c->next_due_s || due_s < l->c->next_due_s)
			l->c->next_due_s = due_s;
	} else if (!l->first[0] || strcmp(name, l->first) < 0) {
		(void)snprintf(l->first, sizeof l->first, "%s", name);
	}
	return 0;
}

static int
keep_in_window(void *context, const char *name, unsigned char type)
{
	struct claimer *c = context;

	if (is_untold(type))
		return 0;
	if (type != DT_DIR && !name_is_dropping(name))
		strs_add(&c->window, name);
	return c->window.n >= CLAIM_WINDOW;
}

/* It shows nothing, and is not empty: the listing may be an old one. */
static void
look_closer(const struct queue *q, const char *bucket)
{
	int fd = fs_open_dir(q->fresh, bucket);

	if (fd < 0)
		return;
	fs_freshen(fd);
	(void)close(fd);
}

/*
 * A bucket without a request is passed over.  It is removed unless there is
 * something else in it, or it is so young that somebody may be about to rename
 * into what he has just made.
 */
static void
pass_over(struct claimer *c, const struct look *l, struct fail *failed)
{
	const struct queue *q = c->queue;
	int64_t due_s = 0;

	(void)bucket_parse(l->first, &due_s);
	if (l->now_s - due_s > BUCKET_YOUNG_S &&
	    fs_rmdir(q->fresh, l->first) != 0) {
		if (errno == ENOTEMPTY || errno == EEXIST)
			look_closer(q, l->first);
		else if (errno != ENOENT)
			(void)fail_errno(failed, "%s/new/%s", q->name,
			    l->first);
	}
	memcpy(c->after, l->first, sizeof c->after);
}

/*
 * Fills the window; it stays empty when nothing is due.  Fails only where new/
 * itself does: a bucket that nobody can read hides none of the others.
 */
static int
look(struct claimer *c, struct fail *failed)
{
	const struct queue *q = c->queue;
	struct look l = { .c = c, .now_s = clock_now_s() };

	strs_free(&c->window);
	for (int turns = 0; turns < EMPTY_BUCKETS_MOST; turns++) {
		struct fail f;

		c->next_due_s = 0;
		c->bucket[0] = l.first[0] = '\0';
		if (fs_each(q->fresh, ".", look_at, &l, failed) != 0)
			return fail_prefix(failed, "%s/new", q->name);
		if (c->window.n || !l.first[0])
			return 0;
		(void)snprintf(c->bucket, sizeof c->bucket, "%s", l.first);
		if (fs_each(q->fresh, c->bucket, keep_in_window, c, &f) != 0 &&
		    f.err != ENOENT) {
			*failed = f;
			(void)fail_prefix(failed, "%s/new", q->name);
		}
		if (c->window.n)
			return 0;
		pass_over(c, &l, failed);
	}
	return 0;
}

/* Takes a random name out of the window. */
static char *
draw(struct claimer *c)
{
	unsigned r = 0;
	size_t i;
	char *name;

	if (getrandom(&r, sizeof r, 0) != (ssize_t)sizeof r)
		r = 0;	/* meeting others more often is all that comes of it */
	i = r % c->window.n;
	name = c->window.v[i];
	c->window.v[i] = c->window.v[--c->window.n];
	c->window.v[c->window.n] = NULL;
	return name;
}

static void
name_claim(const struct claimer *c, struct claim *claim)
{
	(void)snprintf(claim->token.worker, sizeof claim->token.worker, "%s",
	    c->worker);
	token_format(claim->name, &claim->token);
}

static int
take(struct claimer *c, const char *name, struct claim *won)
{
	char from[BUCKET_NAME_MAX + NAME_MAX + 2];
	struct token *t = &won->token;
	bool is_token = c->bucket[0] && token_parse(t, name) == 0;

	if (is_token)
		name_claim(c, won);
	/* Anybody can write to new/: a name that is in use is a forgery. */
	if (!is_token || t->epoch == TOKEN_EPOCH_DROPPED ||
	    (c->is_held && c->is_held(c->holder, won->name))) {
		token_new(t, name, TOKEN_PRIORITY_DEFAULT);
		t->epoch = TOKEN_EPOCH_DROPPED;
		name_claim(c, won);
	}
	(void)snprintf(from, sizeof from, "%s%s%s", c->bucket,
	    c->bucket[0] ? "/" : "", name);
	return fs_rename(c->queue->fresh, from, c->queue->cur, won->name);
}

/* One name that cannot be renamed does not keep the others back. */
static void
note_refusal(struct claimer *c, const char *name, struct fail *failed)
{
	(void)fail_errno(failed, "%s/new/%s%s%s", c->queue->name, c->bucket,
	    c->bucket[0] ? "/" : "", name);
	if (c->bucket[0])
		memcpy(c->after, c->bucket, sizeof c->after);
	else
		c->skip_dropped = true;
}

enum claim_outcome
claim_next(struct claimer *c, struct claim *won, struct fail *f)
{
	struct fail failed = { 0 };
	int losses = 0, lost_rounds = 0;

	c->after[0] = '\0';
	c->skip_dropped = c->no_dropped;
	if (c->no_dropped && !c->bucket[0])
		strs_free(&c->window);
	while (lost_rounds < LOST_ROUNDS_MOST) {
		char *name;
		int rc;

		if (!c->window.n && look(c, &failed) != 0)
			break;
		if (!c->window.n)
			break;
		name = draw(c);
		rc = take(c, name, won);
		if (rc != 0 && errno != ENOENT && errno != ESTALE) {
			note_refusal(c, name, &failed);
		} else if (rc != 0 && ++losses == CLAIM_LOSSES_MOST) {
			losses = 0;
			lost_rounds++;
			strs_free(&c->window);
		}
		free(name);
		if (rc == 0)
			return CLAIM_WON;
	}
	if (failed.status == 0)
		return CLAIM_NONE;
	*f = failed;
	return CLAIM_FAILED;
}
