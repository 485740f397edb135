/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: nq submit NQ DIR SECONDS
 *        nq cycle NQ DIR SECONDS NOOP
 *
 * nq is a queue of shell commands in a directory; it syncs nothing.  Here what
 * it made is synced before the next one, file and directory, as it is in a
 * spool.  Its jobs run one after the other, each in a process that waits, so a
 * cycle is a submit and the end of that job.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"

/*
 * Its process makes the file, after nq has told its name, and takes the dot
 * before the name away when it begins.
 */
static int
open_job(int dir, const char *name)
{
	char begun[512];
	int fd = -1;

	(void)snprintf(begun, sizeof begun, ".%s", name);
	for (int tries = 0; fd < 0 && tries < 10000; tries++) {
		fd = openat(dir, begun, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			(void)usleep(100);
	}
	return fd;
}

static void
sync_file(int dir, const char *name)
{
	int fd = open_job(dir, name);

	if (fd < 0 || fsync(fd) != 0 || fsync(dir) != 0)
		bench_die(name);
	(void)close(fd);
}

/* Runs nq, whose output is the name of the job's file. */
static void
submit_one(char *const argv[], int dir, char *name, size_t room)
{
	posix_spawn_file_actions_t a;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		bench_die("pipe");
	(void)posix_spawn_file_actions_init(&a);
	(void)posix_spawn_file_actions_adddup2(&a, out[1], STDOUT_FILENO);
	errno = posix_spawn(&pid, argv[0], &a, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&a);
	if (errno)
		bench_die(argv[0]);
	(void)close(out[1]);
	n = read(out[0], name, room - 1);
	(void)close(out[0]);
	if (n <= 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		bench_die(argv[0]);
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	sync_file(dir, name);
}

/* A job's file is locked until the job has ended. */
static void
wait_for(int dir, const char *name)
{
	int fd = open_job(dir, name);

	if (fd < 0 || flock(fd, LOCK_SH) != 0)
		bench_die(name);
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	char work[] = "/bin/true", output[4096], name[256];
	char *job[] = { NULL, work, NULL, NULL, NULL };
	int cycle = argc > 5 && strcmp(argv[1], "cycle") == 0, dir;
	int64_t start;
	size_t n = 0;

	if (argc < 5)
		return EX_USAGE;
	job[0] = argv[2];
	dir = bench_dir(AT_FDCWD, argv[3]);
	if (setenv("NQDIR", argv[3], 1) != 0)
		bench_die("setenv");
	if (cycle) {
		(void)snprintf(output, sizeof output, "--output-dir=%s",
		    argv[3]);
		job[1] = argv[5];
		job[2] = output;
	}
	start = bench_now_ns();
	do {
		submit_one(job, dir, name, sizeof name);
		if (cycle)
			wait_for(dir, name);
		n++;
	} while (bench_seconds_since(start) < atof(argv[4]));
	bench_say("rate", (double)n / bench_seconds_since(start));
	wait_for(dir, name);
	return 0;
}
