/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: noop [--stamp=FIFO] [--log=BYTES] [--artifacts=N] [--output-dir=DIR]
 *             ... PACKAGE ...
 *
 * Stands in for autopkgtest: leaves what it leaves of a package that passes,
 * and tests nothing.  With --stamp it writes to a FIFO at what time it began;
 * with --log and --artifacts the log is so long, and so many artifacts of 4 KiB
 * are beside it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static const char *output = ".";

static void
stamp(const char *fifo, int64_t now_ns)
{
	int fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || write(fd, &now_ns, sizeof now_ns) != sizeof now_ns)
		bench_die(fifo);
	(void)close(fd);
}

static FILE *
begin(const char *name)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", output, name);
	f = fopen(path, "w");
	if (!f)
		bench_die(path);
	return f;
}

static void
leave(const char *name, const char *text)
{
	FILE *f = begin(name);

	if (fputs(text, f) < 0 || fclose(f) != 0)
		bench_die(name);
}

/* Lines that are alike, and not the same, as those of a build are. */
static void
leave_lines(const char *name, size_t bytes)
{
	FILE *f = begin(name);
	unsigned long r = 1;

	for (size_t n = 0; n < bytes; ) {
		int wrote;

		r = r * 6364136223846793005ul + 1442695040888963407ul;
		wrote = fprintf(f, "autopkgtest [%02lu:%02lu:%02lu]: gcc -O2 "
		    "-c -o build/lib/unit_%lu.o lib/unit_%lu.c: %lx\n",
		    r >> 59, r >> 54 & 31, r >> 49 & 31, r >> 40 & 511,
		    r >> 40 & 511, r >> 20 & 0xfffff);
		if (wrote < 0)
			bench_die(name);
		n += (size_t)wrote;
	}
	if (fclose(f) != 0)
		bench_die(name);
}

static void
leave_all(const char *package, size_t log_bytes, size_t artifacts)
{
	char text[256];

	(void)snprintf(text, sizeof text, "%s 1.0\n", package);
	leave_lines("log", log_bytes);
	leave("testpkg-version", text);
	leave("testinfo.json",
	    "{\"virt_server\": \"autopkgtest-virt-null\"}\n");
	leave("summary", "one                  PASS\n");
	for (size_t i = 0; i < artifacts; i++) {
		(void)snprintf(text, sizeof text, "artifact-%zu", i);
		leave_lines(text, 4096);
	}
}

int
main(int argc, char **argv)
{
	int64_t now_ns = bench_now_ns();
	size_t log_bytes = 64, artifacts = 0;
	const char *package = "none";

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *a = argv[i];

		if (strncmp(a, "--stamp=", 8) == 0)
			stamp(a + 8, now_ns);
		else if (strncmp(a, "--log=", 6) == 0)
			log_bytes = bench_number(a + 6);
		else if (strncmp(a, "--artifacts=", 12) == 0)
			artifacts = bench_number(a + 12);
		else if (strncmp(a, "--output-dir=", 13) == 0)
			output = a + 13;
		package = a;
	}
	leave_all(package, log_bytes, artifacts);
	return 0;
}
