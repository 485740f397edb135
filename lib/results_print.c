/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "results.h"

enum { COL_RUN, COL_STATUS, COL_SUITE, COL_ARCH, COL_PACKAGE, COL_VERSION,
	COLS };
enum { GAP = 2, VERSION_LEAST = 8 };

static const char *const heads[COLS] = { "RUN", "STATUS", "SUITE", "ARCH",
	"PACKAGE", "VERSION" };

void
results_table_add(void *table, const struct notice *a,
	const struct result *r)
{
	struct results_table *t = table;

	strs_add(&t->cells, a->run_id);
	strs_add(&t->cells, r->status);
	strs_add(&t->cells, a->suite);
	strs_add(&t->cells, a->arch);
	strs_add(&t->cells, a->source);
	strs_add(&t->cells, r->version ? r->version : "-");
}

static size_t
sum(const size_t widths[COLS])
{
	size_t n = (COLS - 1) * GAP;

	for (size_t i = 0; i < COLS; i++)
		n += widths[i];
	return n;
}

/* The version gives way first, then what is longest of the names. */
static void
fit(size_t widths[COLS], size_t width)
{
	while (width && sum(widths) > width) {
		size_t widest = COL_VERSION;

		if (widths[COL_VERSION] <= VERSION_LEAST) {
			widest = COL_SUITE;
			for (size_t i = COL_ARCH; i <= COL_PACKAGE; i++)
				if (widths[i] > widths[widest])
					widest = i;
		}
		if (widths[widest] <= 1)
			return;
		widths[widest]--;
	}
}

static void
print_cell(const char *text, size_t width, bool last, struct buf *out)
{
	size_t n = strlen(text);

	if (n > width)
		buf_addf(out, "%.*s>", (int)width - 1, text);
	else if (last)
		buf_add(out, text);
	else
		buf_addf(out, "%-*s", (int)width, text);
	buf_addf(out, "%s", last ? "\n" : "  ");
}

void
results_table_print(const struct results_table *t, size_t width,
	struct buf *out)
{
	size_t widths[COLS];

	if (!t->cells.n)
		return;
	for (size_t i = 0; i < COLS; i++)
		widths[i] = strlen(heads[i]);
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t n = strlen(t->cells.v[i]);

		if (widths[i % COLS] < n)
			widths[i % COLS] = n;
	}
	fit(widths, width);
	for (size_t i = 0; i < COLS; i++)
		print_cell(heads[i], widths[i], i == COL_VERSION, out);
	for (size_t i = 0; i < t->cells.n; i++)
		print_cell(t->cells.v[i], widths[i % COLS],
		    i % COLS == COL_VERSION, out);
}

void
results_table_free(struct results_table *t)
{
	strs_free(&t->cells);
}

void
results_put(void *writer, const struct notice *a, const struct result *r)
{
	struct json_writer *w = writer;
	char path[NOTICE_PATH_MAX];
	int64_t published_s = 0;

	notice_path(path, a);
	(void)clock_parse(a->run_id, &published_s);
	json_put_object(w, NULL);
	json_put_string(w, "run_id", a->run_id);
	json_put_string(w, "suite", a->suite);
	json_put_string(w, "arch", a->arch);
	json_put_string(w, "package", a->source);
	result_put_outcome(w, r);
	json_put_string(w, "requester", r->requester);
	json_put_string(w, "worker", r->worker);
	json_put_number(w, "attempt", r->attempt);
	json_put_string(w, "id", r->id);
	json_put_time(w, "published", published_s);
	json_put_time(w, "finished", r->finished_s);
	json_put_string(w, "path", path);
	json_put_object_end(w);
}
