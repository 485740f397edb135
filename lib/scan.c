/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "bucket.h"
#include "fail.h"
#include "fs.h"
#include "scan.h"
#include "spool.h"
#include "strs.h"

struct walk {
	struct strs buckets;
	struct scan_entry entry;
	int (*each)(void *context, const struct scan_entry *e);
	void *context;
	bool stopped;
};

static int
visit(struct walk *w, const char *name)
{
	w->entry.name = name;
	w->entry.is_token = w->entry.bucket[0] &&
	    token_parse(&w->entry.token, name) == 0;
	w->stopped = w->each(w->context, &w->entry) != 0;
	return w->stopped;
}

static int
in_new(void *context, const char *name, unsigned char type)
{
	struct walk *w = context;
	int64_t due_s;

	if (type == DT_DIR) {
		if (bucket_parse(name, &due_s) == 0)
			strs_add(&w->buckets, name);
		return 0;
	}
	return name_is_dropping(name) ? 0 : visit(w, name);
}

static int
in_bucket(void *context, const char *name, unsigned char type)
{
	if (type == DT_DIR || name_is_dropping(name))
		return 0;
	return visit(context, name);
}

int
scan_waiting(const struct queue *q,
	int (*each)(void *context, const struct scan_entry *e),
	void *context, struct fail *f)
{
	struct walk w = { .each = each, .context = context };
	int rc;

	w.entry.bucket = "";
	rc = fs_each(q->fresh, ".", in_new, &w, f);
	strs_sort(&w.buckets);
	for (size_t i = 0; rc == 0 && !w.stopped && i < w.buckets.n; i++) {
		w.entry.bucket = w.buckets.v[i];
		(void)bucket_parse(w.entry.bucket, &w.entry.due_s);
		rc = fs_each(q->fresh, w.entry.bucket, in_bucket, &w, f);
		if (rc != 0 && f->err == ENOENT)
			rc = 0;		/* emptied and removed meanwhile */
	}
	strs_free(&w.buckets);
	return rc;
}

static int
keep_token(void *context, const char *name, unsigned char type)
{
	struct token t;

	(void)type;
	if (token_parse(&t, name) == 0 && t.worker[0])
		strs_add(context, name);
	return 0;
}

int
scan_claimed(const struct queue *q, struct strs *names, struct fail *f)
{
	return fs_each(q->cur, ".", keep_token, names, f);
}

static int
keep_day(void *context, const char *name, unsigned char type)
{
	(void)type;
	if (strlen(name) == 8 && strspn(name, "0123456789") == 8)
		strs_add(context, name);
	return 0;
}

int
scan_days(const struct queue *q, struct strs *days, struct fail *f)
{
	int rc = fs_each(q->done, ".", keep_day, days, f);

	strs_sort(days);
	return rc;
}

struct wanted {
	const char *name;
	bool seen;
};

static int
is_name(void *context, const char *name, unsigned char type)
{
	struct wanted *w = context;

	(void)type;
	w->seen = strcmp(name, w->name) == 0;
	return w->seen;
}

int
scan_lists(int at, const char *path, const char *name, struct fail *f)
{
	struct wanted w = { name, false };

	if (fs_each(at, path, is_name, &w, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	return w.seen;
}

static int
has_id(void *context, const struct scan_entry *e)
{
	struct wanted *w = context;

	w->seen = e->is_token && strcmp(e->token.id, w->name) == 0;
	return w->seen;
}

/*
 * A token moves from new/ to cur/ and perhaps back: looking at new/ first
 * catches the way forward, and the way back is as rare as a lost worker.
 */
int
scan_is_pending(const struct queue *q, const char *id, struct fail *f)
{
	struct wanted w = { id, false };
	struct strs claimed = { 0 };
	int rc = scan_waiting(q, has_id, &w, f);

	if (rc == 0 && !w.seen)
		rc = scan_claimed(q, &claimed, f);
	for (size_t i = 0; i < claimed.n && !w.seen; i++) {
		struct token t;

		w.seen = token_parse(&t, claimed.v[i]) == 0 &&
		    strcmp(t.id, id) == 0;
	}
	strs_free(&claimed);
	return rc == 0 ? w.seen : -1;
}
