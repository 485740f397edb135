/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: packing DIR LOG TO
 * Packs DIR/LOG into DIR/TO as a worker does, and tells at what rate, in bytes
 * of the log, and how large this process was.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "fail.h"
#include "pack.h"

int
main(int argc, char **argv)
{
	struct rusage u;
	struct fail f;
	struct stat st;
	int64_t start;
	bool cut;
	int dir;

	if (argc != 4)
		return EX_USAGE;
	dir = bench_dir(AT_FDCWD, argv[1]);
	if (fstatat(dir, argv[2], &st, 0) != 0)
		bench_die(argv[2]);
	start = bench_now_ns();
	if (pack_log(dir, argv[2], dir, argv[3], st.st_size, &cut, &f) != 0) {
		(void)fprintf(stderr, "bench: %s\n", f.text);
		return EX_SOFTWARE;
	}
	bench_say("rate", (double)st.st_size / 1e6 /
	    bench_seconds_since(start));
	if (getrusage(RUSAGE_SELF, &u) != 0)
		bench_die("getrusage");
	bench_say("rss_kib", (double)u.ru_maxrss);
	(void)close(dir);
	return 0;
}
