/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "export.h"
#include "export_file.h"
#include "export_index.h"
#include "export_pending.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"
#include "store.h"
#include "store_due.h"
#include "strs.h"

struct writer {
	struct export_file file;
	bool filled;
	int rc;
	struct fail *f;
};

static int
put_run(void *context, const struct store_run *run)
{
	struct writer *w = context;
	struct buf *out = &w->file.text;

	export_list_next(out, &w->filled);
	buf_add(out, run->entry);
	buf_add(out, "}");
	w->rc = export_file_more(&w->file, w->f);
	return w->rc;
}

static int
write_list(const struct export_index *x, const struct export_pending *pending,
	const struct export_query *q, struct fail *f)
{
	struct store_query in = { .suite = q->suite, .ppa = q->ppa,
	    .since_s = q->since_s };
	char *target = mem_printf("britney/%s%s%s/debci.json", q->suite,
	    q->ppa[0] ? "/ppa/" : "", q->ppa);
	struct writer w = { .f = f };
	int rc = export_file_begin(&w.file, x->place, "debci.json", f);

	if (rc == 0) {
		export_list_begin(&w.file.text, q->since_s);
		export_pending_put(pending, q, &w.file.text, &w.filled);
		rc = store_each(x->store, &in, put_run, &w, f);
	}
	if (rc == 0)
		rc = w.rc;
	if (rc == 0) {
		export_list_end(&w.file.text);
		rc = export_file_end(&w.file, target, f);
	} else {
		export_file_give_up(&w.file);
	}
	free(target);
	return rc;
}

static int
list(const struct spool *s, const char *path, struct strs *names,
	struct fail *f)
{
	return fs_list(s->results, path, SIZE_MAX, names, f) == 0 ||
	    f->err == ENOENT ? 0 : -1;
}

int
export_index_suites(const struct export_index *x,
	const struct export_pending *pending, struct strs *suites,
	struct fail *f)
{
	struct strs found = { 0 };
	int rc = store_suites(x->store, &found, f);

	if (rc == 0)
		rc = list(x->spool, "britney", &found, f);
	export_pending_suites(pending, &found);
	for (size_t i = 0; rc == 0 && i < found.n; i++)
		if (!strs_has(suites, found.v[i]) &&
		    name_suite_ok(found.v[i]) &&
		    strncmp(found.v[i], "autopkgtest.db", 14) != 0)
			strs_add(suites, found.v[i]);
	strs_free(&found);
	return rc;
}

/* Those that have a file: it may have to become empty. */
static int
add_written(const struct spool *s, const char *suite, struct strs *ppas,
	struct fail *f)
{
	char *path = mem_printf("britney/%s/ppa", suite);
	struct strs owners = { 0 };
	int rc = list(s, path, &owners, f);

	for (size_t i = 0; rc == 0 && i < owners.n; i++) {
		char *below = mem_printf("%s/%s", path, owners.v[i]);
		struct strs names = { 0 };

		rc = list(s, below, &names, f);
		for (size_t k = 0; k < names.n; k++) {
			char *ppa = mem_printf("%s/%s", owners.v[i],
			    names.v[k]);

			if (!strs_has(ppas, ppa))
				strs_add(ppas, ppa);
			free(ppa);
		}
		strs_free(&names);
		free(below);
	}
	strs_free(&owners);
	free(path);
	return rc;
}

int
export_index_debci(const struct export_index *x,
	const struct export_pending *pending, const char *suite,
	struct fail *f)
{
	struct export_query q = { .suite = suite, .ppa = "",
	    .since_s = clock_now_s() - x->conf->britney_window_s };
	struct strs ppas = { 0 };
	int rc = store_ppas(x->store, suite, &ppas, f);

	export_pending_ppas(pending, suite, &ppas);
	if (rc == 0)
		rc = add_written(x->spool, suite, &ppas, f);
	if (rc == 0)
		rc = write_list(x, pending, &q, f);
	for (size_t i = 0; rc == 0 && i < ppas.n; i++) {
		q.ppa = ppas.v[i];
		rc = write_list(x, pending, &q, f);
	}
	strs_free(&ppas);
	return rc == 0 ? store_due_suite_done(x->store, suite, f) : -1;
}
