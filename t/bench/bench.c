/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { NAMES_A_FILE = 100 };

int64_t
bench_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double
bench_seconds_since(int64_t start_ns)
{
	return (double)(bench_now_ns() - start_ns) / 1e9;
}

double
bench_cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void
bench_say(const char *name, double value)
{
	(void)printf("%s %.6g\n", name, value);
	(void)fflush(stdout);
}

void
bench_die(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(EX_SOFTWARE);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
bench_sort(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
}

size_t
bench_number(const char *text)
{
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	if (n < 1) {
		errno = EINVAL;
		bench_die(text ? text : "a number is missing");
	}
	return n;
}

const char *
bench_text(void)
{
	return "{\n  \"package\": \"benchmarked\",\n"
	    "  \"suite\": \"testing\",\n  \"arch\": \"amd64\",\n"
	    "  \"triggers\": [\n    \"glibc/2.37-12\"\n  ],\n"
	    "  \"requester\": \"britney\",\n"
	    "  \"submit-time\": \"2026-11-24T10:13:41Z\"\n}\n";
}

void
bench_name(char out[BENCH_NAME_MAX], size_t n)
{
	(void)snprintf(out, BENCH_NAME_MAX, "bench%07zu,%012zu,p5,e1,a0", n,
	    n);
}

void
bench_claimed(char out[BENCH_NAME_MAX], size_t n)
{
	(void)snprintf(out, BENCH_NAME_MAX,
	    "bench%07zu,%012zu,p5,e1,a0@bench", n, n);
}

int
bench_dir(int at, const char *path)
{
	int fd;

	if (mkdirat(at, path, 0777) != 0 && errno != EEXIST)
		bench_die(path);
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		bench_die(path);
	return fd;
}

void
bench_fill(int dir, size_t n)
{
	char name[BENCH_NAME_MAX], first[BENCH_NAME_MAX] = "";

	for (size_t i = 0; i < n; i++) {
		bench_name(name, i);
		if (i % NAMES_A_FILE != 0) {
			if (linkat(dir, first, dir, name, 0) != 0)
				bench_die(name);
			continue;
		}
		memcpy(first, name, sizeof first);
		if (close(openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC,
		    0666)) != 0)
			bench_die(name);
	}
}

pid_t
bench_fork(void (*work)(void *context, size_t i), void *context, size_t i)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		bench_die("fork");
	if (pid == 0) {
		work(context, i);
		_exit(0);
	}
	return pid;
}

void
bench_wait_all(size_t n)
{
	int status;

	while (n--)
		if (wait(&status) < 0 || status != 0) {
			errno = ECHILD;
			bench_die("a process of the bench failed");
		}
}

void *
bench_shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		bench_die("mmap");
	return p;
}

void
bench_run(char *const argv[])
{
	posix_spawn_file_actions_t a;
	int status;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&a);
	(void)posix_spawn_file_actions_addopen(&a, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	errno = posix_spawnp(&pid, argv[0], &a, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&a);
	if (errno)
		bench_die(argv[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			bench_die("waitpid");
	if (status != 0) {
		errno = ECHILD;
		bench_die(argv[0]);
	}
}

void
bench_noop(const char *noop, const char *output_dir)
{
	char program[4096], option[4096], package[] = "bench";
	char *const argv[] = { program, option, package, NULL };

	(void)snprintf(program, sizeof program, "%s", noop);
	(void)snprintf(option, sizeof option, "--output-dir=%s", output_dir);
	bench_run(argv);
}

struct cycles {
	const struct bench_cycle *cycle;
	size_t *counts;		/* of each process */
};

static void
cycle_for_a_while(void *context, size_t process)
{
	struct cycles *all = context;
	const struct bench_cycle *c = all->cycle;
	void *entered = c->enter ? c->enter(c) : NULL;
	int64_t start = bench_now_ns();
	char output[4096];

	(void)snprintf(output, sizeof output, "%s/output.%zu", c->dir,
	    process);
	(void)close(bench_dir(AT_FDCWD, output));
	do
		c->one(c, entered, output,
		    process * 1000000 + all->counts[process]++);
	while (bench_seconds_since(start) < c->seconds);
}

void
bench_cycles(const struct bench_cycle *c, size_t processes)
{
	struct cycles all = { c,
	    bench_shared(processes * sizeof *all.counts) };
	int64_t start = bench_now_ns();
	size_t n = 0;

	for (size_t i = 0; i < processes; i++)
		(void)bench_fork(cycle_for_a_while, &all, i);
	bench_wait_all(processes);
	for (size_t i = 0; i < processes; i++)
		n += all.counts[i];
	bench_say("rate", (double)n / bench_seconds_since(start));
}
