/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "entry.h"
#include "export.h"
#include "export_pending.h"
#include "fail.h"
#include "result.h"
#include "tree.h"

void
export_list_begin(struct buf *out, int64_t since_s)
{
	buf_addf(out, "{\"until\": %lld, \"since\": %lld, \"results\": [",
	    (long long)clock_now_s(), (long long)since_s);
}

void
export_list_next(struct buf *out, bool *filled)
{
	buf_add(out, *filled ? ",\n" : "\n");
	*filled = true;
}

void
export_list_end(struct buf *out)
{
	buf_add(out, "\n]}\n");
}

struct exporter {
	const struct export_query *query;
	struct buf *out;
	bool filled;
};

static int
put_result(void *context, const struct result *r, const char *run_id)
{
	struct exporter *x = context;
	struct entry e;

	entry_make(&e, r, run_id);
	if (strcmp(e.ppa, x->query->ppa) == 0) {
		export_list_next(x->out, &x->filled);
		buf_addn(x->out, e.json.s, e.json.len);
		buf_add(x->out, "}");
	}
	entry_free(&e);
	return 0;
}

int
export_debci(const struct conf *c, const struct spool *s,
	const struct export_query *q, struct buf *out, struct fail *f)
{
	struct exporter x = { .query = q, .out = out };
	struct export_pending *p = export_pending_new();
	int rc = export_pending_refresh(p, c, s, NULL, f);

	if (rc == 0) {
		export_list_begin(out, q->since_s);
		export_pending_put(p, q, out, &x.filled);
		rc = tree_each(s, q->suite, q->since_s, put_result, &x, f);
		export_list_end(out);
	}
	export_pending_free(p);
	return rc;
}
