/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "export_pending.h"
#include "fail.h"
#include "index_inside.h"
#include "mem.h"
#include "notify.h"
#include "watch.h"

enum {
	TRY_AGAIN_MS = 2000,		/* after a failure */
	TICK_LEAST_MS = 10,
	AGE_OUT_EVERY_MS = 3600 * 1000,
	MANIFEST_DAYS = 400,
	DAY_S = 86400,
};

static int
block_signals(struct indexer *x, struct fail *f)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	x->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return x->signals < 0 ? fail_errno(f, "signalfd") : 0;
}

static void
watch_path(struct indexer *x, const char *at, const char *below)
{
	char *path = mem_printf("%s/%s", at, below);
	struct fail f;

	if (watch_add(path, WATCH_ARRIVALS, &f) != 0)
		index_say_once(x, f.text);
	free(path);
}

static void
open_watch(struct indexer *x)
{
	struct strs queues = { 0 };
	struct fail f;

	x->watch = watch_open(&f);
	if (x->watch < 0) {
		log_say(x->log, LOG_LEVEL_ERROR, "no inotify (%s); what is new "
		    "is seen by polling alone", f.text);
		return;
	}
	watch_path(x, x->spool->results_path, ".index/notices");
	if (spool_queues(x->spool, &queues, &f) != 0)
		index_say_once(x, f.text);
	for (size_t i = 0; i < queues.n; i++) {
		char *queue = mem_printf("%s/%s", x->spool->path, queues.v[i]);

		watch_path(x, queue, "new");
		watch_path(x, queue, "cur");
		free(queue);
	}
	strs_free(&queues);
}

/* What it takes from having the role to being able to use it. */
static int
get_ready(struct indexer *x, struct fail *f)
{
	bool rebuild = x->options->rebuild && !x->rebuilt;

	if (role_clear(&x->role, f) != 0 ||
	    index_open_store(x, rebuild, f) != 0 ||
	    index_export_begin(x, f) != 0)
		return -1;
	x->rebuilt |= rebuild;
	x->ready = true;
	return 0;
}

/* Takes in batches until there is none, or an output may be written again. */
static int
take_all(struct indexer *x, struct fail *f)
{
	int rc;

	do
		rc = index_take(x, f);
	while (rc == 0 && x->more && index_go_on(x) && (!x->options->follow ||
	    clock_boot_ms() < index_export_at_ms(x)));
	return rc;
}

static int
age_out(struct indexer *x, struct fail *f)
{
	if (clock_boot_ms() < x->age_out_at_ms)
		return 0;
	x->age_out_at_ms = clock_boot_ms() + AGE_OUT_EVERY_MS;
	return manifest_age_out(x->spool, clock_now_s() -
	    (int64_t)MANIFEST_DAYS * DAY_S, f);
}

static int
do_work(struct indexer *x, struct fail *f)
{
	/* The queues first: what is published then has left a notice. */
	if ((!x->ready && get_ready(x, f) != 0) ||
	    index_look_at_queues(x, f) != 0 || take_all(x, f) != 0 ||
	    index_export(x, x->options->follow, f) != 0 ||
	    index_remove(x, f) != 0)
		return -1;
	return age_out(x, f);
}

/* What failed is tried again; what was lost is given up. */
static int
work(struct indexer *x, struct fail *f)
{
	int rc;

	if (!x->holds)
		return 0;
	rc = do_work(x, f);
	if (rc != 0 && f->status == EX_UNAVAILABLE)
		x->lost = true;
	if (rc != 0)
		index_close_store(x, f->status == EX_DATAERR ? f : NULL);
	if (x->lost)
		index_role_lose(x);
	return rc;
}

static void
take_news(struct indexer *x)
{
	if (watch_drain() != WATCH_LOST)
		return;
	watch_close();
	open_watch(x);
}

/* Where something else was mounted, the role went with the old mount. */
static void
look_around(struct indexer *x)
{
	struct fail f;
	int rc = spool_refresh(x->spool, REFRESH_FOLDERS, &f);

	x->poll_at_ms = clock_boot_ms() + x->conf->poll_s * 1000;
	if (rc < 0)
		index_say_once(x, f.text);
	if (rc == 1) {
		log_say(x->log, LOG_LEVEL_INFO, "%s: was mounted anew; going "
		    "on there", x->spool->results_path);
		x->lost = x->holds;
		index_role_move(x);
		watch_close();
		open_watch(x);
	}
	if (x->holds && !x->lost)
		index_role_check(x);
}

static int64_t
due_ms(const struct indexer *x)
{
	int64_t at_ms = x->poll_at_ms;
	const int64_t others[] = { x->holds ? x->beat_at_ms : x->observe_at_ms,
	    x->ready ? index_export_at_ms(x) : INT64_MAX,
	    x->ready ? index_stuck_at_ms(x) : INT64_MAX };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i] < at_ms)
			at_ms = others[i];
	return at_ms;
}

static void
wait_for_news(struct indexer *x, bool failed)
{
	struct pollfd p[] = { { .fd = x->signals, .events = POLLIN },
	    { .fd = failed ? -1 : x->watch, .events = POLLIN } };
	int64_t ms = failed ? TRY_AGAIN_MS : due_ms(x) - clock_boot_ms();

	if (x->more && !failed)
		ms = 0;
	else if (ms < TICK_LEAST_MS)
		ms = TICK_LEAST_MS;
	(void)poll(p, 2, (int)ms);
	if (p[1].revents)
		take_news(x);
	(void)index_go_on(x);
	if (clock_boot_ms() >= x->poll_at_ms)
		look_around(x);
}

/* One turn: -1 where something failed. */
static int
turn(struct indexer *x, bool *is_alive, struct fail *f)
{
	if (x->lost)
		index_role_lose(x);
	if (!x->holds && index_role_seek(x, is_alive, f) < 0)
		return -1;
	return work(x, f);
}

static int
follow(struct indexer *x, struct fail *f)
{
	bool is_alive = false, is_ready = false;

	open_watch(x);
	notify_patience(x->options->notify, x->conf->lease_s * 1000);
	while (index_go_on(x) || x->lost) {
		int rc;

		*f = (struct fail){ 0 };
		rc = turn(x, &is_alive, f);
		if (rc != 0 && !x->stopping)
			index_say_once(x, f->text);
		/* It has the role, or stands by: others see to the work. */
		if (rc == 0 && !is_ready)
			notify_ready(x->options->notify);
		is_ready |= rc == 0;
		index_tell(x, rc ? f->text : NULL);
		wait_for_news(x, rc != 0);
		if (x->reload)
			index_reload(x);
	}
	notify_stopping(x->options->notify);
	watch_close();
	return x->taken ? fail_set(f, EX_TEMPFAIL, "%s/.index/beats/%s: "
	    "another indexer of this name has started; give each its own",
	    x->spool->results_path, x->conf->worker) : 0;
}

/* Waits for the end of a holder that is silent, but not for one that beats. */
static int
once(struct indexer *x, struct fail *f)
{
	bool is_alive = false;

	while (!x->holds) {
		if (index_role_seek(x, &is_alive, f) < 0)
			return -1;
		if (is_alive)
			return fail_set(f, EX_TEMPFAIL, "%s/.index/role: "
			    "another indexer has the role, and lives",
			    x->spool->results_path);
		if (!x->holds)
			wait_for_news(x, false);
	}
	do {
		if (work(x, f) != 0)
			return -1;
	} while (x->more);
	return 0;
}

static int
run(struct indexer *x, struct fail *f)
{
	if (index_role_open(x, f) != 0)
		return -1;
	if (!x->options->follow)
		return once(x, f);
	return block_signals(x, f) == 0 ? follow(x, f) : -1;
}

int
index_run(struct conf *c, const struct spool *s, const struct log *log,
	const struct index_options *o, struct fail *f)
{
	struct indexer x = { .conf = c, .live = c, .spool = s, .log = log,
	    .options = o, .signals = -1, .watch = -1, .lease.fd = -1,
	    .role.out = -1, .beats.workers = -1,
	    .store_dir = index_store_dir(c),
	    .pending = export_pending_new() };
	int rc = run(&x, f);

	log_say(log, LOG_LEVEL_INFO, "indexer %s: %zu notices taken",
	    c->worker, x.taken_in);
	index_close_store(&x, NULL);
	index_role_close(&x);
	index_stuck_free(&x);
	export_pending_free(x.pending);
	strs_free(&x.suites);
	strs_free(&x.leaving);
	free(x.store_dir);
	if (x.signals >= 0)
		(void)close(x.signals);
	return rc;
}
