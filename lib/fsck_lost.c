/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Committed means that the result is in staging or in the tree.  Looking goes
 * the same way: what was seen in done, and after that not in staging, is in the
 * tree, which is read after that.  What was committed before the day of the
 * oldest run is left out: its run was removed from the tree, as a rule.
 */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fsck_run.h"
#include "mem.h"
#include "scan.h"

static int
note_stage(void *folder, const char *name, unsigned char type)
{
	struct fsck_runs *r = folder;

	(void)type;
	fsck_set_add(&r->stages, fsck_hash(0, name));
	return 0;
}

void
fsck_note_stages(struct fsck_runs *r)
{
	fsck_folder(&r->d, r->x, NULL, ".staging");
	fsck_each(&r->d, r->x->spool->staging, ".", note_stage);
	fsck_set_sort(&r->stages);
}

static int
in_day(void *folder, const char *name, unsigned char type)
{
	struct fsck_runs *r = folder;
	struct token t;
	uint64_t id;
	char *object;

	(void)type;
	if (token_parse(&t, name) != 0)
		return 0;
	id = fsck_id_number(t.id);
	if (!fsck_ids_has(&r->x->ids, id, FSCK_DONE,
	    fsck_hash(r->d.hash, name)) || fsck_ids_places(&r->ids, id) ||
	    fsck_set_has(&r->stages, fsck_hash(0, name)))
		return 0;
	object = fsck_object(&r->d, name);
	fsck_raise(r->x, FSCK_RESULT_LOST, object, "is committed, but has "
	    "neither a run nor a stage");
	free(object);
	return 0;
}

static void
look_at_queue(struct fsck_runs *r, const struct queue *q)
{
	struct strs days = { 0 };
	struct fail f;

	if (scan_days(q, &days, &f) != 0)
		fsck_go_blind(r->x, &f);
	for (size_t i = 0; i < days.n; i++) {
		fsck_folder(&r->d, r->x, q, "%s/done/%s", q->name, days.v[i]);
		if (strcmp(days.v[i], r->oldest) >= 0)
			fsck_each(&r->d, q->done, days.v[i], in_day);
	}
	strs_free(&days);
}

void
fsck_look_lost(struct fsck_runs *r)
{
	for (size_t i = 0; i < r->x->queues.n; i++) {
		struct queue q;
		struct fail f;

		if (queue_open(&q, r->x->spool, r->x->queues.v[i], &f) == 0)
			look_at_queue(r, &q);
		else
			fsck_go_blind(r->x, &f);
		queue_close(&q);
	}
}
