/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: sim [--seeds N] [--seed FIRST] [--keep-going] [--break=WHAT] [--trace]
 *
 * Runs N worlds, by their seeds, and stops at the first in which the oracle
 * finds something.  --seed alone replays that one, and --trace tells its calls.
 * Without --seed the oracle is tested first, on a product that is broken.
 */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "breaks.h"
#include "calls.h"
#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "log.h"
#include "oracle.h"
#include "sched.h"
#include "world.h"

enum { SEEDS = 100, SELF_TEST_SEEDS = 2000 };

struct options {
	uint64_t first, n;	/* first: 0 where it was not told */
	bool keep_going;
};

static const char base_text[] = "spool: /spool\nsuite: unstable\n"
    "worker: w\nqueues: [amd64, arm64]\nscratch: /scratch\n"
    "isolate: never\n";

static uint64_t seed_now, n_seeds;
static int tests;

/* What the product does to itself. */
static void
on_crash(int number)
{
	(void)fprintf(stderr, "# seed %" PRIu64 ": %s\n", seed_now,
	    sigdescr_np(number));
	_Exit(70);
}

static void
read_base(struct conf *base)
{
	char path[] = "/tmp/adtspool-sim.XXXXXX";
	int fd = mkstemp(path);
	struct fail f = { 0 };

	if (fd < 0 || write(fd, base_text, sizeof base_text - 1) < 0 ||
	    conf_read(base, path, &f) != 0) {
		(void)fprintf(stderr, "sim: %s: %s\n", path, f.text);
		exit(70);
	}
	(void)close(fd);
	(void)unlink(path);
}

static void
report(bool good, const char *what, const char *more)
{
	(void)printf("%s %d - %s%s\n", good ? "ok" : "not ok", ++tests, what,
	    more);
}

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs worlds; true when the oracle found nothing. */
static bool
run(const struct options *x, const struct conf *base, const struct log *log)
{
	bool good = true;

	for (uint64_t i = 0; (good || x->keep_going) && i < x->n; i++) {
		seed_now = (x->first ? x->first : 1) + i;
		n_seeds++;
		if (world_run(seed_now, base, log))
			continue;
		good = false;
		if (!x->keep_going)
			oracle_print();
		(void)printf("# seed %" PRIu64 ": %s\n", seed_now,
		    oracle_found);
	}
	return good;
}

static bool
run_timed(const struct options *x, const struct conf *base,
	const struct log *log)
{
	double began_s = now_s(), took_s;
	bool good;

	calls_steps = 0;
	memset(fault_counts, 0, sizeof fault_counts);
	good = run(x, base, log);
	took_s = now_s() - began_s;
	(void)printf("# %" PRIu64 " seeds, %" PRIu64 " steps, %.1f s, %.0f "
	    "steps a second\n", n_seeds, calls_steps, took_s,
	    (double)calls_steps / took_s);
	for (enum fault f = 0; f < FAULT_KINDS; f++)
		(void)printf("# %12" PRIu64 " %s\n", fault_counts[f],
		    fault_name(f));
	report(good, "nothing is lost, and nothing is there twice", "");
	return good;
}

/* Whether there is a world in which the oracle finds something. */
static bool
is_seen(enum breaks b, const struct conf *base)
{
	bool found = false;

	broken = b;
	for (uint64_t seed = 1; !found && seed <= SELF_TEST_SEEDS; seed++) {
		seed_now = seed;
		found = !world_run(seed, base, NULL);
	}
	broken = BREAKS_NOTHING;
	report(found, "the oracle sees what is broken: ", breaks_name(b));
	if (found)
		(void)printf("# seed %" PRIu64 ": %s\n", seed_now,
		    oracle_found);
	return found;
}

static bool
self_test(const struct conf *base)
{
	bool good = true;

	for (enum breaks b = BREAKS_NOTHING + 1; b < BREAKS_KINDS; b++)
		if (!is_seen(b, base))
			good = false;
	return good;
}

static int
read_break(const char *name)
{
	for (enum breaks b = 0; b < BREAKS_KINDS; b++)
		if (strcmp(breaks_name(b), name) == 0) {
			broken = b;
			return 0;
		}
	(void)fprintf(stderr, "sim: --break: one of");
	for (enum breaks b = 1; b < BREAKS_KINDS; b++)
		(void)fprintf(stderr, " %s", breaks_name(b));
	(void)fprintf(stderr, "\n");
	return -1;
}

static int
read_options(struct options *x, int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "break", required_argument, NULL, 'b' },
		{ "keep-going", no_argument, NULL, 'k' },
		{ "trace", no_argument, NULL, 't' }, { 0 } };
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 's':
			x->first = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			x->n = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			if (read_break(optarg) != 0)
				return -1;
			break;
		case 'k':
			x->keep_going = true;
			break;
		case 't':
			calls_told = true;
			break;
		default:
			return -1;
		}
	if (!x->n)
		x->n = x->first ? 1 : SEEDS;
	return 0;
}

int
main(int argc, char **argv)
{
	static char room[1 << 16];	/* not of a process's heap */
	const struct log log = { .out = stdout, .most = LOG_LEVEL_INFO,
	    .plain = true };
	struct options x = { 0 };
	struct conf base;
	bool good = true;

	if (read_options(&x, argc, argv) != 0)
		return 64;
	(void)signal(SIGSEGV, on_crash);
	(void)signal(SIGABRT, on_crash);
	(void)setvbuf(stdout, room, calls_told ? _IOFBF : _IOLBF, sizeof room);
	tzset();
	json_object_seed(1);
	read_base(&base);
	if (!x.first && !broken)
		good = self_test(&base);
	if (!run_timed(&x, &base, calls_told ? &log : NULL))
		good = false;
	(void)printf("1..%d\n", tests);
	return good ? 0 : 1;
}
