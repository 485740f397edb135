/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mounts.h"
#include "strs.h"

enum { MOUNTS_MOST = 64 << 20 };

/* mountinfo writes a space, say, as \040: proc(5). */
static void
unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to = (char)((from[1] - '0') * 64 +
			    (from[2] - '0') * 8 + from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool
is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

static int
list(const char *real, struct strs *at, struct fail *f)
{
	static const char file[] = "/proc/self/mountinfo";
	struct strs lines = { 0 };
	struct buf b = { 0 };
	int fd = fs_open_read(AT_FDCWD, file);
	int rc = fd < 0 ? fail_errno(f, file) :
	    fs_read_fd(fd, file, MOUNTS_MOST, &b, f);

	if (rc == 0 && b.s)
		strs_split(&lines, b.s, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		char where[8192];

		if (sscanf(lines.v[i], "%*s %*s %*s %*s %8191s", where) != 1)
			continue;
		unescape(where);
		if (is_below(where, real))
			strs_add(at, where);
	}
	if (fd >= 0)
		(void)close(fd);
	strs_free(&lines);
	buf_free(&b);
	return rc;
}

int
mounts_in(const char *path, struct strs *at, struct fail *f)
{
	char *real = realpath(path, NULL);
	int rc = real ? list(real, at, f) :
	    errno == ENOENT || errno == ENOTDIR ? 0 :
	    fail_errno(f, "%s", path);

	free(real);
	return rc;
}
