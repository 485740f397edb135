/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's word that a worker has ended, in place of what other workers
 * find out by waiting for its lease; the taking over is the same.  A beat that
 * comes while fsck looks proves it wrong.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "fsck_look.h"
#include "fsck_repair.h"
#include "lease.h"
#include "log.h"
#include "mem.h"
#include "recover.h"
#include "scan.h"

enum { BEAT_MOST_S = 300 };

#define SAYS "adtspool: "	/* before each line of a plain log */
#define SELF "fsck-"		/* and an id: a taker's name is its own */

void
fsck_check_claim(const struct fsck_folder *d, const char *name,
	const char *worker)
{
	char *object;

	if (!strs_has(d->x->options->dead, worker))
		return;
	object = fsck_object(d, name);
	fsck_raise(d->x, FSCK_CLAIM_DEAD, object, "is claimed by %s, which is "
	    "said to be dead", worker);
	free(object);
}

/* Its last beat, as a line; "" where there is none.  free() it. */
static char *
beat_of(const struct fsck *x, const char *worker, int64_t *heartbeat_s)
{
	struct worker_state w;
	struct fail passed;
	char *line = NULL;

	if (lease_read(x->spool, worker, &w, &passed) == 0) {
		line = mem_printf("%s %" PRId64, w.life ? w.life : "", w.beat);
		*heartbeat_s = w.state && strcmp(w.state, "stopped") == 0 ?
		    0 : w.heartbeat_s;
	}
	worker_state_free(&w);
	return line ? line : mem_dup("");
}

int64_t
fsck_note_beats(struct fsck *x)
{
	const struct strs *dead = x->options->dead;
	int64_t most_s = 0;

	for (size_t i = 0; i < dead->n; i++) {
		int64_t heartbeat_s = 0;

		strs_take(&x->beats, beat_of(x, dead->v[i], &heartbeat_s));
		if (heartbeat_s > most_s)
			most_s = heartbeat_s;
	}
	return (most_s > BEAT_MOST_S ? BEAT_MOST_S : most_s) * 1000;
}

int
fsck_check_beats(const struct fsck *x, struct fail *f)
{
	const struct strs *dead = x->options->dead;

	for (size_t i = 0; i < dead->n; i++) {
		int64_t passed;
		char *now = beat_of(x, dead->v[i], &passed);
		bool same = strcmp(now, x->beats.v[i]) == 0;

		free(now);
		if (!same)
			return fail_set(f, EX_USAGE, "%s: is not dead: its "
			    "heartbeat has just changed; stop it first",
			    dead->v[i]);
	}
	return 0;
}

/*
 * As a worker that has no heartbeat: if this one is cut off as well, the others
 * take over from it after a lease.  f tells what could not be renamed.
 */
static void
take_over(struct fsck *x, const char *worker, struct fail *f)
{
	char id[TOKEN_ID_MAX];
	struct conf c = *x->conf;
	struct strs left = { 0 };
	char *text = NULL;
	size_t n = 0;
	struct log log = { .out = open_memstream(&text, &n),
	    .most = LOG_LEVEL_ERROR, .plain = true };
	struct recovery r = { .conf = &c, .spool = x->spool,
	    .log = log.out ? &log : NULL, .worker = worker, .left = &left };

	token_draw_id(id);
	c.worker = mem_printf(SELF "%s", id);
	if (recover_worker(&r, f) == 0)
		(void)fail_set(f, EX_TEMPFAIL, "cannot be renamed");
	if (log.out && fclose(log.out) == 0 && n > sizeof SAYS)
		(void)fail_set(f, EX_TEMPFAIL, "%.*s",
		    (int)strcspn(text, "\n") - (int)sizeof SAYS + 1,
		    text + sizeof SAYS - 1);
	free(text);
	free(c.worker);
	strs_free(&left);
}

/* All that it has claimed is given back with the first of its claims. */
enum fsck_state
fsck_give_back(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	const char *name = strrchr(g->object, '/') + 1;
	char *folder = mem_dupn(g->object, (size_t)(name - g->object) - 1);
	struct token t = { 0 };
	int there;

	(void)token_parse(&t, name);
	(void)fail_set(f, EX_TEMPFAIL, "cannot be renamed");
	if (!strs_has(&x->dead, t.worker)) {
		strs_add(&x->dead, t.worker);
		take_over(x, t.worker, f);
	}
	there = scan_lists(x->spool->fd, folder, name, f);
	free(folder);
	return there == 0 ? FSCK_REPAIRED : FSCK_LEFT;
}
