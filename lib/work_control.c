/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "control.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "scan.h"
#include "spool.h"
#include "work_control.h"
#include "work_open.h"

enum { TIDY_EVERY_MS = 3600 * 1000, FRESHEN_EVERY_MS = 60 * 1000 };

/* What listings of NFS do not show is seen within a minute all the same. */
static void
freshen(struct worker *w)
{
	int dir;

	if (clock_boot_ms() < w->freshen_at_ms)
		return;
	w->freshen_at_ms = clock_boot_ms() + FRESHEN_EVERY_MS;
	dir = fs_open_dir(w->shop.spool->fd, "control");
	if (dir < 0)
		return;
	fs_freshen(dir);
	(void)close(dir);
}

static void
note_drain(struct worker *w)
{
	const char *host = w->duty.state.host;
	bool worker = control_has(&w->control, CONTROL_DRAIN,
	    w->conf->worker);
	char *text;

	if (!worker && !control_has(&w->control, CONTROL_DRAIN_HOST, host)) {
		w->drained[0] = '\0';
		w->slots.closed = false;
		return;
	}
	if (w->drained[0])
		return;
	text = worker ? control_tell(w->shop.spool, CONTROL_DRAIN,
	    w->conf->worker, "drained") : control_tell(w->shop.spool,
	    CONTROL_DRAIN_HOST, host, "host drained");
	(void)snprintf(w->drained, sizeof w->drained, "%s", text);
	free(text);
	w->slots.closed = true;
	slots_give_back(&w->slots, false);
}

/* An attempt of ours that no job has is over: its name does not come again. */
static void
drop_own_kills(struct worker *w)
{
	for (size_t i = 0; i < w->control.n; i++) {
		enum control_verb verb;
		const char *of = control_parse(w->control.v[i], &verb);
		struct fail f;
		struct token t;

		if (verb == CONTROL_KILL && token_parse(&t, of) == 0 &&
		    strcmp(t.worker, w->conf->worker) == 0 &&
		    !slots_hold(&w->slots, of) &&
		    control_drop(w->shop.spool, verb, of, &f) < 0)
			work_say_once(w, f.text);
	}
}

void
work_obey(struct worker *w)
{
	struct strs names = { 0 };
	struct fail f;

	freshen(w);
	if (control_list(w->shop.spool, &names, &f) != 0) {
		strs_free(&names);
		work_say_once(w, f.text);
		return;
	}
	strs_free(&w->control);
	w->control = names;
	note_drain(w);
	slots_obey(&w->slots);
	drop_own_kills(w);
}

bool
work_is_held(const struct worker *w, const struct queue *q)
{
	return control_has(&w->control, CONTROL_HOLD, q->name);
}

/* What control/ asks of requests, and of that what is seen to be over. */
struct tidy {
	struct strs cancels, kills, over;
	bool ended;		/* whether what is listed now has ended */
};

static void
see(struct tidy *x, const struct token *t)
{
	for (size_t i = 0; i < x->kills.n; i++) {
		enum control_verb verb;
		struct token killed;

		if (token_parse(&killed, control_parse(x->kills.v[i],
		    &verb)) == 0 && strcmp(killed.id, t->id) == 0 &&
		    (x->ended || t->epoch > killed.epoch))
			strs_add(&x->over, x->kills.v[i]);
	}
	if (x->ended && control_has(&x->cancels, CONTROL_CANCEL, t->id))
		strs_addf(&x->over, "cancel,%s", t->id);
}

static int
see_name(void *context, const char *name, unsigned char type)
{
	struct token t;

	(void)type;
	if (token_parse(&t, name) == 0 && t.worker[0])
		see(context, &t);
	return 0;
}

static int
see_waiting(void *context, const struct scan_entry *e)
{
	if (e->is_token)
		see(context, &e->token);
	return 0;
}

static int
look_through(struct tidy *x, const struct queue *q, struct fail *f)
{
	struct strs days = { 0 };
	int rc = scan_days(q, &days, f);

	x->ended = true;
	if (rc == 0)
		rc = fs_each(q->bad, ".", see_name, x, f);
	for (size_t i = 0; rc == 0 && i < days.n; i++)
		rc = fs_each(q->done, days.v[i], see_name, x, f);
	x->ended = false;
	if (rc == 0 && x->kills.n)
		rc = fs_each(q->cur, ".", see_name, x, f);
	if (rc == 0 && x->kills.n)
		rc = scan_waiting(q, see_waiting, x, f);
	strs_free(&days);
	return rc;
}

static void
drop_over(struct worker *w, const struct tidy *x)
{
	for (size_t i = 0; i < x->over.n; i++) {
		enum control_verb verb;
		const char *of = control_parse(x->over.v[i], &verb);
		struct fail f;

		if (control_drop(w->shop.spool, verb, of, &f) < 0)
			work_say_once(w, f.text);
	}
}

void
work_tidy_control(struct worker *w)
{
	struct tidy x = { 0 };
	struct fail f;

	if (clock_boot_ms() < w->tidy_at_ms)
		return;
	w->tidy_at_ms = clock_boot_ms() + TIDY_EVERY_MS;
	for (size_t i = 0; i < w->control.n; i++) {
		enum control_verb verb;

		(void)control_parse(w->control.v[i], &verb);
		if (verb == CONTROL_CANCEL)
			strs_add(&x.cancels, w->control.v[i]);
		else if (verb == CONTROL_KILL)
			strs_add(&x.kills, w->control.v[i]);
	}
	for (size_t i = 0; x.cancels.n + x.kills.n && i < w->n_queues; i++)
		if (look_through(&x, &w->queues[i], &f) != 0)
			work_say_once(w, f.text);
	drop_over(w, &x);
	strs_free(&x.cancels);
	strs_free(&x.kills);
	strs_free(&x.over);
}
