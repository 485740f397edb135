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
	*c = (struct claimer){ .queue = q, .worker = worker, .dir = -1,
	    .looked_ms = -CLAIM_FRESH_MS };
}

static void
close_bucket(struct claimer *c)
{
	strs_free(&c->window);
	if (c->dir >= 0)
		(void)close(c->dir);
	c->dir = -1;
	c->bucket[0] = '\0';
}

void
claim_free(struct claimer *c)
{
	close_bucket(c);
}

struct look {
	struct claimer *c;
	int64_t now_s;
	struct strs due;	/* buckets, of which none was passed over */
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

/* One name of new/: a dropped file, or a bucket that is due, or will be. */
static int
look_at(void *context, const char *name, unsigned char type)
{
	struct look *l = context;
	int64_t due_s;

	if (is_untold(type))
		return 0;
	if (type != DT_DIR) {
		if (!l->c->skip_dropped &&
		    l->c->window.n < l->c->window_most &&
		    !name_is_dropping(name))
			strs_add(&l->c->window, name);
		return 0;
	}
	if (bucket_parse(name, &due_s) != 0 || strcmp(name, l->c->after) <= 0)
		return 0;
	if (due_s > l->now_s) {
		if (!l->c->next_due_s || due_s < l->c->next_due_s)
			l->c->next_due_s = due_s;
	} else {
		strs_add(&l->due, name);
	}
	return 0;
}

static int
keep_in_window(void *context, const char *name, unsigned char type)
{
	struct claimer *c = context;

	if (is_untold(type) ||
	    (c->is_for_others && c->is_for_others(c->others, name)))
		return 0;
	if (type != DT_DIR && !name_is_dropping(name))
		strs_add(&c->window, name);
	return c->window.n >= c->window_most;
}

/*
 * A bucket without a request is passed over.  It is removed unless there is
 * something else in it, or it is so young that somebody may be about to rename
 * into what he has just made.
 */
static void
pass_over(struct claimer *c, const char *bucket, int64_t now_s,
	struct fail *failed)
{
	const struct queue *q = c->queue;
	int64_t due_s = 0;

	(void)bucket_parse(bucket, &due_s);
	if (now_s - due_s > BUCKET_YOUNG_S && fs_rmdir(q->fresh, bucket) != 0) {
		if (errno == ENOTEMPTY || errno == EEXIST)
			fs_freshen(c->dir);	/* the listing may be old */
		else if (errno != ENOENT)
			(void)fail_errno(failed, "%s/new/%s", q->name, bucket);
	}
	(void)snprintf(c->after, sizeof c->after, "%s", bucket);
	close_bucket(c);
}

/*
 * Opens a bucket and fills the window from it.  It is held open for the claims:
 * what somebody puts in its place, a link perhaps, leads nowhere.
 */
static void
open_bucket(struct claimer *c, const char *bucket, struct fail *failed)
{
	struct fail f = { 0 };

	c->dir = fs_open_dir(c->queue->fresh, bucket);
	if (c->dir < 0)
		(void)fail_errno(&f, "%s", bucket);
	else
		(void)fs_each(c->dir, ".", keep_in_window, c, &f);
	(void)snprintf(c->bucket, sizeof c->bucket, "%s", bucket);
	if (f.status && f.err != ENOENT) {
		*failed = f;
		(void)fail_prefix(failed, "%s/new", c->queue->name);
	}
}

static bool
is_old(const struct claimer *c)
{
	return clock_boot_ms() - c->looked_ms >= CLAIM_FRESH_MS;
}

/* How much is remembered: more for who was here a moment ago. */
static void
begin_window(struct claimer *c)
{
	c->window_most = is_old(c) ? CLAIM_WINDOW_LEAST : 2 * c->window_most;
	if (c->window_most > CLAIM_WINDOW_MOST)
		c->window_most = CLAIM_WINDOW_MOST;
	c->looked_ms = clock_boot_ms();
	c->has_won = false;
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
	size_t i, most;

	close_bucket(c);
	begin_window(c);
	c->next_due_s = 0;
	if (fs_each(q->fresh, ".", look_at, &l, failed) != 0) {
		strs_free(&l.due);
		return fail_prefix(failed, "%s/new", q->name);
	}
	strs_sort(&l.due);
	most = l.due.n < EMPTY_BUCKETS_MOST ? l.due.n : EMPTY_BUCKETS_MOST;
	for (i = 0; !c->window.n && i < most; i++) {
		open_bucket(c, l.due.v[i], failed);
		if (!c->window.n)
			pass_over(c, l.due.v[i], l.now_s, failed);
	}
	c->cut_off = !c->window.n && i < l.due.n;
	strs_free(&l.due);
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
	return fs_rename(c->dir >= 0 ? c->dir : c->queue->fresh, name,
	    c->queue->cur, won->name);
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

	/* Where the last look did not come to the end, this one goes on. */
	if (!c->cut_off)
		c->after[0] = '\0';
	c->cut_off = false;
	c->skip_dropped = c->no_dropped;
	if ((c->no_dropped && !c->bucket[0]) || is_old(c))
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
		c->lost += rc != 0 && (errno == ENOENT || errno == ESTALE);
		if (rc != 0 && errno != ENOENT && errno != ESTALE) {
			note_refusal(c, name, &failed);
		} else if (rc != 0 && c->has_won) {
			strs_free(&c->window);
		} else if (rc != 0 && ++losses == CLAIM_LOSSES_MOST) {
			losses = 0;
			lost_rounds++;
			strs_free(&c->window);
		}
		free(name);
		c->has_won |= rc == 0;
		if (rc == 0)
			return CLAIM_WON;
	}
	if (failed.status == 0)
		return CLAIM_NONE;
	*f = failed;
	return CLAIM_FAILED;
}
