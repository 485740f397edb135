/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "notify.h"
#include "replace.h"
#include "work.h"
#include "work_open.h"
#include "work_tell.h"

void
work_set_slots(struct worker *w)
{
	unsigned most = w->conf->slots;

	/* One at least, or it might do nothing for as long as a test takes. */
	if (w->others_run)
		most = most > w->others_run ? most - w->others_run : 1;
	if (most != w->duty.state.slots)
		w->duty.beat_at_ms = 0;		/* for all to see */
	w->duty.state.slots = most;
	if (most > w->slots.most)
		w->look = true;
	slots_limit(&w->slots, most);
}

/* Until its name is let go, by it and by all of its tests. */
static void
share(struct worker *w)
{
	const char *before = w->options->before;
	struct worker_state other;
	struct fail f;

	if (!before || w->has_replaced)
		return;
	if (lease_is_held(w->shop.spool, before, &f) == 0) {
		w->has_replaced = true;
		w->others_run = 0;
		log_say(w->log, LOG_LEVEL_INFO, "worker %s has ended; all %u "
		    "slots are this one's", before, w->conf->slots);
	} else if (lease_read(w->shop.spool, before, &other, &f) == 0) {
		w->others_run = (unsigned)other.running.n;
		worker_state_free(&other);
	}
	work_set_slots(w);
}

static void
stop_before(struct worker *w)
{
	const char *before = w->options->before;
	struct fail f;
	int rc;

	if (!before)
		return;
	rc = replace_stop(w->shop.spool, before, &f);
	if (rc < 0)
		work_say_once(w, f.text);
	if (rc > 0)
		log_say(w->log, LOG_LEVEL_INFO, "worker %s was told to stop",
		    before);
}

void
work_tell_stopping(struct worker *w)
{
	notify_stopping(w->options->notify);
}

static void
tell_manager(const struct worker *w)
{
	const struct worker_state *s = &w->duty.state;
	struct buf b = { 0 };

	buf_addf(&b, "%s %zu/%lld", s->state, s->running.n,
	    (long long)s->slots);
	if (s->problem)
		buf_addf(&b, "; %s", s->problem);
	if (s->warning)
		buf_addf(&b, "; %s", s->warning);
	notify_status(w->options->notify, b.s);
	if (w->stopping)
		notify_extend(w->options->notify, w->conf->lease_s * 1000);
	buf_free(&b);
}

void
work_tell_ready(struct worker *w)
{
	share(w);
	tell_manager(w);
	notify_ready(w->options->notify);
	stop_before(w);
}

/* The name that fails is another one each time: it is the file that is told. */
static void
write_metrics(struct worker *w)
{
	const char *file = w->conf->metrics_file;
	struct buf b = { 0 };
	struct fail f;

	if (!file)
		return;
	metrics_worker(&w->duty.state, &b);
	if (fs_replace(AT_FDCWD, file, b.s, b.len, &f) != 0) {
		(void)fail_set(&f, EX_IOERR, "metrics-file: %s: %s", file,
		    strerror(f.err));
		work_say_once(w, f.text);
	}
	buf_free(&b);
}

void
work_tell(struct worker *w)
{
	share(w);
	tell_manager(w);
	write_metrics(w);
}
