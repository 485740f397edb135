/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bucket.h"
#include "crew.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "scan.h"
#include "spool.h"
#include "strs.h"

/* Of a disk, and of a server, which answers several as fast as one. */
enum { AT_ONCE = 8 };

struct count {
	const struct queue *q;
	struct strs names;		/* of the buckets */
	struct scan_bucket *buckets;	/* the first is new/ itself */
	atomic_flag failed;
	struct fail *f;			/* of the first that failed */
};

static int
in_new(void *context, const char *name, unsigned char type)
{
	struct count *c = context;
	int64_t due_s;

	if (type != DT_DIR)
		c->buckets[0].n += !name_is_dropping(name);
	else if (bucket_parse(name, &due_s) == 0)
		strs_add(&c->names, name);
	return 0;
}

static int
in_bucket(void *context, const char *name, unsigned char type)
{
	struct scan_bucket *b = context;

	b->n += type != DT_DIR && !name_is_dropping(name);
	return 0;
}

static void
count_bucket(void *context, size_t i)
{
	struct count *c = context;
	struct scan_bucket *b = &c->buckets[i + 1];
	struct fail f;

	(void)bucket_parse(c->names.v[i], &b->due_s);
	/* ENOENT: emptied and removed meanwhile. */
	if (fs_each(c->q->fresh, c->names.v[i], in_bucket, b, &f) != 0 &&
	    f.err != ENOENT && !atomic_flag_test_and_set(&c->failed))
		*c->f = f;
}

int
scan_count(const struct queue *q, struct scan_bucket **buckets, size_t *n,
	struct fail *f)
{
	struct count c = { .q = q, .buckets = mem_alloc(sizeof *c.buckets),
	    .failed = ATOMIC_FLAG_INIT, .f = f };
	int rc = fs_each(q->fresh, ".", in_new, &c, f);

	*n = c.names.n + 1;
	c.buckets = mem_grow(c.buckets, *n, sizeof *c.buckets);
	for (size_t i = 1; i < *n; i++)
		c.buckets[i] = (struct scan_bucket){ 0 };
	if (rc == 0)
		crew_run(c.names.n, AT_ONCE, count_bucket, &c);
	if (rc == 0 && atomic_flag_test_and_set(&c.failed))
		rc = -1;
	strs_free(&c.names);
	*buckets = c.buckets;
	return rc;
}
