/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "spool.h"
#include "stage.h"
#include "sweep.h"

void
sweep_free(struct sweeper *w)
{
	strs_free(&w->seen);
	free(w->since_ms);
	*w = (struct sweeper){ 0 };
}

/* Since when it was seen by the last sweep, or from now on. */
static int64_t
seen_since_ms(const struct sweeper *before, const char *path)
{
	for (size_t i = 0; i < before->seen.n; i++)
		if (strcmp(before->seen.v[i], path) == 0)
			return before->since_ms[i];
	return clock_boot_ms();
}

static void
see(struct sweeper *now, const struct sweeper *before, const struct queue *q,
	const char *name)
{
	char *path = mem_printf("%s/%s", q->name, name);
	int64_t since_ms = seen_since_ms(before, path);

	if (clock_boot_ms() - since_ms > SWEEP_AGE_S * INT64_C(1000)) {
		/* An import's directory, only when nothing is in it. */
		if (fs_unlink(q->tmp, name) != 0 && errno == EISDIR)
			(void)fs_rmdir(q->tmp, name);
		free(path);
		return;
	}
	now->since_ms[now->seen.n] = since_ms;
	strs_take(&now->seen, path);
}

static int
sweep_tmp(struct sweeper *now, const struct sweeper *before,
	const struct queue *q, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(q->tmp, ".", SWEEP_SEEN_MOST, &names, f);

	for (size_t i = 0; i < names.n && now->seen.n < SWEEP_SEEN_MOST; i++)
		if (strcmp(names.v[i], "README") != 0)
			see(now, before, q, names.v[i]);
	strs_free(&names);
	return rc;
}

int
sweep(struct sweeper *w, const struct spool *s, const struct log *log,
	struct fail *f)
{
	struct sweeper now = { .since_ms = mem_alloc(SWEEP_SEEN_MOST *
	    sizeof *now.since_ms) };
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct fail why;
		struct queue q;

		if (queue_open(&q, s, queues.v[i], &why) != 0 ||
		    sweep_tmp(&now, w, &q, &why) != 0)
			log_say(log, LOG_LEVEL_ERROR, "%s", why.text);
		queue_close(&q);
	}
	strs_free(&queues);
	sweep_free(w);
	*w = now;
	return rc != 0 ? rc : stage_sweep(s, NULL, log, f);
}
