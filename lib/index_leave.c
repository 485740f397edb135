/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RESULTS/.index/leaving/<yyyymmdd>T<hhmm>/: notices of runs that are in no
 * index any more, or will not be after the next export, by the minute after
 * which they may be removed.  A run loses its name by one rename, to
 * .index/gone.<id>, and is removed there; before, its link by version goes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "index_inside.h"
#include "mem.h"
#include "result.h"
#include "tree.h"
#include "version.h"

#define LEAVING ".index/leaving"

enum { AT_ONCE_MOST = 256, MINUTE_S = 60 };

int
index_leave(struct indexer *x, const struct notice *n, struct fail *f)
{
	int64_t due_s = clock_now_s() + x->conf->expire_grace_s;
	char bucket[CLOCK_TEXT_MAX], name[NOTICE_NAME_MAX], *from, *to;
	const struct spool *s = x->spool;
	int rc;

	if (x->conf->expire_grace_s)
		due_s += MINUTE_S - 1;
	clock_format(bucket, LEAVING "/%Y%m%dT%H%M", due_s);
	notice_format(name, n);
	from = mem_printf(".index/notices/%s", name);
	to = mem_printf("%s/%s", bucket, name);
	x->left_ms = clock_boot_ms();
	rc = fs_mkdirs(s->results, bucket, f);
	/* ENOENT: it is there already, and the reply was lost. */
	if (rc == 0 && fs_rename(s->results, from, s->results, to) != 0 &&
	    errno != ENOENT)
		rc = fail_errno(f, "%s/%s", s->results_path, to);
	free(from);
	free(to);
	return rc;
}

static int
list_buckets(struct indexer *x, const char *last, struct strs *buckets,
	struct fail *f)
{
	struct strs all = { 0 };
	int rc = fs_list(x->spool->results, LEAVING, SIZE_MAX, &all, f);

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	for (size_t i = 0; rc == 0 && i < all.n; i++) {
		int64_t s;

		if (strlen(all.v[i]) == 13 && clock_parse(all.v[i], &s) == 0 &&
		    (!last || strcmp(all.v[i], last) <= 0))
			strs_addf(buckets, LEAVING "/%s", all.v[i]);
	}
	strs_free(&all);
	return rc;
}

struct leaving {
	int (*each)(void *context, const struct notice *n);
	void *context;
};

static int
pass_on(void *context, const char *name, unsigned char type)
{
	struct leaving *l = context;
	struct notice n;

	(void)type;
	return notice_parse(&n, name) == 0 ? l->each(l->context, &n) : 0;
}

int
index_leaving(struct indexer *x,
	int (*each)(void *context, const struct notice *n), void *context,
	struct fail *f)
{
	struct leaving l = { each, context };
	struct strs buckets = { 0 };
	int rc = list_buckets(x, NULL, &buckets, f);

	for (size_t i = 0; rc == 0 && i < buckets.n; i++)
		rc = fs_each(x->spool->results, buckets.v[i], pass_on, &l, f);
	strs_free(&buckets);
	return rc;
}

/* It goes first, so that none leads nowhere. */
static int
remove_link(struct indexer *x, const struct notice *n, struct fail *f)
{
	struct result r = { 0 };
	int rc = 0;

	if (tree_result(x->spool, n->suite, n->arch, n->source, n->run_id, &r,
	    f) == 0)
		rc = version_unlink(x->spool, n, r.version, f);
	result_free(&r);
	return rc;
}

static int
remove_run(struct indexer *x, const struct notice *n, struct fail *f)
{
	char path[NOTICE_PATH_MAX], id[TOKEN_ID_MAX], *gone;
	int at = x->spool->results, rc = 0;

	if (remove_link(x, n, f) != 0)
		return -1;
	notice_path(path, n);
	token_draw_id(id);
	gone = mem_printf(".index/gone.%s", id);
	if (fs_rename(at, path, at, gone) != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s/%s", x->spool->results_path, path);
	else
		rc = fs_remove_tree(at, gone, f);
	free(gone);
	return rc;
}

/* What was published again meanwhile, as it seems, has to leave once more. */
static int
remove_one(struct indexer *x, const struct notice *n, struct fail *f)
{
	int has = index_has(x, n, f);

	if (has < 0)
		return -1;
	return has ? notice_drop(x->spool, NOTICE_GONE, n->suite, n->arch,
	    n->source, n->run_id, f) : remove_run(x, n, f);
}

/* 1 where it was removed, 0 where it is no notice, or -1. */
static int
remove_name(struct indexer *x, const char *bucket, const char *name,
	struct fail *f)
{
	char *path;
	struct notice n;
	int rc;

	if (notice_parse(&n, name) != 0)
		return 0;
	rc = remove_one(x, &n, f);
	path = mem_printf("%s/%s", bucket, name);
	if (rc == 0 && fs_unlink(x->spool->results, path) != 0 &&
	    errno != ENOENT)
		rc = fail_errno(f, "%s/%s", x->spool->results_path, path);
	free(path);
	return rc == 0 ? 1 : -1;
}

/*
 * Looked at after it was listed: what a holder of the role lists has left the
 * indexes by its own exports, or before them.
 */
static int
is_holder(struct indexer *x, struct fail *f)
{
	index_role_check(x);
	return index_may_write(x, f);
}

/* Removes some of them: 1 where there may be more, 0, or -1. */
static int
remove_some(struct indexer *x, const char *bucket, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(x->spool->results, bucket, AT_ONCE_MOST, &names, f);
	bool some = false;

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	if (rc == 0)
		rc = is_holder(x, f);
	for (size_t i = 0; rc >= 0 && i < names.n && index_go_on(x); i++) {
		rc = remove_name(x, bucket, names.v[i], f);
		some |= rc == 1;
	}
	strs_free(&names);
	return rc < 0 ? -1 : some && index_go_on(x);
}

static int
remove_bucket(struct indexer *x, const char *bucket, struct fail *f)
{
	int rc;

	do
		rc = remove_some(x, bucket, f);
	while (rc == 1);
	if (rc == 0)
		(void)fs_rmdir(x->spool->results, bucket);
	return rc;
}

int
index_remove(struct indexer *x, struct fail *f)
{
	char now[CLOCK_TEXT_MAX];
	int rc = 0;

	if (!x->leaving.n) {
		clock_format(now, "%Y%m%dT%H%M", clock_now_s());
		if (list_buckets(x, now, &x->leaving, f) != 0)
			return -1;
		x->leaving_ms = clock_boot_ms();
	}
	/* What a due bucket got meanwhile may still be in outputs. */
	if (!x->leaving.n || index_exported_ms(x) < x->leaving_ms ||
	    index_exported_ms(x) <= x->left_ms)
		return 0;
	for (size_t i = 0; rc == 0 && i < x->leaving.n; i++)
		rc = remove_bucket(x, x->leaving.v[i], f);
	strs_free(&x->leaving);
	return rc;
}
