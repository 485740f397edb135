/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "elsewhere.h"
#include "fail.h"
#include "lease.h"
#include "mem.h"
#include "spool.h"
#include "strs.h"
#include "tries.h"

enum { HOST_MAX = 256, DOUBLED_MOST = 10 };

void
elsewhere_free(struct elsewhere *e)
{
	free(e->v);
	*e = (struct elsewhere){ 0 };
}

static struct elsewhere_one *
find(const struct elsewhere *e, const char *id)
{
	for (unsigned i = 0; i < e->n; i++)
		if (memcmp(e->v[i].id, id, TOKEN_ID_MAX - 1) == 0)
			return &e->v[i];
	return NULL;
}

/* Room for it: the oldest is forgotten where there is none. */
static struct elsewhere_one *
add(struct elsewhere *e, const char *id)
{
	struct elsewhere_one *one;

	if (!e->v)
		e->v = mem_alloc(ELSEWHERE_MOST * sizeof *e->v);
	one = &e->v[e->next++ % ELSEWHERE_MOST];
	if (e->n < ELSEWHERE_MOST)
		e->n++;
	*one = (struct elsewhere_one){ 0 };
	memcpy(one->id, id, sizeof one->id);
	return one;
}

static struct elsewhere_one *
enter(struct elsewhere *e, const char *id, unsigned attempt, int64_t for_s)
{
	struct elsewhere_one *one = find(e, id);

	if (!one)
		one = add(e, id);
	one->attempt = attempt;
	one->until_ms = clock_boot_ms() + for_s * 1000;
	return one;
}

void
elsewhere_note(struct elsewhere *e, const char *id, unsigned attempt,
	int64_t for_s)
{
	if (for_s > 0)
		(void)enter(e, id, attempt, for_s);
}

void
elsewhere_note_bad(struct elsewhere *e, const char *id, unsigned attempt,
	int64_t for_s)
{
	enter(e, id, attempt, for_s)->until_well = true;
}

bool
elsewhere_forget_bad(struct elsewhere *e)
{
	bool any = false;

	for (unsigned i = 0; i < e->n; i++) {
		any |= e->v[i].until_well;
		e->v[i].until_well = false;
	}
	return any;
}

bool
elsewhere_has(const void *holder, const char *name)
{
	const struct elsewhere *e = holder;
	const struct elsewhere_one *one;
	const char *comma;
	struct token t;

	if (!e->n)
		return false;
	comma = strchr(name, ',');
	if (!comma || strlen(comma + 1) < TOKEN_ID_MAX - 1)
		return false;
	one = find(e, comma + 1);
	if (!one || one->until_well)
		return one != NULL;
	return clock_boot_ms() < one->until_ms &&
	    token_parse(&t, name) == 0 && t.attempt == one->attempt;
}

int64_t
elsewhere_backoff_s(const struct conf *c, unsigned used)
{
	return c->backoff_s << (used > DOUBLED_MOST ? DOUBLED_MOST : used - 1);
}

static void
own_host(char host[HOST_MAX])
{
	if (gethostname(host, HOST_MAX) != 0)
		host[0] = '\0';
	host[HOST_MAX - 1] = '\0';
}

static bool
could_claim(const struct worker_state *w, const struct queue *q,
	const char *host)
{
	int64_t age_s = clock_now_s() - w->beat_s;

	return w->host && strcmp(w->host, host) != 0 && !w->problem &&
	    w->state && strcmp(w->state, "running") == 0 &&
	    strs_has(&w->queues, q->name) && age_s <= w->lease_s &&
	    -age_s <= w->lease_s;
}

bool
elsewhere_is_served(const struct conf *c, const struct spool *s,
	const struct queue *q)
{
	struct strs names = { 0 };
	char host[HOST_MAX];
	struct fail passed;
	bool is_served = false;
	size_t at = 0;

	own_host(host);
	if (lease_workers(s, &names, &passed) != 0)
		names.n = 0;
	while (at < names.n && strcmp(names.v[at], c->worker) <= 0)
		at++;
	for (size_t i = 0; !is_served && i < names.n &&
	    i < ELSEWHERE_LOOKS_MOST; i++) {
		struct worker_state w = { 0 };

		if (lease_read(s, names.v[(at + i) % names.n], &w,
		    &passed) == 0)
			is_served = could_claim(&w, q, host);
		worker_state_free(&w);
	}
	strs_free(&names);
	return is_served;
}

/* Whether it is this worker, or its file says that it was on this host. */
static bool
was_here(const struct conf *c, const struct spool *s, const char *worker)
{
	struct worker_state w = { 0 };
	char host[HOST_MAX];
	struct fail passed;
	bool here = strcmp(worker, c->worker) == 0;

	own_host(host);
	if (!here && lease_read(s, worker, &w, &passed) == 0)
		here = w.host && strcmp(w.host, host) == 0;
	worker_state_free(&w);
	return here;
}

int64_t
elsewhere_wait_s(const struct conf *c, const struct spool *s,
	const struct queue *q, const struct token *t)
{
	int64_t most_s, left_s;
	struct tries_last last;

	if (!c->elsewhere_s || !t->attempt ||
	    tries_last(q, t->id, t->attempt, &last) != 0)
		return 0;
	most_s = elsewhere_backoff_s(c, t->attempt) + c->elsewhere_s;
	left_s = last.at_s + most_s - clock_now_s();
	/* More than all: the clock was set back, or it is a stranger's. */
	if (left_s <= 0 || left_s > most_s || !was_here(c, s, last.worker) ||
	    !elsewhere_is_served(c, s, q))
		return 0;
	return left_s;
}
