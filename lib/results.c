/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "mem.h"
#include "results.h"
#include "results_pick.h"
#include "spool.h"
#include "tree.h"

bool
results_status_ok(const char *word)
{
	return strcmp(word, "pass") == 0 || strcmp(word, "fail") == 0 ||
	    strcmp(word, "neutral") == 0 || strcmp(word, "tmpfail") == 0;
}

/* By its source alone, or as a whole. */
static bool
has_trigger(const struct result *r, const char *want)
{
	size_t n = strlen(want);

	for (size_t i = 0; i < r->triggers.n; i++) {
		const char *t = r->triggers.v[i];

		if (strncmp(t, want, n) == 0 && (t[n] == '\0' ||
		    (t[n] == '/' && !strchr(want, '/'))))
			return true;
	}
	return false;
}

static bool
is_wanted(const struct results_query *q, const struct result *r)
{
	return (!q->trigger || has_trigger(r, q->trigger)) &&
	    (!q->statuses.n || strs_has(&q->statuses, r->status));
}

int
results_each(const struct spool *s, const struct results_query *q,
	void (*each)(void *context, const struct notice *a,
		const struct result *r),
	void *context, struct results_seen *seen, struct fail *f)
{
	struct results_picks picks = { 0 };
	struct notice a;

	*seen = (struct results_seen){ 0 };
	if (results_pick(s, q, &picks, f) != 0) {
		results_picks_free(&picks);
		return -1;
	}
	seen->walked = picks.walked;
	for (size_t i = 0; i < picks.n; i++) {
		struct result r;
		struct fail why;

		if (q->limit && seen->found == q->limit)
			break;
		if (q->progress)
			q->progress(q->context, "reading results", i, picks.n);
		results_picks_get(&picks, i, &a);
		if (tree_result(s, a.suite, a.arch, a.source, a.run_id, &r,
		    &why) != 0) {
			seen->unread += why.err != ENOENT;
		} else if (is_wanted(q, &r)) {
			seen->found++;
			each(context, &a, &r);
		}
		result_free(&r);
	}
	results_picks_free(&picks);
	return 0;
}
