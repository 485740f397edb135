/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "lease.h"
#include "metrics.h"
#include "notice.h"
#include "role.h"
#include "spool.h"

/* A run's id is the time at which it was published. */
static int
tally(void *context, const char *name, unsigned char type)
{
	struct metrics_index *x = context;
	struct notice n;
	int64_t s;

	(void)type;
	if (notice_parse(&n, name) != 0)
		return 0;
	x->notices++;
	n.run_id[sizeof "YYYYmmdd_HHMMSS" - 1] = '\0';
	if (n.kind == NOTICE_NEW && clock_parse(n.run_id, &s) == 0 &&
	    (!x->oldest_s || s < x->oldest_s))
		x->oldest_s = s;
	return x->notices >= METRICS_NOTICES_MOST;
}

static void
read_beat(const struct spool *s, struct metrics_index *x)
{
	const struct spool beats = { .path = s->results_path,
	    .workers = fs_open_dir(s->results, ".index/beats") };
	struct worker_state w;
	struct fail passed;

	if (beats.workers < 0)
		return;
	if (lease_read(&beats, x->holder, &w, &passed) == 0) {
		x->beat_s = w.beat_s;
		worker_state_free(&w);
	}
	(void)close(beats.workers);
}

int
metrics_read_index(const struct spool *s, struct metrics_index *x,
	struct fail *f)
{
	struct role_token t;
	int rc;

	*x = (struct metrics_index){ 0 };
	if (notice_each(s, tally, x, f) != 0)
		return -1;
	rc = role_look(s, &t, f);
	if (rc < 0)
		return -1;
	if (rc == 1 && t.name[0]) {
		(void)snprintf(x->holder, sizeof x->holder, "%s", t.name);
		read_beat(s, x);
	}
	return 0;
}
