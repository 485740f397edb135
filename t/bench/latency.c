/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: latency QUEUE N FIFO [STAGING]
 *        latency floor|isolated DIR N FIFO NOOP
 *
 * Drops N files, one after the other, into QUEUE/new, where a worker waits, and
 * tells how long it took until the claim, the rename into cur, was seen here,
 * and until the test began, by the stamp that it writes to FIFO.  Between two
 * drops it waits until nothing is in STAGING: the worker is at rest.
 *
 * floor: a process that does nothing but to wait with inotify, rename, and
 * start NOOP, stands in for the worker.  isolated: it starts that as a worker
 * has to, by a process that looks after it, in namespaces that end with it.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { PATIENCE_MS = 20000, PAUSE_NS = 3000000 };

static int
watch(int dir)
{
	char path[64];
	int fd = inotify_init1(IN_CLOEXEC);

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", dir);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MOVED_TO) < 0)
		bench_die("inotify");
	return fd;
}

static void
wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, PATIENCE_MS) != 1) {
		errno = ETIMEDOUT;
		bench_die("nobody took a file that was dropped");
	}
}

/* Takes what has happened; the name of the first, where it is asked for. */
static void
take_event(int fd, char *name, size_t room)
{
	_Alignas(struct inotify_event) char b[4096];

	wait_readable(fd);
	if (read(fd, b, sizeof b) <= 0)
		bench_die("inotify");
	if (name)
		(void)snprintf(name, room, "%.100s",
		    ((const struct inotify_event *)(void *)b)->name);
}

static void
forget_events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 0) == 1)
		take_event(fd, NULL, 0);
}

struct stand_in {
	int fresh, cur, watch;
	const char *noop, *fifo, *output;
	int isolated;
};

/* The first process of the namespaces: its /tmp and /proc are its own. */
static noreturn void
be_first(char *const argv[])
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0 ||
	    mount(".", "/tmp", NULL, MS_BIND, NULL) != 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) != 0)
		bench_die("mount");
	bench_run(argv);
	_exit(0);
}

static void
isolate(void *argv, size_t i)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID |
	    SIGCHLD, 0, 0, 0, 0);
	int status;

	(void)i;
	if (pid == 0)
		be_first(argv);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		bench_die("namespaces");
}

/* One event at a time: the next file is dropped when this one has started. */
static void
be_worker(void *context, size_t n)
{
	const struct stand_in *w = context;
	char stamp[4096], noop[4096], package[] = "bench";
	char name[BENCH_NAME_MAX], claimed[BENCH_NAME_MAX];
	char *argv[] = { noop, stamp, package, NULL };

	(void)snprintf(stamp, sizeof stamp, "--stamp=%s", w->fifo);
	(void)snprintf(noop, sizeof noop, "%s", w->noop);
	if (chdir(w->output) != 0)
		bench_die(w->output);
	for (size_t i = 0; i < n; i++) {
		take_event(w->watch, name, sizeof name);
		bench_claimed(claimed, i);
		if (renameat(w->fresh, name, w->cur, claimed) != 0)
			bench_die(name);
		if (w->isolated) {
			(void)bench_fork(isolate, argv, 0);
			bench_wait_all(1);
		} else {
			bench_run(argv);
		}
	}
}

static void
wait_for_rest(const char *staging)
{
	const struct timespec pause = { 0, PAUSE_NS };
	const struct dirent *e;
	size_t n;

	do {
		DIR *d = opendir(staging);

		if (!d)
			bench_die(staging);
		for (n = 0; (e = readdir(d)); )
			n += e->d_name[0] != '.' && strcmp(e->d_name,
			    "README") != 0;
		(void)closedir(d);
		(void)nanosleep(&pause, NULL);
	} while (n);
}

static void
say(const char *what, double *us, size_t n)
{
	char name[64];

	bench_sort(us, n);
	(void)snprintf(name, sizeof name, "%s_p50_us", what);
	bench_say(name, us[n / 2]);
	(void)snprintf(name, sizeof name, "%s_p99_us", what);
	bench_say(name, us[n * 99 / 100]);
}

static void
write_request(int dir, const char *name, size_t i)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || dprintf(fd, "bench%zu\n", i) < 0 || close(fd) != 0)
		bench_die(name);
}

static void
drop_all(int queue, size_t n, int fifo, const char *staging)
{
	int tmp = bench_dir(queue, "tmp"), fresh = bench_dir(queue, "new");
	int cur = watch(bench_dir(queue, "cur"));
	double *claimed = calloc(2 * n, sizeof *claimed);
	double *started = claimed + n;

	for (size_t i = 0; claimed && i < n; i++) {
		int64_t dropped, stamp;
		char name[64];

		(void)snprintf(name, sizeof name, "drop%zu", i);
		write_request(tmp, name, i);
		forget_events(cur);
		dropped = bench_now_ns();
		if (renameat(tmp, name, fresh, name) != 0)
			bench_die(name);
		take_event(cur, NULL, 0);
		claimed[i] = bench_seconds_since(dropped) * 1e6;
		wait_readable(fifo);
		if (read(fifo, &stamp, sizeof stamp) != sizeof stamp)
			bench_die("the stamp");
		started[i] = (double)(stamp - dropped) / 1e3;
		wait_for_rest(staging);
	}
	if (!claimed)
		bench_die("calloc");
	say("claim", claimed, n);
	say("start", started, n);
	free(claimed);
}

static void
floor_of(struct stand_in w, const char *path, size_t n, int fifo)
{
	int top = bench_dir(AT_FDCWD, path);
	char *output;

	w.fresh = bench_dir(top, "new");
	w.cur = bench_dir(top, "cur");
	(void)close(bench_dir(top, "output"));
	(void)close(bench_dir(top, "staging"));
	if (asprintf(&output, "%s/output", path) < 0)
		bench_die("asprintf");
	w.output = output;
	w.watch = watch(w.fresh);
	(void)bench_fork(be_worker, &w, n);
	if (asprintf(&output, "%s/staging", path) < 0)
		bench_die("asprintf");
	drop_all(top, n, fifo, output);
	bench_wait_all(1);
}

int
main(int argc, char **argv)
{
	size_t n;
	int fifo, isolated = argc == 6 && strcmp(argv[1], "isolated") == 0;
	int stands_in = isolated ||
	    (argc == 6 && strcmp(argv[1], "floor") == 0);

	if (argc < 5)
		return EX_USAGE;
	argv += stands_in;
	n = bench_number(argv[2]);
	fifo = open(argv[3], O_RDWR | O_CLOEXEC);
	if (fifo < 0)
		bench_die(argv[3]);
	if (stands_in)
		floor_of((struct stand_in){ .noop = argv[4], .fifo = argv[3],
		    .isolated = isolated }, argv[1], n, fifo);
	else
		drop_all(bench_dir(AT_FDCWD, argv[1]), n, fifo, argv[4]);
	return 0;
}
