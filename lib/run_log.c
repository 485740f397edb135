/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log while it grows: followed, and kept from filling the disk. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "fs.h"
#include "pack.h"
#include "run_inside.h"

enum { BLOCK = 4096, STAT_BLOCK = 512 };

static const char more[] = "\n[... this is more than log-max; the log's end "
    "will be in the result ...]\n";

static void
pass_on(struct follow *w, const char *p, ssize_t n)
{
	bool last = n >= w->left_bytes;

	if (last)
		n = (ssize_t)w->left_bytes;
	w->left_bytes -= n;
	if (write(w->to, p, (size_t)n) != n)
		w->left_bytes = 0;	/* full: it is a favour */
	else if (last && write(w->to, more, strlen(more)) < 0)
		w->left_bytes = 0;
}

void
run_copy_news(struct attempt *a)
{
	struct follow *w = &a->follow;
	char chunk[65536];
	ssize_t n;

	if (w->from < 0)
		w->from = fs_open_read(a->output, "log");
	while (w->from >= 0 && w->to >= 0 && w->left_bytes > 0 &&
	    (n = read(w->from, chunk, sizeof chunk)) > 0)
		pass_on(w, chunk, n);
}

/* Whoever writes it goes on at its end, wherever that is. */
static void
hollow(int dir, const char *name, int64_t most_bytes)
{
	int64_t head_bytes = PACK_HEAD(most_bytes), from, to;
	struct stat st;
	int fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	    st.st_blocks * STAT_BLOCK > 2 * most_bytes) {
		from = (head_bytes + BLOCK - 1) / BLOCK * BLOCK;
		to = (st.st_size - most_bytes) / BLOCK * BLOCK;
		if (to > from)
			(void)fs_punch(fd, from, to - from);
	}
	(void)close(fd);
}

void
run_bound_logs(const struct attempt *a)
{
	int64_t most_bytes = a->run->conf->log_most_bytes;

	hollow(a->output, "log", most_bytes);
	hollow(a->scratch, "console", most_bytes);
}
