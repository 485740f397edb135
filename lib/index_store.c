/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store, and how far it has come in the manifest. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "index_inside.h"
#include "index_read.h"
#include "mem.h"
#include "result.h"
#include "store.h"

#define MARK "manifest"

char *
index_store_dir(const struct conf *c)
{
	char id[DIGEST_ID_MAX];

	/* One for each results tree, and for each of two on one host. */
	digest_id(id, c->results, strlen(c->results));
	return mem_printf("%s/%s.%s", c->index_store, c->worker, id);
}

int
index_commit(struct indexer *x, struct manifest_writer *w, struct fail *f)
{
	struct manifest_mark end = w ? w->end : x->mark;
	char text[MANIFEST_MARK_MAX];
	int rc = w ? index_may_write(x, f) : 0;

	if (w && rc == 0)
		rc = manifest_end(w, f);
	manifest_mark_format(text, &end);
	if (rc == 0 && store_mark_set(x->store, MARK, text, f) == 0 &&
	    store_commit(x->store, f) == 0) {
		x->mark = end;
		return 0;
	}
	(void)store_undo(x->store, &(struct fail){ 0 });
	return -1;
}

int
index_has(struct indexer *x, const struct notice *n, struct fail *f)
{
	return store_has(x->store, n->suite, n->arch, n->source, n->run_id, f);
}

struct catching {
	struct indexer *x;
	struct strs unseen;
	size_t n;
	int rc;
	struct fail *f;
};

static int
catch_line(void *context, const struct notice *n)
{
	struct catching *c = context;
	struct result r = { 0 };

	c->n++;
	if (n->kind == NOTICE_GONE) {
		index_forget_unseen(&c->unseen, n);
		c->rc = store_remove(c->x->store, n->suite, n->arch, n->source,
		    n->run_id, c->f);
	} else {
		enum index_seen seen = index_read(c->x, n, &r);

		if (seen == INDEX_SEEN)
			c->rc = store_put(c->x->store, &r, n->run_id, c->f);
		else if (seen == INDEX_UNSEEN)
			c->rc = index_note_unseen(c->x, &c->unseen, n, c->f);
		result_free(&r);
	}
	if (c->rc == 0 && !index_go_on(c->x))
		c->rc = fail_set(c->f, EX_TEMPFAIL, "stopped");
	return c->rc != 0 || c->n >= INDEX_BATCH_MOST;
}

static int
catch_batch(struct catching *c)
{
	struct indexer *x = c->x;
	struct manifest_mark mark = x->mark;

	c->n = 0;
	if (store_begin(x->store, c->f) != 0)
		return -1;
	if (manifest_read(x->spool, &mark, catch_line, c, c->f) != 0 ||
	    c->rc != 0) {
		(void)store_undo(x->store, &(struct fail){ 0 });
		return -1;
	}
	x->mark = mark;
	return index_commit(x, NULL, c->f);
}

static int
catch_up(struct indexer *x, struct fail *f)
{
	struct catching c = { .x = x, .f = f };
	int rc;

	do
		rc = catch_batch(&c);
	while (rc == 0 && c.n >= INDEX_BATCH_MOST);
	if (rc == 0)
		rc = index_drop_unseen(x, &c.unseen, f);
	strs_free(&c.unseen);
	return rc;
}

/* EX_NOINPUT where it has to be filled from the tree. */
static int
read_mark(struct indexer *x, struct fail *f)
{
	struct buf b = { 0 };
	int rc = store_mark_get(x->store, MARK, &b, f);

	if (rc == 0 && (!b.s || manifest_mark_parse(&x->mark, b.s) != 0))
		rc = fail_set(f, EX_NOINPUT, "%s: has nothing of this tree",
		    x->store_dir);
	buf_free(&b);
	return rc;
}

static int
open_store(struct indexer *x, struct fail *f)
{
	int rc;

	if (x->store)
		return 0;
	rc = store_open(&x->store, x->store_dir, STORE_WRITE, f);
	if (rc == 0 || f->status != EX_DATAERR)
		return rc;
	index_say_once(x, f->text);
	return store_discard(x->store_dir, f) == 0 &&
	    store_open(&x->store, x->store_dir, STORE_WRITE, f) == 0 ? 0 : -1;
}

int
index_open_store(struct indexer *x, bool rebuild, struct fail *f)
{
	if (open_store(x, f) != 0)
		return -1;
	manifest_freshen(x->spool);
	if (rebuild)
		return index_fill(x, true, f);
	if (read_mark(x, f) == 0 && catch_up(x, f) == 0)
		return 0;
	if (f->status != EX_NOINPUT)
		return -1;
	log_say(x->log, LOG_LEVEL_INFO, "%s", f->text);
	return index_fill(x, false, f);
}

void
index_close_store(struct indexer *x, const struct fail *why)
{
	struct fail f;

	store_close(x->store);
	x->store = NULL;
	x->ready = false;
	if (why && store_discard(x->store_dir, &f) != 0)
		index_say_once(x, f.text);
}
