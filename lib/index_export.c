/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outputs, each at a rate that its cost bounds: what took long is not made
 * again before several times as long.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "export_index.h"
#include "export_pending.h"
#include "fail.h"
#include "fs.h"
#include "index_inside.h"
#include "mem.h"
#include "store.h"
#include "store_due.h"
#include "tree.h"

enum {
	DEBCI_LEAST_MS = 1000, DEBCI_TIMES = 4,
	UBUNTU_LEAST_MS = 10000, UBUNTU_TIMES = 10,
	DATA_LEAST_MS = 1000, DATA_TIMES = 4,
	DATA_AT_ONCE = 100,		/* packages between two beats */
	DEBCI_MOST_MS = 3600 * 1000,	/* its window moves */
};

/* Renames a finished file, and syncs the folder that has it now. */
static int
put_in_place(struct indexer *x, const char *name, const char *target,
	struct fail *f)
{
	char *folder;
	int rc;

	if (index_may_write(x, f) != 0 ||
	    role_put(&x->role, name, target, f) != 0) {
		(void)fs_unlink(x->role.out, name);
		return -1;
	}
	folder = mem_dupn(target, (size_t)(strrchr(target, '/') - target));
	rc = fs_sync_dir(x->spool->results, folder) == 0 ? 0 :
	    fail_errno(f, "%s/%s", x->spool->results_path, folder);
	free(folder);
	return rc;
}

static int
put(void *of, const char *target, const void *p, size_t n, struct fail *f)
{
	struct indexer *x = of;
	char name[32];

	(void)snprintf(name, sizeof name, "put.%u", x->n_put++);
	if (fs_write_new(x->role.out, name, p, n, f) == 0)
		return put_in_place(x, name, target, f);
	(void)fail_prefix(f, "%s/.index/out", x->spool->results_path);
	return -1;
}

static int
put_file(void *of, const char *name, const char *target, struct fail *f)
{
	return put_in_place(of, name, target, f);
}

static void
add_suite(struct indexer *x, const char *suite)
{
	if (!strs_has(&x->suites, suite))
		strs_add(&x->suites, suite);
}

/* Those that have runs, or a file, and those of what was asked for. */
static int
all_suites(struct indexer *x, struct fail *f)
{
	const struct export_index e = { x->conf, x->spool, x->store,
	    &x->place };
	struct strs all = { 0 };
	int rc = export_index_suites(&e, x->pending, &all, f);

	if (rc == 0)
		rc = store_due_suites(x->store, &all, f);
	if (rc == 0)
		rc = tree_suites(x->spool, &all, f);
	for (size_t i = 0; rc == 0 && i < all.n; i++)
		add_suite(x, all.v[i]);
	add_suite(x, x->conf->suite);
	if (rc == 0)
		x->all_suites_ms = clock_boot_ms();
	strs_free(&all);
	return rc;
}

int
index_export_begin(struct indexer *x, struct fail *f)
{
	struct index_output begin = { .due = true };

	x->place = (struct export_place){ x, put, put_file, x->role.out };
	x->debci = x->ubuntu = x->data = begin;
	strs_free(&x->suites);
	return index_look_at_queues(x, f) == 0 ? all_suites(x, f) : -1;
}

/* Only the suites in which something waits that did not, or the reverse. */
int
index_look_at_queues(struct indexer *x, struct fail *f)
{
	struct strs changed = { 0 };
	int rc = export_pending_refresh(x->pending, x->conf, x->spool,
	    &changed, f);

	for (size_t i = 0; rc == 0 && i < changed.n; i++)
		add_suite(x, changed.v[i]);
	if (rc == 0 && clock_boot_ms() - x->all_suites_ms >= DEBCI_MOST_MS)
		rc = all_suites(x, f);
	x->debci.due |= x->suites.n > 0;
	strs_free(&changed);
	return rc;
}

static int
export_debci_all(struct indexer *x, struct fail *f)
{
	const struct export_index e = { x->conf, x->spool, x->store,
	    &x->place };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < x->suites.n; i++)
		rc = export_index_debci(&e, x->pending, x->suites.v[i], f);
	if (rc == 0)
		strs_free(&x->suites);
	return rc;
}

static int
export_ubuntu(struct indexer *x, struct fail *f)
{
	const struct export_index e = { x->conf, x->spool, x->store,
	    &x->place };

	return export_index_ubuntu(&e, f);
}

static int
export_data(struct indexer *x, struct fail *f)
{
	const struct export_index e = { x->conf, x->spool, x->store,
	    &x->place };
	size_t left = 1;
	int rc = 0;

	while (rc == 0 && left && index_go_on(x))
		rc = export_index_data(&e, DATA_AT_ONCE, &left, f);
	return rc == 0 && left ? fail_set(f, EX_TEMPFAIL, "stopped") : rc;
}

struct kind {
	int (*write)(struct indexer *x, struct fail *f);
	int64_t least_ms, times;
};

static int
export_one(struct indexer *x, struct index_output *o, const struct kind *k,
	bool limited, struct fail *f)
{
	int64_t now_ms = clock_boot_ms(), cost_ms;

	if (!o->due || (limited && now_ms < o->next_ms) || !index_go_on(x))
		return 0;
	if (k->write(x, f) != 0)
		return -1;
	o->due = false;
	o->began_ms = now_ms;
	cost_ms = k->times * (clock_boot_ms() - now_ms);
	o->next_ms = clock_boot_ms() + (cost_ms > k->least_ms ? cost_ms :
	    k->least_ms);
	return 0;
}

int
index_export(struct indexer *x, bool limited, struct fail *f)
{
	static const struct kind debci = { export_debci_all, DEBCI_LEAST_MS,
	    DEBCI_TIMES };
	static const struct kind ubuntu = { export_ubuntu, UBUNTU_LEAST_MS,
	    UBUNTU_TIMES };
	static const struct kind data = { export_data, DATA_LEAST_MS,
	    DATA_TIMES };

	/* What was published and not yet taken in is in neither. */
	if ((!x->more && export_one(x, &x->debci, &debci, limited, f) != 0) ||
	    export_one(x, &x->ubuntu, &ubuntu, limited, f) != 0)
		return -1;
	return export_one(x, &x->data, &data, limited, f);
}

static int64_t
sooner(const struct index_output *o, int64_t at_ms)
{
	return o->due && o->next_ms < at_ms ? o->next_ms : at_ms;
}

int64_t
index_export_at_ms(const struct indexer *x)
{
	return sooner(&x->debci, sooner(&x->ubuntu, sooner(&x->data,
	    INT64_MAX)));
}

static int64_t
older(const struct index_output *o, int64_t than_ms)
{
	return o->due && o->began_ms < than_ms ? o->began_ms : than_ms;
}

int64_t
index_exported_ms(const struct indexer *x)
{
	return older(&x->debci, older(&x->ubuntu, older(&x->data,
	    clock_boot_ms())));
}
