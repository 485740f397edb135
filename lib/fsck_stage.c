/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/.staging/.  A stage is committed when its name was seen in done, at
 * work when it was seen in cur, and dead when its request was seen to have
 * gone on: under a later epoch, in bad, or by another attempt in done.  Of
 * others nothing is known.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "mem.h"
#include "scan.h"
#include "stage.h"

#define GONE ".gone"		/* of stage_drop */
#define PROBE ".probe."		/* of space_probe */

/* By weight: what is at work is not to be disturbed, a commit is final. */
enum fate { FATE_UNKNOWN, FATE_DEAD, FATE_AT_WORK, FATE_COMMITTED };

/* What dropping left when it was cut off, or something that is no stage. */
static void
check_stranger(struct fsck_folder *d, const char *name)
{
	int64_t age_s = fsck_age_s(d->x, d->fd, name);
	char *object = fsck_object(d, name), age[CLOCK_TEXT_MAX];

	clock_format_span(age, age_s);
	if (strncmp(name, GONE, sizeof GONE - 1) == 0 ||
	    strncmp(name, PROBE, sizeof PROBE - 1) == 0) {
		if (age_s > FSCK_HOUR_S)
			fsck_raise(d->x, FSCK_STAGE_REST, object, "is what "
			    "dropping a stage, or a probe for space, left; %s "
			    "old", age);
	} else if (age_s > FSCK_DAY_S) {
		fsck_raise(d->x, FSCK_STAGE_STRANGE, object, "does not have "
		    "the name of an attempt; %s old", age);
	}
	free(object);
}

static int
in_staging(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	struct fsck *x = d->x;
	struct token t;

	if (type != DT_DIR || token_parse(&t, name) != 0 || !t.worker[0]) {
		check_stranger(d, name);
		return 0;
	}
	strs_add(&x->stages, name);
	fsck_set_add(&x->wanted, fsck_id_number(t.id));
	fsck_bear(x, t.worker, NULL, NULL);
	return 0;
}

void
fsck_list_stages(struct fsck *x)
{
	struct fsck_folder d;

	fsck_folder(&d, x, NULL, ".staging");
	d.fd = x->spool->staging;
	fsck_step(x, d.path);
	fsck_each(&d, d.fd, ".", in_staging);
	strs_sort(&x->stages);
}

/* What one name of its request tells of a stage. */
static enum fate
fate_by(const struct fsck_seen *seen, const char *stage,
	const struct token *t)
{
	struct token other;

	if (strcmp(strrchr(seen->path, '/') + 1, stage) == 0) {
		if (seen->place == FSCK_DONE)
			return FATE_COMMITTED;
		if (seen->place == FSCK_CLAIMED)
			return FATE_AT_WORK;
	}
	fsck_seen_token(seen, &other);
	if (seen->place == FSCK_DONE || other.epoch > t->epoch ||
	    (seen->place == FSCK_BAD && other.epoch == t->epoch))
		return FATE_DEAD;
	return FATE_UNKNOWN;
}

/* From all of them, the weightiest last; *where is one that tells. */
static enum fate
fate_of(const struct fsck *x, const char *stage, const struct token *t,
	const char **where)
{
	enum fate fate = FATE_UNKNOWN;
	size_t n;
	const struct fsck_seen *seen = fsck_seen_of(x, fsck_id_number(t->id),
	    &n);

	for (size_t i = 0; i < n; i++) {
		enum fate is = fate_by(&seen[i], stage, t);

		if (is > fate) {
			fate = is;
			*where = seen[i].path;
		}
	}
	return fate;
}

static int
is_something(void *context, const char *name, unsigned char type)
{
	bool *something = context;

	*something = type != DT_DIR || strcmp(name, "making") != 0;
	return *something;
}

/* Nothing, or an empty making alone: as repeated mkdirs leave it. */
static bool
is_empty(const struct fsck *x, const char *stage)
{
	char *making = mem_printf("%s/making", stage);
	struct strs in_making = { 0 };
	bool something = false, empty;
	struct fail f;

	empty = fs_each(x->spool->staging, stage, is_something, &something,
	    &f) == 0 && !something &&
	    (fs_list(x->spool->staging, making, 1, &in_making, &f) == 0 ||
	    f.err == ENOENT) && in_making.n == 0;
	strs_free(&in_making);
	free(making);
	return empty;
}

static void
judge_unsealed(struct fsck *x, const char *stage, const char *object,
	const char *where)
{
	if (is_empty(x, stage))
		fsck_raise(x, FSCK_STAGE_EMPTY, object, "holds nothing, and "
		    "is committed as %s", where);
	else
		fsck_raise(x, FSCK_STAGE_UNSEALED, object, "is committed as "
		    "%s, but has no plan", where);
}

static void
judge_committed(struct fsck *x, const char *stage, const char *object,
	const char *where)
{
	struct plan p;
	struct fail f;

	if (stage_read_plan(x->spool, stage, &p, &f) == 0)
		fsck_raise(x, FSCK_STAGE_COMMITTED, object, "is committed as "
		    "%s, and not published", where);
	else if (f.err == ENOENT)
		judge_unsealed(x, stage, object, where);
	else if (f.status == EX_DATAERR)
		fsck_raise(x, FSCK_STAGE_DAMAGED, object, "is committed as "
		    "%s, but its plan is damaged", where);
	else
		fsck_go_blind(x, &f);
}

static void
judge_unknown(struct fsck *x, const char *stage, const char *object)
{
	int64_t age_s = fsck_age_s(x, x->spool->staging, stage);
	char age[CLOCK_TEXT_MAX];

	clock_format_span(age, age_s);
	if (age_s > FSCK_DAY_S && !x->partial)
		fsck_raise(x, FSCK_STAGE_NOBODY, object, "is of an attempt "
		    "that was seen nowhere; %s old", age);
}

static void
judge(struct fsck *x, const char *stage)
{
	char *object = mem_printf(".staging/%s", stage);
	const char *where = "";
	struct token t;

	(void)token_parse(&t, stage);
	switch (fate_of(x, stage, &t, &where)) {
	case FATE_COMMITTED:
		judge_committed(x, stage, object, where);
		break;
	case FATE_DEAD:
		fsck_raise(x, FSCK_STAGE_DEAD, object, "is of an attempt that "
		    "is over: the request is at %s", where);
		break;
	case FATE_UNKNOWN:
		judge_unknown(x, stage, object);
		break;
	case FATE_AT_WORK:
		break;
	}
	free(object);
}

void
fsck_look_stages(struct fsck *x)
{
	fsck_step(x, ".staging");
	for (size_t i = 0; i < x->stages.n; i++)
		judge(x, x->stages.v[i]);
}
