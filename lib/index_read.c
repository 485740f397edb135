/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fs.h"
#include "index_read.h"
#include "mem.h"
#include "result.h"
#include "store.h"
#include "tree.h"

enum index_seen
index_read(struct indexer *x, const struct notice *n, struct result *r)
{
	struct fail f;

	if (tree_result(x->spool, n->suite, n->arch, n->source, n->run_id, r,
	    &f) == 0) {
		if (strcmp(r->suite, n->suite) == 0 &&
		    strcmp(r->arch, n->arch) == 0 &&
		    strcmp(r->package, n->source) == 0)
			return INDEX_SEEN;
		(void)fail_set(&f, EX_DATAERR, "%s/%s/%s/%s: is of %s in %s "
		    "on %s", n->suite, n->arch, n->source, n->run_id,
		    r->package, r->suite, r->arch);
	}
	index_say_once(x, f.text);
	return f.status == EX_DATAERR ? INDEX_BAD : INDEX_UNSEEN;
}

bool
index_is_gone(struct indexer *x, const struct notice *n)
{
	char path[NOTICE_PATH_MAX], *slash;
	uint64_t inode;
	struct fail f;

	notice_path(path, n);
	slash = strrchr(path, '/');
	*slash = '\0';
	return fs_find(x->spool->results, path, slash + 1, &inode, &f) == 0;
}

int
index_touch(struct indexer *x, const struct notice *n, struct fail *f)
{
	struct result r = { .package = mem_dup(n->source),
	    .suite = mem_dup(n->suite), .arch = mem_dup(n->arch),
	    .status = mem_dup("tmpfail") };
	int rc = store_put(x->store, &r, n->run_id, f);

	if (rc == 0)
		rc = store_remove(x->store, n->suite, n->arch, n->source,
		    n->run_id, f);
	result_free(&r);
	return rc;
}

void
index_name(struct notice *n, const char *suite, const char *arch,
	const char *source, const char *run_id)
{
	(void)snprintf(n->suite, sizeof n->suite, "%s", suite);
	(void)snprintf(n->arch, sizeof n->arch, "%s", arch);
	(void)snprintf(n->source, sizeof n->source, "%s", source);
	(void)snprintf(n->run_id, sizeof n->run_id, "%s", run_id);
}

int
index_note_unseen(struct indexer *x, struct strs *unseen,
	const struct notice *n, struct fail *f)
{
	char name[NOTICE_NAME_MAX];

	if (unseen->n >= INDEX_STUCK_MOST)
		return fail_set(f, EX_NOINPUT, "%s/autopkgtest: more than %d "
		    "runs cannot be read", x->spool->results_path,
		    INDEX_STUCK_MOST);
	notice_format(name, n);
	strs_add(unseen, name);
	return 0;
}

void
index_forget_unseen(struct strs *unseen, const struct notice *n)
{
	struct notice is = *n;
	char name[NOTICE_NAME_MAX];

	is.kind = NOTICE_NEW;
	notice_format(name, &is);
	for (size_t i = 0; i < unseen->n; i++)
		if (strcmp(unseen->v[i], name) == 0) {
			free(unseen->v[i]);
			unseen->v[i] = unseen->v[--unseen->n];
			unseen->v[unseen->n] = NULL;
			return;
		}
}

int
index_drop_unseen(struct indexer *x, const struct strs *unseen,
	struct fail *f)
{
	struct notice n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < unseen->n; i++)
		if (notice_parse(&n, unseen->v[i]) == 0)
			rc = notice_drop(x->spool, NOTICE_NEW, n.suite, n.arch,
			    n.source, n.run_id, f);
	return rc;
}
