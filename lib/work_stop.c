/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "log.h"
#include "mem.h"
#include "work_open.h"
#include "work_reload.h"
#include "work_stop.h"
#include "work_tell.h"

void
work_set_text(char **field, const char *text)
{
	free(*field);
	*field = text ? mem_dup(text) : NULL;
}

static void
give_back_all(struct worker *w)
{
	w->giving_back = true;
	w->stop_at_ms = clock_boot_ms() + WORK_END_PATIENCE_MS;
	slots_give_back(&w->slots, true);
}

/* The name is somebody else's: so is what is claimed under it. */
static void
end_now(struct worker *w)
{
	w->stopping = true;
	w->drain = false;
	give_back_all(w);
}

static void
note_beat(struct worker *w, enum lease_outcome o, const struct fail *f)
{
	if (o == LEASE_KEPT || w->taken)
		return;
	work_say_once(w, f->text);
	if (o != LEASE_TAKEN)
		return;
	w->taken = true;
	(void)snprintf(w->taken_by, sizeof w->taken_by, "%s", f->text);
	end_now(w);
}

/* With or without looking after the others. */
static void
beat_by(struct worker *w, enum lease_outcome (*how)(struct duty *d,
	struct fail *f))
{
	struct worker_state *state = &w->duty.state;
	bool all_is_well = !state->problem;
	struct fail f;

	strs_free(&state->running);
	slots_running(&w->slots, &state->running);
	if (all_is_well)
		work_set_text(&state->problem, slots_problem(&w->slots));
	if (!w->taken)
		note_beat(w, how(&w->duty, &f), &f);
	work_tell(w);
	if (all_is_well)
		work_set_text(&state->problem, NULL);
}

void
work_beat(struct worker *w)
{
	beat_by(w, duty_beat);
}

void
work_show(struct worker *w)
{
	beat_by(w, duty_show);
}

/* The first finishes or gives back, the next gives back, the third ends. */
static void
stop(struct worker *w)
{
	bool give_back = w->stopping ||
	    w->conf->on_stop == CONF_STOP_GIVE_BACK;
	bool at_once = w->giving_back ||
	    (w->stopping && slots_only_leave(&w->slots));

	w->stopping = true;
	w->drain = false;
	work_set_text(&w->duty.state.state, "stopping");
	log_say(w->log, LOG_LEVEL_INFO, "stopping: what runs is %s",
	    give_back ? "given back" : "finished first");
	work_tell_stopping(w);
	if (give_back)
		give_back_all(w);
	else
		slots_give_back(&w->slots, false);
	if (at_once)
		w->stop_at_ms = clock_boot_ms();
	work_show(w);
}

void
work_take_signals(struct worker *w)
{
	struct signalfd_siginfo si;

	while (read(w->signals, &si, sizeof si) == (ssize_t)sizeof si)
		if (si.ssi_signo == SIGCHLD)
			w->look |= slots_reap(&w->slots);
		else if (si.ssi_signo == SIGHUP)
			work_reload(w);
		else
			stop(w);
}
