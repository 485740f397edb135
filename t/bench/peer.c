/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: PEER PORT submit SECONDS          PEER PORT bulk N
 *        PEER PORT claim N
 *        PEER PORT cycle SECONDS PROCESSES NOOP DIR
 *
 * Each leaves the queue empty.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "bench.h"
#include "peer.h"

static void
empty(struct peer *p, size_t n)
{
	while (n--)
		peer_commit(p, peer_claim(p));
}

static void
submit(struct peer *p, double seconds)
{
	int64_t start = bench_now_ns();
	size_t n = 0;

	do {
		peer_put(p);
		n++;
	} while (bench_seconds_since(start) < seconds);
	bench_say("rate", (double)n / bench_seconds_since(start));
	empty(p, n);
}

static void
bulk(struct peer *p, size_t n)
{
	int64_t start = bench_now_ns();

	peer_put_many(p, n);
	bench_say("rate", (double)n / bench_seconds_since(start));
	empty(p, n);
}

static void
claim(struct peer *p, size_t n)
{
	uint64_t *claims = calloc(n, sizeof *claims);
	int64_t start;

	if (!claims)
		bench_die("calloc");
	peer_put_many(p, n);
	start = bench_now_ns();
	for (size_t i = 0; i < n; i++)
		claims[i] = peer_claim(p);
	bench_say("rate", (double)n / bench_seconds_since(start));
	for (size_t i = 0; i < n; i++)
		peer_commit(p, claims[i]);
	free(claims);
}

static void *
enter(const struct bench_cycle *c)
{
	const uint16_t *port = c->context;

	return peer_enter(*port);
}

static void
cycle_one(const struct bench_cycle *c, void *entered, const char *output,
	size_t i)
{
	struct peer *p = entered;
	uint64_t claimed;

	(void)i;
	peer_put(p);
	claimed = peer_claim(p);
	bench_noop(c->noop, output);
	peer_commit(p, claimed);
}

int
main(int argc, char **argv)
{
	uint16_t port = argc > 3 ? (uint16_t)bench_number(argv[1]) : 0;
	const char *what = argc > 3 ? argv[2] : "";

	if (strcmp(what, "submit") == 0)
		submit(peer_enter(port), atof(argv[3]));
	else if (strcmp(what, "bulk") == 0)
		bulk(peer_enter(port), bench_number(argv[3]));
	else if (strcmp(what, "claim") == 0)
		claim(peer_enter(port), bench_number(argv[3]));
	else if (strcmp(what, "cycle") == 0 && argc > 6)
		bench_cycles(&(struct bench_cycle){ &port, atof(argv[3]),
		    argv[5], argv[6], enter, cycle_one },
		    bench_number(argv[4]));
	else
		return EX_USAGE;
	return 0;
}
