/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bench's programs share.  Each measures one thing, prints its figures
 * as lines "NAME VALUE", and ends with EX_SOFTWARE and a message where
 * something failed: a figure that is not printed is not in the table.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

int64_t bench_now_ns(void);			/* CLOCK_MONOTONIC */
double bench_seconds_since(int64_t start_ns);
double bench_cpu_us(void);			/* of this process */
void bench_say(const char *name, double value);
noreturn void bench_die(const char *what);	/* with errno's text */

void bench_sort(double *values, size_t n);	/* the least first */

/* A number from the command line, at least 1. */
size_t bench_number(const char *text);

/*
 * What a request weighs: the text that submit writes for a package with one
 * trigger, without the final NUL.
 */
const char *bench_text(void);

/* The n'th token's name, and its name in cur; as long as real ones. */
enum { BENCH_NAME_MAX = 128 };
void bench_name(char out[BENCH_NAME_MAX], size_t n);
void bench_claimed(char out[BENCH_NAME_MAX], size_t n);

/* Opens a directory below `at`, made when it is missing. */
int bench_dir(int at, const char *path);

/* The first n names in dir, synced by nobody; 100 of them are one file. */
void bench_fill(int dir, size_t n);

/* Forks; the child runs work(context, i) and ends.  wait_all waits for n. */
pid_t bench_fork(void (*work)(void *context, size_t i), void *context,
	size_t i);
void bench_wait_all(size_t n);

/* Memory that children of bench_fork share, zeroed. */
void *bench_shared(size_t bytes);

/* Runs a command to its end, with no output. */
void bench_run(char *const argv[]);

/*
 * From submit to commit, with a test that does nothing: each process makes one
 * cycle after the other for so long.  output is a directory of its own.
 */
struct bench_cycle {
	const void *context;
	double seconds;
	const char *noop, *dir;
	void *(*enter)(const struct bench_cycle *c);	/* once a process */
	void (*one)(const struct bench_cycle *c, void *entered,
		const char *output, size_t i);	/* i: never twice */
};

/* Says how many cycles the processes made together a second. */
void bench_cycles(const struct bench_cycle *c, size_t processes);

/*
 * The no-op test as a worker would start it, for those that are no worker:
 * noop --output-dir=DIR PACKAGE
 */
void bench_noop(const char *noop, const char *output_dir);

#endif
