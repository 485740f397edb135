/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "buf.h"
#include "fsck.h"
#include "fsck_words.h"
#include "json.h"

static const char *const states[] = { [FSCK_FOUND] = "found",
    [FSCK_REPAIRED] = "repaired", [FSCK_GONE] = "gone",
    [FSCK_LEFT] = "left" };

/* Names of files are strangers' words, and this is for terminals. */
static void
add_safely(struct buf *out, const char *text)
{
	for (; *text; text++) {
		const char c = (unsigned char)*text < ' ' || *text == 127 ?
		    '?' : *text;

		buf_addn(out, &c, 1);
	}
	buf_add(out, "");
}

static const char *
base_of(const struct fsck_report *r, const struct fsck_finding *g)
{
	return g->words->in_results ? r->results_path : r->spool_path;
}

/* What is done about it, or was. */
static void
add_cure(const struct fsck_finding *g, struct buf *out)
{
	const struct fsck_words *w = g->words;

	switch (g->state) {
	case FSCK_FOUND:
		if (w->repair)
			buf_addf(out, "adtspool fsck --repair %s", w->does);
		else
			buf_add(out, w->cure);
		break;
	case FSCK_REPAIRED:
		buf_add(out, w->done);
		break;
	case FSCK_GONE:
		buf_add(out, "it has gone by itself");
		break;
	case FSCK_LEFT:
		buf_addf(out, "not %s: ", w->done);
		add_safely(out, g->trouble);
		break;
	}
}

static void
add_sum(const struct fsck_report *r, struct buf *out)
{
	if (r->blind[0]) {
		buf_add(out, "Not all could be looked at: ");
		add_safely(out, r->blind);
		buf_add(out, "\n");
	}
	if (r->more)
		buf_addf(out, "And %zu more: mend these first, and look "
		    "again\n", r->more);
	if (r->n)
		buf_addf(out, "%zu found, %zu repaired, %zu problem%s left",
		    r->n + r->more, r->repaired, r->left,
		    r->left == 1 ? "" : "s");
	else
		buf_add(out, "Nothing wrong");
	buf_addf(out, ": %zu queue%s, %zu token%s", r->queues,
	    r->queues == 1 ? "" : "s", r->tokens, r->tokens == 1 ? "" : "s");
	if (r->runs)
		buf_addf(out, ", %zu run%s", r->runs, r->runs == 1 ? "" : "s");
	buf_add(out, "\n");
}

void
fsck_text(const struct fsck_report *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct fsck_finding *g = &r->v[i];

		add_safely(out, base_of(r, g));
		buf_add(out, "/");
		add_safely(out, g->object);
		buf_add(out, ": ");
		add_safely(out, g->what);
		if (g->id[0] && !strstr(g->object, g->id))
			buf_addf(out, " (%s)", g->id);
		buf_addf(out, "\n    %s; ", g->words->means);
		add_cure(g, out);
		buf_add(out, "\n");
	}
	add_sum(r, out);
}

static void
put_finding(struct json_writer *w, const struct fsck_report *r,
	const struct fsck_finding *g)
{
	const struct fsck_words *words = g->words;
	struct buf cure = { 0 };

	add_cure(g, &cure);
	json_put_object(w, NULL);
	json_put_string(w, "kind", words->key);
	json_put_string(w, "level", words->hint ? "hint" : "problem");
	json_put_string(w, "base", base_of(r, g));
	json_put_string(w, "object", g->object);
	json_put_string(w, "id", g->id[0] ? g->id : NULL);
	json_put_string(w, "what", g->what);
	json_put_string(w, "means", words->means);
	json_put_string(w, "cure", cure.s);
	json_put_string(w, "state", states[g->state]);
	json_put_string(w, "trouble", g->trouble);
	json_put_object_end(w);
	buf_free(&cure);
}

void
fsck_json(const struct fsck_report *r, struct buf *out)
{
	struct json_writer w = { .out = out, .pretty = true };

	json_put_object(&w, NULL);
	json_put_array(&w, "findings");
	for (size_t i = 0; i < r->n; i++)
		put_finding(&w, r, &r->v[i]);
	json_put_array_end(&w);
	json_put_number(&w, "more", (int64_t)r->more);
	json_put_number(&w, "repaired", (int64_t)r->repaired);
	json_put_number(&w, "left", (int64_t)r->left);
	json_put_number(&w, "queues", (int64_t)r->queues);
	json_put_number(&w, "tokens", (int64_t)r->tokens);
	json_put_number(&w, "runs", (int64_t)r->runs);
	json_put_string(&w, "blind", r->blind[0] ? r->blind : NULL);
	json_put_object_end(&w);
	buf_add(out, "\n");
}
