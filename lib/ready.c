/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fence.h"
#include "fs.h"
#include "ready.h"
#include "space.h"
#include "spool.h"

/* Folders are not replaced but by hand; a mount may go at any time. */
enum { FOLDERS_EVERY_MS = 60 * 1000 };

static void
note(char to[1024], const struct fail *f)
{
	(void)snprintf(to, 1024, "%s", f->text);
}

static int
refresh(struct ready *r, enum refresh what, struct fail *f)
{
	int rc = spool_refresh(r->spool, what, f);

	r->changed |= rc > 0;
	for (size_t i = 0; rc >= 0 && i < r->n_queues; i++) {
		rc = queue_refresh(&r->queues[i], r->spool, what, f);
		r->changed |= rc > 0;
	}
	return rc < 0 ? -1 : 0;
}

/* What our listings do not show is seen within a minute all the same. */
static void
freshen(struct ready *r)
{
	for (size_t i = 0; i < r->n_queues; i++)
		fs_freshen(r->queues[i].fresh);
}

bool
ready_look(struct ready *r)
{
	bool changed, all = clock_boot_ms() >= r->folders_at_ms;
	struct fail f;

	r->mount[0] = r->space[0] = '\0';
	if (refresh(r, all ? REFRESH_FOLDERS : REFRESH_MOUNTS, &f) != 0) {
		(void)snprintf(r->mount, sizeof r->mount, "%.900s; is it "
		    "mounted? nothing is claimed", f.text);
		return false;
	}
	if (all) {
		freshen(r);
		r->folders_at_ms = clock_boot_ms() + FOLDERS_EVERY_MS;
	}
	if (space_check(r->conf, r->spool, &f) != 0)
		note(r->space, &f);
	changed = r->changed;
	r->changed = false;
	return changed;
}

/* A pause is over when a file can be written: no number tells of a quota. */
static bool
in_trouble(struct ready *r)
{
	struct fail f;

	if (!r->trouble.until_ms || clock_boot_ms() < r->trouble.until_ms)
		return r->trouble.until_ms;
	r->trouble.until_ms = 0;
	if (space_probe(r->spool, r->conf->worker, &f) == 0)
		return false;
	r->trouble.until_ms = clock_boot_ms() + JOB_TROUBLE_MS;
	note(r->trouble.text, &f);
	return true;
}

const char *
ready_problem(struct ready *r, const struct fence *fence)
{
	if (fence_is_passed(fence))
		return "the spool has taken no heartbeat of this worker for "
		    "half its lease; nothing is claimed until it does";
	if (r->mount[0])
		return r->mount;
	if (r->space[0])
		return r->space;
	return in_trouble(r) ? r->trouble.text : NULL;
}
