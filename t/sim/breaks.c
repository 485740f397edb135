/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "breaks.h"
#include "buf.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "memory.h"
#include "observe.h"
#include "proc.h"
#include "publish.h"
#include "recover.h"
#include "request.h"
#include "scan.h"
#include "slots.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "submit.h"
#include "wrap.h"

WRAP(commit_back);
WRAP(commit_done);
WRAP(recover_stage);
WRAP(recover_left);
WRAP(fs_each);
WRAP(slots_adopt);
WRAP(observe);
WRAP(batch_move);

enum breaks broken;

static const struct conf *conf;

static const char *const names[BREAKS_KINDS] = {
	[BREAKS_NOTHING] = "nothing",
	[BREAKS_SHARED_TARGET] = "shared-target",
	[BREAKS_SAME_EPOCH] = "same-epoch",
	[BREAKS_TWO_FILES] = "two-files",
	[BREAKS_NO_FSYNC] = "no-fsync",
	[BREAKS_UNSYNCED_BATCH] = "unsynced-batch",
	[BREAKS_PUBLISH_FIRST] = "publish-first",
	[BREAKS_DROP_ON_LOST] = "drop-on-lost",
	[BREAKS_DROP_UNSEEN] = "drop-unseen",
	[BREAKS_LISTED_BATCH] = "listed-batch",
	[BREAKS_UNTOLD_TYPES] = "untold-types",
	[BREAKS_NO_ADOPTION] = "no-adoption",
	[BREAKS_NO_TAKEOVER] = "no-takeover",
};

void
breaks_init(const struct conf *c)
{
	conf = c;
}

const char *
breaks_name(enum breaks b)
{
	return names[b];
}

/* Every worker's name is this one on disk, and its own where it looks. */
static const char one[] = "@one";

struct name
breaks_shared(struct name n)
{
	const char *at = memchr(n.s, '@', n.len);
	size_t label = at ? (size_t)(at - n.s) : 0;
	char *s;

	if (broken != BREAKS_SHARED_TARGET || !at || n.s[n.len - 1] == '@')
		return n;
	s = world_alloc(label + sizeof one);
	memcpy(s, n.s, label);
	memcpy(s + label, one, sizeof one);
	return name_of(s, label + sizeof one - 1);
}

const char *
breaks_own(const char *name)
{
	const char *at = strchr(name, '@');
	const struct proc *p = proc_now->parent ? proc_now->parent : proc_now;
	size_t label = at ? (size_t)(at - name) : 0;
	char *s;

	if (broken != BREAKS_SHARED_TARGET || !at || !at[1])
		return name;
	s = world_alloc(label + 1 + strlen(p->name) + 1);
	memcpy(s, name, label + 1);
	memcpy(s + label + 1, p->name, strlen(p->name));
	return s;
}

/* Its text goes where the token belongs, and the token away. */
static enum commit_outcome
copy_back(const struct queue *q, const struct token *t,
	const struct token *next, int64_t due_s, struct fail *f)
{
	struct token to = *next;
	char name[TOKEN_NAME_MAX];
	struct buf text = { 0 };
	int rc;

	to.worker[0] = '\0';
	token_format(name, t);
	rc = fs_read(q->cur, name, REQUEST_SIZE_MOST, &text, f);
	if (rc == 0)
		rc = submit_put(q, &to, due_s, &text, f);
	if (rc == 0)
		rc = fs_unlink(q->cur, name);
	buf_free(&text);
	return rc == 0 ? COMMIT_WON : COMMIT_FAILED;
}

enum commit_outcome
__wrap_commit_back(const struct queue *q, const struct token *t,
	const struct token *next, int64_t due_s, struct fail *f)
{
	struct token same = *next;

	if (broken == BREAKS_TWO_FILES)
		return copy_back(q, t, next, due_s, f);
	if (broken == BREAKS_SAME_EPOCH)
		same.epoch = t->epoch;
	return __real_commit_back(q, t, &same, due_s, f);
}

enum commit_outcome
__wrap_commit_done(const struct queue *q, const struct token *t,
	const char *day, struct fail *f)
{
	char name[TOKEN_NAME_MAX], run_id[PUBLISH_RUN_ID_MAX];
	enum commit_outcome o;
	struct fail passed;
	struct spool s;

	if (broken == BREAKS_NOTHING || spool_open(&s, conf->spool,
	    conf->results, &passed) != 0)
		return __real_commit_done(q, t, day, f);
	token_format(name, t);
	if (broken == BREAKS_PUBLISH_FIRST)
		(void)publish_stage(&s, name, run_id, &passed);
	o = __real_commit_done(q, t, day, f);
	if (broken == BREAKS_DROP_ON_LOST && o == COMMIT_LOST)
		(void)stage_drop(&s, name, STAGE_DEAD, &passed);
	spool_close(&s);
	return o;
}

int
__wrap_recover_stage(const struct spool *s, const char *attempt,
	const struct log *log, struct fail *f)
{
	int rc = __real_recover_stage(s, attempt, log, f);

	if (rc != 0 && broken == BREAKS_DROP_UNSEEN)
		rc = stage_drop(s, attempt, STAGE_DEAD, f);
	return rc;
}

void
__wrap_recover_left(const struct spool *s, const struct log *log,
	struct strs *left, int64_t until_ms)
{
	struct fail passed;

	__real_recover_left(s, log, left, until_ms);
	for (size_t i = 0; broken == BREAKS_DROP_UNSEEN && i < left->n; i++)
		(void)stage_drop(s, left->v[i], STAGE_DEAD, &passed);
}

struct told {
	int (*each)(void *context, const char *name, unsigned char type);
	void *context;
};

static int
tell(void *context, const char *name, unsigned char type)
{
	const struct told *t = context;

	return t->each(t->context, name, type == DT_UNKNOWN ? DT_REG : type);
}

int
__wrap_fs_each(int at, const char *path,
	int (*each)(void *context, const char *name, unsigned char type),
	void *context, struct fail *f)
{
	struct told t = { each, context };

	if (broken != BREAKS_UNTOLD_TYPES)
		return __real_fs_each(at, path, each, context, f);
	return __real_fs_each(at, path, tell, &t, f);
}

int
__wrap_slots_adopt(struct slots *s, const struct job_shop *shop,
	const struct queue *q, const struct strs *claimed, struct fail *f)
{
	if (broken == BREAKS_NO_ADOPTION)
		return 0;
	return __real_slots_adopt(s, shop, q, claimed, f);
}

int
__wrap_observe(struct observer *o, const struct spool *s,
	const struct strs *met, struct strs *dead, struct fail *f)
{
	if (broken == BREAKS_NO_TAKEOVER)
		return 0;
	return __real_observe(o, s, met, dead, f);
}

/* Whether all that the batch still has to move can be seen. */
static bool
is_listed(struct batch *b)
{
	struct fail passed;
	bool listed = true;

	for (size_t i = 0; i < b->n; i++) {
		const struct queue *q = batch_queue(b, b->buckets[i].queue,
		    &passed);
		char *name = mem_printf("%s.%zu", b->id, i);

		listed &= q && scan_lists(q->tmp, ".", name, &passed) != 0;
		free(name);
	}
	return listed;
}

int
__wrap_batch_move(struct batch *b, struct fail *f)
{
	if (broken == BREAKS_LISTED_BATCH && !is_listed(b))
		return 0;
	return __real_batch_move(b, f);
}
