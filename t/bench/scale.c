/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: scale SPOOL REQUESTS
 *
 * A fleet in simulated time: 60 workers with 1,000 slots, and REQUESTS that
 * wait in 8 queues in buckets of 1,000, as imports leave them; SPOOL has these
 * queues, and is on a tmpfs.  Each worker is the product's claimer, on real
 * directories, one claim at a time; the clocks are led here.  A test takes as
 * long as length_ms says.  Twice a minute comes something urgent.
 *
 * Prints a line for each hour: what plot.py reads; and then figures.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "bucket.h"
#include "claim.h"
#include "clock.h"
#include "count.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"

enum {
	QUEUES = 8, HOSTS = 60, SLOTS = 1000, EACH = 1000, QUEUES_OF_HOST = 3,
	HOUR_MS = 3600 * 1000,
	URGENT_EVERY_MS = 30 * 1000,
	IDLE_MS = 60 * 1000,
	CALL_US = 500,		/* a server's answer */
	CALLS_A_LISTING = 3,	/* beside its pages: look up, open, close */
	NAMES_A_PAGE = 300,	/* of 32 KiB */
	URGENT_MOST = 1 << 16,
};

/* Who serves what: 42, 28, 10, 8 and 12 % of the requests and of the hosts. */
static const struct {
	const char *name;
	unsigned percent, first, hosts;	/* which serve it */
} kinds[QUEUES] = {
	{ "amd64", 26, 0, 25 }, { "i386", 12, 0, 25 },
	{ "amd64.huge", 4, 0, 25 }, { "arm64", 18, 25, 17 },
	{ "armhf", 10, 25, 17 }, { "ppc64el", 10, 42, 6 },
	{ "riscv64", 8, 48, 5 }, { "s390x", 12, 53, 7 },
};

struct host {
	char name[16];
	struct claimer claimers[QUEUES_OF_HOST];
	size_t kind[QUEUES_OF_HOST], n, turn;
	unsigned slots, busy;
	int64_t busy_ms;	/* of its slots, together */
	bool comes;		/* a look is planned */
};

enum kind { TEST_ENDS, LOOK, URGENT };

struct event {
	int64_t at_ms;
	enum kind kind;
	unsigned host;
};

static struct {
	struct event v[SLOTS + HOSTS + 1];
	size_t n;
} plan;

static struct host hosts[HOSTS];
static struct queue queues[QUEUES];
static size_t waiting[QUEUES], left;
static struct count counted;
static size_t listings, claims, losses, urgent_n, hours, urgent_drawn;
static double urgent_s[URGENT_MOST];
static int64_t now_us, calls_most;
static struct { size_t claims, losses, calls, entries, urgent; } before;

int64_t __wrap_clock_boot_ms(void);
int64_t __wrap_clock_now_s(void);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);

int64_t
__wrap_clock_boot_ms(void)
{
	return 1000000 + now_us / 1000;
}

int64_t
__wrap_clock_now_s(void)
{
	return 1700000000 + now_us / 1000000;
}

DIR *
__wrap_fdopendir(int fd)
{
	listings++;
	return __real_fdopendir(fd);
}

/* The same numbers each time; below n. */
static uint64_t
draw(uint64_t n)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

/* Most tests are short, and some take hours: in percents and seconds. */
static int64_t
length_ms(void)
{
	static const struct { unsigned below, least_s, most_s; } mix[] = {
		{ 25, 30, 90 }, { 50, 90, 200 }, { 75, 200, 450 },
		{ 90, 450, 1200 }, { 97, 1200, 3600 }, { 100, 3600, 14400 } };
	uint64_t percent = draw(100);
	size_t i = 0;

	while (percent >= mix[i].below)
		i++;
	return 1000 * (int64_t)(mix[i].least_s +
	    draw(mix[i].most_s - mix[i].least_s));
}

/* A heap: the earliest first. */
static void
plan_add(int64_t at_ms, enum kind kind, unsigned host)
{
	size_t i = plan.n++;

	for (; i && plan.v[(i - 1) / 2].at_ms > at_ms; i = (i - 1) / 2)
		plan.v[i] = plan.v[(i - 1) / 2];
	plan.v[i] = (struct event){ at_ms, kind, host };
}

static struct event
plan_next(void)
{
	struct event first = plan.v[0], last = plan.v[--plan.n];
	size_t i = 0;

	for (;;) {
		size_t k = 2 * i + 1;

		if (k + 1 < plan.n && plan.v[k + 1].at_ms < plan.v[k].at_ms)
			k++;
		if (k >= plan.n || plan.v[k].at_ms >= last.at_ms)
			break;
		plan.v[i] = plan.v[k];
		i = k;
	}
	plan.v[i] = last;
	return first;
}

static void
plan_look(unsigned host, int64_t at_ms)
{
	if (!hosts[host].comes)
		plan_add(at_ms, LOOK, host);
	hosts[host].comes = true;
}

static size_t
calls(void)
{
	return counted.renames + CALLS_A_LISTING * listings +
	    (counted.entries + NAMES_A_PAGE - 1) / NAMES_A_PAGE;
}

static void
won(struct host *h, size_t k, const struct claim *c)
{
	int64_t ms = length_ms();

	h->turn = k + 1;
	h->busy++;
	h->busy_ms += ms;
	plan_add(now_us / 1000 + ms, TEST_ENDS, (unsigned)(h - hosts));
	if (fs_unlink(queues[h->kind[k]].cur, c->name) != 0)
		bench_die(c->name);
	claims++;
	if (strncmp(c->token.label, "urgent", 6) == 0) {
		urgent_s[urgent_n++ % URGENT_MOST] = (double)(now_us / 1000 -
		    atoll(c->token.label + 6)) / 1000;
		return;
	}
	waiting[h->kind[k]]--;
	left--;
}

/* As work.c: one claim, of the queue whose turn it is. */
static bool
claim_one(struct host *h)
{
	struct claim c;
	struct fail f = { 0 };

	for (size_t i = 0; i < h->n; i++) {
		size_t k = (h->turn + i) % h->n;
		int64_t lost = h->claimers[k].lost;
		enum claim_outcome o = claim_next(&h->claimers[k], &c, &f);

		losses += (size_t)(h->claimers[k].lost - lost);
		if (o == CLAIM_WON) {
			won(h, k, &c);
			return true;
		}
	}
	return false;
}

static void
look(unsigned host)
{
	struct host *h = &hosts[host];
	size_t n = calls();
	bool found;

	h->comes = false;
	if (h->busy == h->slots)
		return;
	found = claim_one(h);
	plan_look(host, now_us / 1000 + (found ? 1 +
	    (int64_t)(calls() - n) * CALL_US / 1000 : IDLE_MS));
}

static void
drop_urgent(void)
{
	size_t k = draw(QUEUES);
	char bucket[BUCKET_NAME_MAX], *name;
	int dir;

	plan_add(now_us / 1000 + URGENT_EVERY_MS, URGENT, 0);
	if (!waiting[k])
		return;
	bucket_format(bucket, 9, clock_now_s());
	name = mem_printf("urgent%lld,%012zu,p9,e1,a0",
	    (long long)(now_us / 1000), ++urgent_drawn + 10000000);
	dir = bench_dir(queues[k].fresh, bucket);
	if (close(fs_create(dir, name)) != 0)
		bench_die(name);
	(void)close(dir);
	free(name);
}

static void
say_hour(void)
{
	size_t n = urgent_n - before.urgent;
	double *s = &urgent_s[before.urgent % URGENT_MOST];

	bench_sort(s, n);
	(void)printf("hour %zu %zu %zu %zu %zu %.3f %.3f", ++hours,
	    claims - before.claims, losses - before.losses,
	    calls() - before.calls, counted.entries - before.entries,
	    n ? s[n / 2] : 0, n ? s[n * 99 / 100] : 0);
	for (size_t i = 0; i < QUEUES; i++)
		(void)printf(" %zu", waiting[i]);
	(void)printf("\n");
	if ((int64_t)(calls() - before.calls) > calls_most)
		calls_most = (int64_t)(calls() - before.calls);
	before.claims = claims;
	before.losses = losses;
	before.calls = calls();
	before.entries = counted.entries;
	before.urgent = urgent_n;
}

static void
run(void)
{
	int64_t hour_ms = HOUR_MS;

	while (left) {
		struct event e = plan_next();

		for (; e.at_ms >= hour_ms; hour_ms += HOUR_MS)
			say_hour();
		now_us = e.at_ms * 1000;
		switch (e.kind) {
		case TEST_ENDS:
			hosts[e.host].busy--;
			plan_look(e.host, e.at_ms);
			break;
		case LOOK:
			look(e.host);
			break;
		case URGENT:
			drop_urgent();
			break;
		}
	}
	say_hour();
}

static void
fill(size_t k, size_t n)
{
	char bucket[BUCKET_NAME_MAX];

	for (size_t i = 0; i < n / EACH; i++) {
		int dir;

		bucket_format(bucket, TOKEN_PRIORITY_DEFAULT,
		    1600000000 + 60 * (int64_t)i);
		dir = bench_dir(queues[k].fresh, bucket);
		bench_fill(dir, EACH);
		(void)close(dir);
	}
	waiting[k] = n / EACH * EACH;
	left += waiting[k];
}

static void
open_all(const struct spool *s, size_t n)
{
	struct fail f;

	for (size_t k = 0; k < QUEUES; k++) {
		if (queue_open(&queues[k], s, kinds[k].name, &f) != 0)
			bench_die(f.text);
		fill(k, n / 100 * kinds[k].percent);
	}
	for (unsigned i = 0; i < HOSTS; i++) {
		struct host *h = &hosts[i];

		(void)snprintf(h->name, sizeof h->name, "host%u", i);
		h->slots = SLOTS / HOSTS + (i < SLOTS % HOSTS);
		for (size_t k = 0; k < QUEUES; k++)
			if (i - kinds[k].first < kinds[k].hosts) {
				claim_init(&h->claimers[h->n], &queues[k],
				    h->name);
				h->kind[h->n++] = k;
			}
		plan_look(i, 0);
	}
	plan_add(URGENT_EVERY_MS, URGENT, 0);
}

/* How far the slots of the least busy worker are behind the busiest's. */
static double
spread(void)
{
	double least = 1e18, most = 0;

	/* Of those that serve the first queue. */
	for (size_t i = 0; i < kinds[0].hosts; i++) {
		double each = (double)hosts[i].busy_ms / hosts[i].slots;

		least = each < least ? each : least;
		most = each > most ? each : most;
	}
	return (most - least) / most;
}

int
main(int argc, char **argv)
{
	int64_t start = bench_now_ns();
	char *results;
	struct spool s;
	struct fail f;
	double n;

	if (argc != 3)
		return EX_USAGE;
	results = mem_printf("%s/results", argv[1]);
	if (spool_open(&s, argv[1], results, &f) != 0)
		bench_die(f.text);
	open_all(&s, bench_number(argv[2]));
	count_in(&counted);
	listings = 0;
	run();
	n = (double)claims;
	bench_sort(urgent_s, urgent_n < URGENT_MOST ? urgent_n : URGENT_MOST);
	bench_say("claims", n);
	bench_say("days", (double)now_us / 86400e6);
	bench_say("renames_a_claim", (double)counted.renames / n);
	bench_say("lost_a_claim", (double)losses / n);
	bench_say("names_a_claim", (double)counted.entries / n);
	bench_say("calls_a_claim", (double)calls() / n);
	bench_say("calls_a_second", (double)calls() * 1e6 / (double)now_us);
	bench_say("calls_a_second_worst_hour", (double)calls_most / 3600);
	bench_say("urgent", (double)urgent_n);
	bench_say("urgent_p50_s", urgent_s[urgent_n / 2]);
	bench_say("urgent_p99_s", urgent_s[urgent_n * 99 / 100]);
	bench_say("urgent_most_s", urgent_s[urgent_n - 1]);
	bench_say("spread_of_load", spread());
	bench_say("took_s", bench_seconds_since(start));
	free(results);
	return 0;
}
