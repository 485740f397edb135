/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a testbed's failure may be this host's: who tries next, and when. */
#include <stdlib.h>

#include "conf.h"
#include "elsewhere.h"
#include "health.h"
#include "job_leave.h"
#include "mem.h"

bool
job_is_for_others(struct job *j)
{
	const struct job_shop *shop = j->shop;
	const struct token *t = &j->claim.token;
	int64_t wait_s;

	/* What went back so often without being tried is tried here. */
	if (t->epoch / JOB_ROUNDS_MOST > t->attempt)
		return false;
	wait_s = elsewhere_wait_s(shop->conf, shop->spool, j->queue, t);
	if (wait_s <= 0)
		return false;
	elsewhere_note(shop->elsewhere, t->id, wait_s);
	job_say(j, LOG_LEVEL_INFO, "failed on this host; left to another one");
	return true;
}

void
job_prefer_others(struct job *j, int64_t wait_s)
{
	const struct job_shop *shop = j->shop;

	if (shop->conf->elsewhere_s &&
	    elsewhere_is_served(shop->conf, shop->spool, j->queue))
		elsewhere_note(shop->elsewhere, j->claim.token.id,
		    wait_s + shop->conf->elsewhere_s);
}

/*
 * A bad host fails whatever it is given: that tells nothing of the request, and
 * no attempt is used up, unless it went round all hosts like that.
 */
static void
leave_bad_host(struct job *j, const char *why)
{
	const struct conf *c = j->shop->conf;
	char *text = mem_printf("%s; this host is bad, so it does not count",
	    why);

	job_say(j, LOG_LEVEL_ERROR, text);
	job_count(j, LEASE_HOST_FAILURES);
	free(text);
	/*
	 * What is tried next is another one, whatever its priority: one that
	 * would pass shows that the host is well.
	 */
	elsewhere_note_bad(j->shop->elsewhere, j->claim.token.id,
	    elsewhere_is_served(c, j->shop->spool, j->queue) ?
	    c->elsewhere_s : 0);
	job_leave_back(j, j->claim.token.attempt,
	    clock_now_s() + c->backoff_s);
}

bool
job_blame_host(struct job *j, const char *why)
{
	const struct token *t = &j->claim.token;
	bool was_bad = j->shop->health->bad;
	bool is_bad = health_failed(j->shop->health, j->shop->conf, t->label,
	    why);

	if (is_bad && !was_bad)
		job_say(j, LOG_LEVEL_ERROR, "one testbed after another failed "
		    "here: this host is bad, and claims nothing for a while");
	if (!is_bad || job_is_cancelled(j) ||
	    t->epoch / JOB_ROUNDS_MOST > t->attempt)
		return false;
	leave_bad_host(j, why);
	return true;
}
