/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "mem.h"
#include "name.h"
#include "publish.h"
#include "serve_tree.h"
#include "strs.h"

enum { STALE_TRIES = 3 };

/* What is there but not for a client is as if it was not there. */
static int
not_there(void)
{
	if (errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG ||
	    errno == ENXIO || errno == ENODEV)
		errno = ENOENT;
	return -1;
}

/* Closes dir. */
static int
enter(int dir, const char *name)
{
	int fd, saved;

	if (dir < 0)
		return -1;
	errno = ENOENT;
	fd = name[0] == '.' || strchr(name, '/') ? -1 : fs_open_dir(dir, name);
	saved = errno;
	(void)close(dir);
	errno = saved;
	return fd < 0 ? not_there() : fd;
}

static int
walk(int results, const struct strs *parts, size_t n)
{
	int fd = fs_open_dir(results, ".");

	for (size_t i = 0; fd >= 0 && i < n; i++)
		fd = enter(fd, parts->v[i]);
	return fd;
}

int
serve_tree_folder(int results, const struct strs *parts, size_t n)
{
	int fd = walk(results, parts, n);

	/* NFS: what was looked up has been replaced since. */
	for (int i = 1; fd < 0 && errno == ESTALE && i < STALE_TRIES; i++)
		fd = walk(results, parts, n);
	return fd;
}

/* Looks first: to open a device may have effects. */
static int
open_regular(int dir, const char *name, struct stat *st)
{
	int fd, saved;

	if (name[0] == '.') {
		errno = ENOENT;
		return -1;
	}
	if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return not_there();
	if (!S_ISREG(st->st_mode)) {
		errno = ENOENT;
		return -1;
	}
	fd = fs_open_read(dir, name);
	if (fd < 0)
		return not_there();
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	saved = S_ISREG(st->st_mode) ? errno : ENOENT;
	(void)close(fd);
	errno = saved;
	return -1;
}

int
serve_tree_file(int results, const struct strs *parts, struct stat *st)
{
	int fd = -1;

	errno = ENOENT;
	for (int i = 0; parts->n && i < STALE_TRIES; i++) {
		int dir = serve_tree_folder(results, parts, parts->n - 1);
		int saved;

		if (dir < 0)
			return -1;
		fd = open_regular(dir, parts->v[parts->n - 1], st);
		saved = errno;
		(void)close(dir);
		errno = saved;
		if (fd >= 0 || errno != ESTALE)
			break;
	}
	return fd;
}

/* Whether the link that the first six parts name leads to that run. */
static bool
links_to(int results, const struct strs *parts, const char *run)
{
	char *wanted = mem_printf("../../../../../%s", run);
	char text[PUBLISH_PATH_MAX + 64];
	int dir = serve_tree_folder(results, parts, 5);
	ssize_t n = dir < 0 ? -1 : readlinkat(dir, parts->v[5], text,
	    sizeof text);
	bool does = n > 0 && (size_t)n == strlen(wanted) &&
	    memcmp(text, wanted, (size_t)n) == 0;

	if (dir >= 0)
		(void)close(dir);
	free(wanted);
	return does;
}

void
serve_tree_resolve(int results, struct strs *parts)
{
	char package[PUBLISH_PATH_MAX], *run;
	struct strs resolved = { 0 };
	char **v = parts->v;

	if (parts->n < 6 || strcmp(v[0], "by-version") != 0 ||
	    !name_suite_ok(v[1]) || !name_arch_ok(v[2]) ||
	    !name_source_ok(v[3]) || !name_version_ok(v[4]) ||
	    !publish_run_id_ok(v[5]))
		return;
	publish_package_path(package, v[1], v[2], v[3]);
	run = mem_printf("%s/%s", package, v[5]);
	if (links_to(results, parts, run)) {
		strs_split(&resolved, run, "/");
		for (size_t i = 6; i < parts->n; i++)
			strs_add(&resolved, v[i]);
		strs_free(parts);
		*parts = resolved;
	}
	free(run);
}
