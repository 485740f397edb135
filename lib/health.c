/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "health.h"

void
health_free(struct health *h)
{
	strs_free(&h->packages);
	*h = (struct health){ 0 };
}

static int64_t
pause_s(const struct health *h, const struct conf *c)
{
	int64_t s = c->backoff_s > 0 ? c->backoff_s : 1;

	for (unsigned i = 0; i < h->pauses && s < HEALTH_PAUSE_MOST_S; i++)
		s *= 2;
	return s < HEALTH_PAUSE_MOST_S ? s : HEALTH_PAUSE_MOST_S;
}

/* One that began before the pause does not make it longer. */
static void
pause_claiming(struct health *h, const struct conf *c)
{
	if (h->bad && clock_boot_ms() < h->until_ms)
		return;
	h->bad = true;
	h->until_ms = clock_boot_ms() + pause_s(h, c) * 1000;
	h->pauses++;
}

bool
health_failed(struct health *h, const struct conf *c, const char *package,
	const char *reason)
{
	if (!c->bad_host)
		return false;
	(void)snprintf(h->reason, sizeof h->reason, "%s", reason);
	if (h->packages.n < c->bad_host && !strs_has(&h->packages, package))
		strs_add(&h->packages, package);
	if (h->bad || h->packages.n >= c->bad_host)
		pause_claiming(h, c);
	return h->bad;
}

bool
health_is_well(struct health *h)
{
	bool was_bad = h->bad;

	health_free(h);
	return was_bad;
}

const char *
health_problem(struct health *h, bool busy)
{
	bool pauses = clock_boot_ms() < h->until_ms;

	if (!h->bad || (!pauses && !busy))
		return NULL;
	(void)snprintf(h->text, sizeof h->text, "the testbeds of the last %zu "
	    "packages failed here, so this host is bad; %s; the last: %s",
	    h->packages.n, pauses ? "nothing is claimed for a while" :
	    "one request is tried", h->reason);
	return h->text;
}
