/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "find.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "spool.h"
#include "stage.h"
#include "sweep.h"
#include "token.h"

void
sweep_free(struct sweeper *w)
{
	strs_free(&w->seen);
	free(w->v);
	*w = (struct sweeper){ 0 };
}

static struct sighting
sighting_of(const struct sweeper *before, const char *path)
{
	for (size_t i = 0; i < before->seen.n; i++)
		if (strcmp(before->seen.v[i], path) == 0)
			return before->v[i];
	return (struct sighting){ .since_ms = clock_boot_ms() };
}

/* Notes that it is there; whether it has been for long enough.  Takes path. */
static bool
is_old(struct sweeper *now, const struct sweeper *before, char *path)
{
	struct sighting x = sighting_of(before, path);

	if (now->seen.n == SWEEP_SEEN_MOST) {
		free(path);
		return false;
	}
	x.looks++;
	now->v[now->seen.n] = x;
	strs_take(&now->seen, path);
	return x.looks >= SWEEP_LOOKS_LEAST &&
	    clock_boot_ms() - x.since_ms > SWEEP_AGE_S * INT64_C(1000);
}

/* An import's directory, only when nothing is in it. */
static void
remove_scratch(const struct queue *q, const char *name)
{
	if (fs_unlink(q->tmp, name) != 0 && errno == EISDIR)
		(void)fs_rmdir(q->tmp, name);
}

static int
sweep_tmp(struct sweeper *now, const struct sweeper *before,
	const struct queue *q, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(q->tmp, ".", SWEEP_SEEN_MOST, &names, f);

	for (size_t i = 0; i < names.n; i++)
		if (strcmp(names.v[i], "README") != 0 && is_old(now, before,
		    mem_printf("%s/tmp/%s", q->name, names.v[i])))
			remove_scratch(q, names.v[i]);
	strs_free(&names);
	return rc;
}

static int
sweep_queues(struct sweeper *now, const struct sweeper *before,
	const struct spool *s, const struct log *log, struct fail *f)
{
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct fail why;
		struct queue q;

		if (queue_open(&q, s, queues.v[i], &why) != 0 ||
		    sweep_tmp(now, before, &q, &why) != 0)
			log_say(log, LOG_LEVEL_ERROR, "%s", why.text);
		queue_close(&q);
	}
	strs_free(&queues);
	return rc;
}

/* Its worker is dead or has forgotten it, and no listing has the request. */
static void
sweep_stage(struct sweeper *now, const struct sweeper *before,
	const struct spool *s, const char *attempt, const struct log *log)
{
	struct found found;
	struct token t;
	struct fail f;

	if (token_parse(&t, attempt) != 0 ||
	    find_request(s, t.id, &found, &f) != 0 ||
	    found.state != FIND_NOWHERE ||
	    !is_old(now, before, mem_printf(".staging/%s", attempt)))
		return;
	if (stage_drop(s, attempt, STAGE_DEAD, &f) == 0)
		log_say(log, LOG_LEVEL_ERROR, "%s/.staging/%s: removed: its "
		    "request was nowhere in the spool for %d h",
		    s->results_path, attempt, SWEEP_AGE_S / 3600);
	else
		log_say(log, LOG_LEVEL_ERROR, "%s", f.text);
}

int
sweep(struct sweeper *w, const struct spool *s,
	const struct strs *unknown, const struct log *log, struct fail *f)
{
	struct sweeper now = { .v = mem_alloc(SWEEP_SEEN_MOST *
	    sizeof *now.v) };
	int rc = sweep_queues(&now, w, s, log, f);

	for (size_t i = 0; unknown && i < unknown->n; i++)
		sweep_stage(&now, w, s, unknown->v[i], log);
	sweep_free(w);
	*w = now;
	return rc != 0 ? rc : stage_sweep(s, NULL, log, f);
}
