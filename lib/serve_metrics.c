/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"
#include "fail.h"
#include "metrics.h"
#include "serve_answer.h"
#include "serve_metrics.h"
#include "serve_site.h"
#include "spool.h"

/* Those who come meanwhile wait, and have the same. */
static int
get(struct serve_site *site, struct buf *out, struct fail *f)
{
	struct serve_metrics *m = &site->metrics;
	int64_t now_ms = clock_boot_ms();
	int rc = 0;

	(void)pthread_mutex_lock(&m->turn);
	if (!m->made_ms || now_ms - m->made_ms >= SERVE_METRICS_MS) {
		buf_free(&m->text);
		rc = metrics_spool(site->spool, &m->text, f);
		m->made_ms = rc == 0 ? clock_boot_ms() : 0;
	}
	if (rc == 0)
		buf_addn(out, m->text.s, m->text.len);
	(void)pthread_mutex_unlock(&m->turn);
	return rc;
}

void
serve_metrics(struct serve_answer *a, struct serve_site *site)
{
	struct fail f = { 0 };

	if (site->spool->fd < 0) {
		serve_answer_say(a, 404);
	} else if (get(site, &a->text, &f) != 0) {
		serve_answer_fail(a, &f);
	} else {
		a->status = 200;
		serve_answer_header(a, "Content-Type",
		    "text/plain; version=0.0.4; charset=utf-8");
		serve_answer_header(a, "Cache-Control", "no-cache");
	}
}
