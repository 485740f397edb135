/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "status.h"
#include "top_part.h"

enum { FRAME = 3 };	/* lines above and below the parts */

int64_t
top_wait_ms(int64_t took_ms)
{
	int64_t wait_ms = TOP_WAIT_PART * took_ms;

	return wait_ms > TOP_WAIT_LEAST_MS ? wait_ms : TOP_WAIT_LEAST_MS;
}

void
top_next_queue(const struct status *st, struct top_view *v)
{
	size_t i = 0;

	while (v->queue && i < st->n_queues &&
	    strcmp(st->queues[i].name, v->queue) <= 0)
		i++;
	free(v->queue);
	v->queue = i < st->n_queues ? mem_dup(st->queues[i].name) : NULL;
	memset(v->from, 0, sizeof v->from);
}

static void
put_title(const struct top_view *v, struct top_lines *out)
{
	char at[CLOCK_TEXT_MAX], wait[CLOCK_TEXT_MAX], right[128];
	int left;

	clock_format(at, "%H:%M:%SZ", v->now_s);
	clock_format_span(wait, (top_wait_ms(v->took_ms) + 999) / 1000);
	if (v->once)
		(void)snprintf(right, sizeof right, "%s", at);
	else
		(void)snprintf(right, sizeof right, "%s, a look every %s "
		    "(took %lld ms)", at, wait, (long long)v->took_ms);
	left = v->columns - (int)strlen(right) - 1;
	top_add(out, v, TOP_TITLE, "%-*.*s %s", left > 0 ? left : 0,
	    left > 0 ? left : 0, v->spool ? v->spool : "", right);
}

static void
put_sums(const struct status *st, const struct top_view *v,
	struct top_lines *out)
{
	size_t waiting = 0, later = 0, bad = st->bad_lines, live = 0;
	int64_t slots = 0;

	if (v->problem) {
		top_add(out, v, TOP_BAD, "%s", v->problem);
		return;
	}
	for (size_t i = 0; i < st->n_queues; i++) {
		waiting += st->queues[i].waiting;
		later += st->queues[i].delayed;
		bad += st->queues[i].bad;
	}
	for (size_t i = 0; i < st->n_workers; i++)
		if (strcmp(status_word(&st->workers[i], v->now_s),
		    "running") == 0) {
			live++;
			slots += st->workers[i].slots;
		}
	top_add(out, v, TOP_PLAIN, "waiting %zu, later %zu, refused %zu; "
	    "running %zu in %lld slots; workers %zu", waiting, later, bad,
	    st->running.n, (long long)slots, live);
}

static void
put_keys(const struct top_view *v, struct top_lines *out)
{
	static const char *const sorts[] = { "time", "excess", "name" };

	top_add(out, v, TOP_DIM, "q quit  r look  Tab part  arrows scroll  "
	    "s by: %s  n queue: %s  ? help", sorts[v->sort],
	    v->queue ? v->queue : "all");
}

static void
put_help(const struct top_view *v, struct top_lines *out)
{
	static const char *const text[] = {
	    "q           quit",
	    "r           look now, not only when it is time",
	    "Tab         choose a part: queues, workers, running, failures",
	    "up, down    scroll the chosen part by a line",
	    "PgUp, PgDn  ... by ten lines",
	    "Home, End   ... to its first and last line",
	    "s           sort what runs: time, excess over the usual, name",
	    "n           show one queue alone, then the next, then all",
	    "?           this, and back",
	    "",
	    "A look takes a tenth of the time at most: where it takes long,",
	    "the next one comes later.  FOR counts on in between." };

	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		top_add(out, v, TOP_PLAIN, "%s", text[i]);
}

/*
 * Each gets a line in its turn, until there are no more, or all have enough;
 * returns how many are left.
 */
static size_t
share(const struct top_lines parts[TOP_PARTS], size_t room,
	size_t given[TOP_PARTS])
{
	bool more = true;

	memset(given, 0, TOP_PARTS * sizeof *given);
	while (room && more) {
		more = false;
		for (int i = 0; i < TOP_PARTS && room; i++)
			if (given[i] < parts[i].n) {
				given[i]++;
				room--;
				more = true;
			}
	}
	return room;
}

/* Moves a line of one to the other. */
static void
move_line(struct top_lines *to, struct top_line *line)
{
	to->v = mem_grow(to->v, to->n + 1, sizeof *to->v);
	to->v[to->n++] = *line;
	*line = (struct top_line){ NULL, TOP_PLAIN };
}

/* The heading, and of the lines below it those that there is room for. */
static void
put_part(struct top_view *v, enum top_part part, struct top_lines *all,
	size_t room, struct top_lines *out)
{
	size_t items = all->n - 1, *from = &v->from[part];
	size_t fit = room - 1, last;

	if (room == 0)
		return;
	if (*from > items - (fit < items ? fit : items))
		*from = items - (fit < items ? fit : items);
	move_line(out, &all->v[0]);
	/* The last line tells that there are more. */
	last = *from + fit < items && fit ? *from + fit - 1 : items;
	for (size_t i = *from; i < items && i < last && i < *from + fit; i++)
		move_line(out, &all->v[i + 1]);
	if (last < items)
		top_add(out, v, TOP_DIM, "%*s%zu more", 4, "", items - last);
}

static void
put_parts(const struct status *st, struct top_view *v, struct top_lines *out)
{
	size_t room = v->rows > FRAME ? (size_t)(v->rows - FRAME) : 0;
	struct top_lines parts[TOP_PARTS] = { 0 };
	size_t given[TOP_PARTS], spare;

	for (int i = 0; i < TOP_PARTS; i++)
		top_part(st, v, (enum top_part)i, &parts[i]);
	spare = share(parts, room, given);
	for (int i = 0; i < TOP_PARTS; i++) {
		if (i > 0 && spare >= TOP_PARTS - 1)
			top_add(out, v, TOP_PLAIN, "%s", "");
		put_part(v, (enum top_part)i, &parts[i], given[i], out);
		top_free(&parts[i]);
	}
}

void
top_layout(const struct status *st, struct top_view *v,
	struct top_lines *out)
{
	size_t rows = v->rows > 0 ? (size_t)v->rows : 0;

	put_title(v, out);
	put_sums(st, v, out);
	if (v->help)
		put_help(v, out);
	else
		put_parts(st, v, out);
	/* The keys stand at the bottom; what does not fit is left out. */
	while (out->n + 1 > rows && out->n)
		free(out->v[--out->n].text);
	while (out->n + 1 < rows)
		top_add(out, v, TOP_PLAIN, "%s", "");
	if (rows && v->once)
		top_add(out, v, TOP_PLAIN, "%s", "");
	else if (rows)
		put_keys(v, out);
}
