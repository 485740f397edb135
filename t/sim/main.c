/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "log.h"
#include "oracle.h"
#include "sched.h"
#include "world.h"

static const char base_text[] = "spool: /spool\nsuite: unstable\n"
    "worker: w\nqueues: [amd64, arm64]\nscratch: /scratch\nisolate: never\n";

static uint64_t seed_now;

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
print_counts(uint64_t seeds, double took_s)
{
	(void)printf("# %" PRIu64 " seeds, %" PRIu64 " steps, %.1f s, %.0f "
	    "steps a second\n", seeds, calls_steps, took_s,
	    (double)calls_steps / took_s);
	for (enum fault f = 0; f < FAULT_KINDS; f++)
		(void)printf("# %12" PRIu64 " %s\n", fault_counts[f],
		    fault_name(f));
}

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "keep-going", no_argument, NULL, 'k' },
		{ "trace", no_argument, NULL, 't' }, { 0 } };
	static char room[1 << 16];	/* not of a process's heap */
	struct log log = { .out = stdout, .most = LOG_LEVEL_INFO,
	    .plain = true };
	uint64_t first = 1, n = 1, i;
	double began_s = now_s();
	struct conf base;
	bool good = true, keep_going = false;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 's':
			first = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			n = strtoull(optarg, NULL, 10);
			break;
		case 'k':
			keep_going = true;
			break;
		case 't':
			calls_told = true;
			break;
		default:
			return 64;
		}
	(void)signal(SIGSEGV, on_crash);
	(void)signal(SIGABRT, on_crash);
	(void)setvbuf(stdout, room, calls_told ? _IOFBF : _IOLBF, sizeof room);
	tzset();
	json_object_seed(1);
	read_base(&base);
	for (i = 0; (good || keep_going) && i < n; i++) {
		seed_now = first + i;
		if (world_run(seed_now, &base, calls_told ? &log : NULL))
			continue;
		good = false;
		if (!keep_going)
			oracle_print();
		(void)printf("# seed %" PRIu64 ": %s\n", seed_now,
		    oracle_found);
	}
	print_counts(i, now_s() - began_s);
	(void)printf("%s 1 - the spool holds\n1..1\n", good ? "ok" : "not ok");
	return good ? 0 : 1;
}
