/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: cost N COMMAND...          runs it N times, one after the other
 *        cost feed SECONDS N COMMAND...
 *
 * What a command costs: the time that passed, the processor's for it and for
 * what it waited for, and the memory of the largest of these processes.  feed
 * runs it for so long, each time with N fresh names of packages behind it, and
 * tells how many names it took a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "bench.h"

static double
ms(const struct timeval *t)
{
	return (double)t->tv_sec * 1e3 + (double)t->tv_usec / 1e3;
}

static void
cost(size_t n, char **argv)
{
	int64_t start = bench_now_ns();
	struct rusage u;
	double seconds;

	for (size_t i = 0; i < n; i++)
		bench_run(argv);
	seconds = bench_seconds_since(start);
	if (getrusage(RUSAGE_CHILDREN, &u) != 0)
		bench_die("getrusage");
	bench_say("seconds", seconds / (double)n);
	bench_say("cpu_ms", (ms(&u.ru_utime) + ms(&u.ru_stime)) / (double)n);
	bench_say("rss_kib", (double)u.ru_maxrss);
}

enum { NAME_MAX_ = 32 };

static void
feed(double seconds, size_t each, size_t argc, char **argv)
{
	char **all = calloc(argc + each + 1, sizeof *all);
	char *names = calloc(each, NAME_MAX_);
	int64_t start = bench_now_ns();
	size_t n = 0;

	if (!all || !names)
		bench_die("calloc");
	memcpy(all, argv, argc * sizeof *all);
	do {
		for (size_t i = 0; i < each; i++) {
			all[argc + i] = names + i * NAME_MAX_;
			(void)snprintf(all[argc + i], NAME_MAX_, "bench%zu",
			    n++);
		}
		bench_run(all);
	} while (bench_seconds_since(start) < seconds);
	bench_say("rate", (double)n / bench_seconds_since(start));
	free(all);
	free(names);
}

int
main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "feed") == 0)
		feed(atof(argv[2]), bench_number(argv[3]), (size_t)argc - 4,
		    argv + 4);
	else if (argc > 2)
		cost(bench_number(argv[1]), argv + 2);
	else
		return EX_USAGE;
	return 0;
}
