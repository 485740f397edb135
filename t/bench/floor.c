/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: floor submit DIR SECONDS      floor bulk DIR N
 *        floor claim DIR N             floor herd DIR N PROCESSES
 *        floor cycle DIR SECONDS PROCESSES NOOP
 *        floor list BUCKET
 *
 * The system calls that each operation of a spool cannot avoid, and nothing
 * else: what the filesystem and the disk allow.  DIR is empty, or missing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"

struct dirs {
	int tmp, bucket, cur, done, staging, results;
};

static void
open_dirs(struct dirs *d, const char *path)
{
	int top = bench_dir(AT_FDCWD, path);
	int fresh = bench_dir(top, "new");

	d->tmp = bench_dir(top, "tmp");
	d->bucket = bench_dir(fresh, "05-20261124T1013");
	d->cur = bench_dir(top, "cur");
	d->done = bench_dir(top, "done");
	d->staging = bench_dir(top, "staging");
	d->results = bench_dir(top, "results");
	(void)close(fresh);
	(void)close(top);
}

static void
move(int from_dir, const char *from, int to_dir, const char *to)
{
	if (renameat(from_dir, from, to_dir, to) != 0)
		bench_die(from);
}

static void
sync_it(int fd)
{
	if (fsync(fd) != 0)
		bench_die("fsync");
}

static void
write_file(int dir, const char *name, int durably)
{
	const char *text = bench_text();
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0666);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		bench_die(name);
	if (durably)
		sync_it(fd);
	if (close(fd) != 0)
		bench_die(name);
}

static void
submit_one(const struct dirs *d, const char *name)
{
	write_file(d->tmp, name, 1);
	move(d->tmp, name, d->bucket, name);
	sync_it(d->bucket);
}

static void
submit(const struct dirs *d, double seconds)
{
	int64_t start = bench_now_ns();
	char name[BENCH_NAME_MAX];
	size_t n = 0;

	do {
		bench_name(name, n++);
		submit_one(d, name);
	} while (bench_seconds_since(start) < seconds);
	bench_say("rate", (double)n / bench_seconds_since(start));
}

/* All files are written, and one call brings them to the disk. */
static void
bulk(const struct dirs *d, size_t n)
{
	int64_t start = bench_now_ns();
	char name[BENCH_NAME_MAX];

	for (size_t i = 0; i < n; i++) {
		bench_name(name, i);
		write_file(d->tmp, name, 0);
	}
	if (syncfs(d->tmp) != 0)
		bench_die("syncfs");
	for (size_t i = 0; i < n; i++) {
		bench_name(name, i);
		move(d->tmp, name, d->bucket, name);
	}
	sync_it(d->bucket);
	bench_say("rate", (double)n / bench_seconds_since(start));
}

static void
claim_range(const struct dirs *d, size_t from, size_t to)
{
	char name[BENCH_NAME_MAX], claimed[BENCH_NAME_MAX];

	for (size_t i = from; i < to; i++) {
		bench_name(name, i);
		bench_claimed(claimed, i);
		move(d->bucket, name, d->cur, claimed);
	}
}

static void
claim(const struct dirs *d, size_t n)
{
	double cpu_us;
	int64_t start;

	bench_fill(d->bucket, n);
	start = bench_now_ns();
	cpu_us = bench_cpu_us();
	claim_range(d, 0, n);
	bench_say("rate", (double)n / bench_seconds_since(start));
	bench_say("cpu_us", (bench_cpu_us() - cpu_us) / (double)n);
}

struct herd {
	const struct dirs *dirs;
	size_t each;
};

static void
claim_share(void *context, size_t i)
{
	struct herd *h = context;

	claim_range(h->dirs, i * h->each, (i + 1) * h->each);
}

/* Each knows which are its own: nobody ever loses. */
static void
herd(const struct dirs *d, size_t n, size_t processes)
{
	struct herd h = { d, n / processes };
	int64_t start;

	bench_fill(d->bucket, n);
	start = bench_now_ns();
	for (size_t i = 0; i < processes; i++)
		(void)bench_fork(claim_share, &h, i);
	bench_wait_all(processes);
	bench_say("rate", (double)(h.each * processes) /
	    bench_seconds_since(start));
}

/* Four files, and their directory, that is then published. */
static void
make_result(const struct dirs *d, const char *name, int run)
{
	static const char *const files[] = { "log.gz", "artifacts.tar.gz",
	    "result.tar", "result.json" };
	char package[BENCH_NAME_MAX];
	int fd;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		write_file(run, files[i], 1);
	sync_it(run);
	move(d->cur, name, d->done, name);
	sync_it(d->done);
	(void)snprintf(package, sizeof package, "%.12s", name);
	fd = bench_dir(d->results, package);
	move(d->staging, name, fd, "20261124_101341@");
	sync_it(fd);
	sync_it(d->results);
	(void)close(fd);
}

static void
cycle_one(const struct bench_cycle *c, void *entered, const char *output,
	size_t i)
{
	const struct dirs *d = c->context;
	char name[BENCH_NAME_MAX], claimed[BENCH_NAME_MAX];
	int run;

	(void)entered;
	bench_name(name, i);
	bench_claimed(claimed, i);
	submit_one(d, name);
	move(d->bucket, name, d->cur, claimed);
	run = bench_dir(d->staging, claimed);
	bench_noop(c->noop, output);
	make_result(d, claimed, run);
	(void)close(run);
}

/* What whoever counts those that wait has to read. */
static void
list(const char *bucket)
{
	int64_t start = bench_now_ns();
	DIR *d = opendir(bucket);
	size_t n = 0;

	if (!d)
		bench_die(bucket);
	while (readdir(d))
		n++;
	(void)closedir(d);
	bench_say("seconds", bench_seconds_since(start));
	bench_say("names", (double)n);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	struct dirs d;

	if (argc == 3 && strcmp(argv[1], "list") == 0) {
		list(argv[2]);
		return 0;
	}
	if (argc > 3)
		open_dirs(&d, argv[2]);
	if (strcmp(what, "submit") == 0)
		submit(&d, atof(argv[3]));
	else if (strcmp(what, "bulk") == 0)
		bulk(&d, bench_number(argv[3]));
	else if (strcmp(what, "claim") == 0)
		claim(&d, bench_number(argv[3]));
	else if (strcmp(what, "herd") == 0 && argc > 4)
		herd(&d, bench_number(argv[3]), bench_number(argv[4]));
	else if (strcmp(what, "cycle") == 0 && argc > 5)
		bench_cycles(&(struct bench_cycle){ &d, atof(argv[3]),
		    argv[5], argv[2], NULL, cycle_one },
		    bench_number(argv[4]));
	else
		return EX_USAGE;
	return 0;
}
