/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: claims fill SPOOL N
 *        claims wide SPOOL N
 *        claims one SPOOL N
 *        claims herd SPOOL N PROCESSES
 *        claims some SPOOL N
 *
 * The product's claimer, in a loop, on the queue amd64 of SPOOL.  fill makes N
 * requests wait in one bucket; wide, in buckets of 1,000, as import does.  one:
 * they are claimed by one claimer; herd: half of them by many at once.  some:
 * what a claimer that has just started pays for the first of N claims, and for
 * one of the others, the median and the processor's time for all of them; and
 * the processor's time for the same renames alone.  What it took goes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "bucket.h"
#include "claim.h"
#include "count.h"
#include "fail.h"
#include "mem.h"
#include "spool.h"

static const char worker[] = "bench";

static void
die(const struct fail *f)
{
	(void)fprintf(stderr, "bench: %s\n", f->text);
	exit(EX_SOFTWARE);
}

static void
open_queue(struct spool *s, struct queue *q, const char *path)
{
	char *results = mem_printf("%s/results", path);
	struct fail f;

	if (spool_open(s, path, results, &f) != 0 ||
	    queue_open(q, s, "amd64", &f) != 0)
		die(&f);
	free(results);
}

static int
open_bucket(const struct queue *q)
{
	char bucket[BUCKET_NAME_MAX];

	bucket_format(bucket, TOKEN_PRIORITY_DEFAULT, 1600000000);
	return bench_dir(q->fresh, bucket);
}

static void
fill(const struct queue *q, size_t n)
{
	int dir = open_bucket(q);

	bench_fill(dir, n);
	(void)close(dir);
}

static void
fill_wide(const struct queue *q, size_t n)
{
	enum { EACH = 1000 };
	char name[2 * BUCKET_NAME_MAX], bucket[BUCKET_NAME_MAX];

	bucket_format(bucket, TOKEN_PRIORITY_DEFAULT, 1600000000);
	for (size_t i = 0; i < n / EACH; i++) {
		int dir;

		(void)snprintf(name, sizeof name, "%s.%05zu", bucket, i);
		dir = bench_dir(q->fresh, name);
		bench_fill(dir, EACH);
		(void)close(dir);
	}
}

static void
claim(struct claimer *c, struct claim *won)
{
	struct fail f = { .text = "nothing is left to be claimed" };

	if (claim_next(c, won, &f) != CLAIM_WON)
		die(&f);
}

static void
one(const struct queue *q, size_t n)
{
	struct claimer c;
	struct claim won;
	int64_t start = bench_now_ns();
	double cpu_us = bench_cpu_us();

	claim_init(&c, q, worker);
	for (size_t i = 0; i < n; i++)
		claim(&c, &won);
	bench_say("rate", (double)n / bench_seconds_since(start));
	bench_say("cpu_us", (bench_cpu_us() - cpu_us) / (double)n);
	claim_free(&c);
}

struct herd {
	const char *path;
	size_t each;
	unsigned pause_us;
	struct count *counts;	/* of each */
	size_t *nones;		/* times that a claimer gave up */
};

/* Each process has a spool, and a name, of its own, as a worker has. */
static void
claim_share(void *context, size_t i)
{
	struct herd *h = context;
	char name[32];
	struct spool s;
	struct queue q;
	struct claimer c;
	struct claim won;
	struct fail f;

	(void)snprintf(name, sizeof name, "%s%zu", worker, i);
	open_queue(&s, &q, h->path);
	count_in(&h->counts[i]);
	claim_init(&c, &q, name);
	for (size_t n = 0; n < h->each; )
		switch (claim_next(&c, &won, &f)) {
		case CLAIM_WON:
			n++;
			if (h->pause_us)
				(void)usleep((unsigned)random() %
				    (2 * h->pause_us));
			break;
		case CLAIM_NONE:	/* the others were always faster */
			h->nones[i]++;
			break;
		case CLAIM_FAILED:
			die(&f);
		}
	claim_free(&c);
}

static void
herd(const char *path, size_t n, size_t processes, unsigned pause_us)
{
	struct herd h = { path, n / 2 / processes, pause_us,
	    bench_shared(processes * sizeof *h.counts),
	    bench_shared(processes * sizeof *h.nones) };
	double claims = (double)(h.each * processes);
	struct count all = { 0 };
	size_t nones = 0;
	int64_t start = bench_now_ns();

	for (size_t i = 0; i < processes; i++)
		(void)bench_fork(claim_share, &h, i);
	bench_wait_all(processes);
	bench_say("rate", claims / bench_seconds_since(start));
	for (size_t i = 0; i < processes; i++) {
		all.renames += h.counts[i].renames;
		all.entries += h.counts[i].entries;
		nones += h.nones[i];
	}
	bench_say("renames", (double)all.renames / claims);
	bench_say("entries", (double)all.entries / claims);
	bench_say("given_up", (double)nones / claims);
}

struct taken {
	const struct queue *q;
	int bucket;
	struct claim *won;
	size_t n;
};

static void
put_back(const struct taken *x)
{
	char name[TOKEN_NAME_MAX];

	for (size_t i = 0; i < x->n; i++) {
		struct token t = x->won[i].token;

		t.worker[0] = '\0';
		token_format(name, &t);
		if (renameat(x->q->cur, x->won[i].name, x->bucket, name) != 0)
			bench_die(x->won[i].name);
	}
}

/* The same claims, of names that are known. */
static void
take_again(const struct taken *x)
{
	char (*names)[TOKEN_NAME_MAX] = mem_alloc(x->n * sizeof *names);
	double cpu_us;

	for (size_t i = 0; i < x->n; i++) {
		struct token t = x->won[i].token;

		t.worker[0] = '\0';
		token_format(names[i], &t);
	}
	cpu_us = bench_cpu_us();
	for (size_t i = 0; i < x->n; i++)
		if (renameat(x->bucket, names[i], x->q->cur,
		    x->won[i].name) != 0)
			bench_die(names[i]);
	bench_say("bare_us", (bench_cpu_us() - cpu_us) / (double)x->n);
	free(names);
}

static void
some(const char *path, size_t n)
{
	struct claim *won = mem_alloc(n * sizeof *won);
	struct spool s;
	struct queue q;
	struct taken x = { &q, -1, won, n };
	struct claimer c;
	int64_t start = bench_now_ns();
	double *us = mem_alloc(n * sizeof *us), cpu_us;

	open_queue(&s, &q, path);
	claim_init(&c, &q, worker);
	claim(&c, &won[0]);
	bench_say("first_ms", bench_seconds_since(start) * 1e3);
	cpu_us = bench_cpu_us();
	for (size_t i = 1; i < n; i++) {
		start = bench_now_ns();
		claim(&c, &won[i]);
		us[i] = bench_seconds_since(start) * 1e6;
	}
	bench_say("cpu_us", (bench_cpu_us() - cpu_us) / (double)(n - 1));
	bench_sort(us + 1, n - 1);
	bench_say("claim_us", us[n / 2]);
	free(us);
	x.bucket = open_bucket(&q);
	put_back(&x);
	take_again(&x);
	put_back(&x);
	(void)close(x.bucket);
	claim_free(&c);
	queue_close(&q);
	spool_close(&s);
	free(won);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	size_t n = argc > 3 ? bench_number(argv[3]) : 0;
	struct spool s;
	struct queue q;

	if (argc <= 3)
		return EX_USAGE;
	open_queue(&s, &q, argv[2]);
	if (strcmp(what, "fill") == 0)
		fill(&q, n);
	else if (strcmp(what, "wide") == 0)
		fill_wide(&q, n);
	else if (strcmp(what, "one") == 0)
		one(&q, n);
	else if (strcmp(what, "herd") == 0 && argc > 4)
		herd(argv[2], n, bench_number(argv[4]),
		    argc > 5 ? (unsigned)bench_number(argv[5]) : 0);
	else if (strcmp(what, "some") == 0)
		some(argv[2], n);
	else
		return EX_USAGE;
	queue_close(&q);
	spool_close(&s);
	return 0;
}
