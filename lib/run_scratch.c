/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where what runs is, and that nothing of it stays. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "run.h"
#include "strs.h"
#include "virt.h"

enum { MOUNTS_MOST = 64 << 20, UNMOUNT_ROUNDS = 8 };

int
run_make_scratch(const char *path, struct fail *f)
{
	struct stat st;
	bool fresh = lstat(path, &st) != 0 && errno == ENOENT;

	if (fs_mkdirs(AT_FDCWD, path, f) != 0)
		return -1;
	if (fresh && chmod(path, 0755) != 0)	/* whatever the umask is */
		return fail_errno(f, "%s", path);
	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno(f, "%s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return fail_set(f, EX_CONFIG, "%s: scratch must be a directory "
		    "that belongs to the worker, and that nobody else can "
		    "write to", path);
	return 0;
}

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

/* Where something is mounted in path, or on it, the last mount last. */
static int
list_mounts(const char *path, struct strs *at, struct fail *f)
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
		if (is_below(where, path))
			strs_add(at, where);
	}
	if (fd >= 0)
		(void)close(fd);
	strs_free(&lines);
	buf_free(&b);
	return rc;
}

/*
 * What a test has mounted here and left is not to be removed from within: it
 * may be a directory of the host's.  It is taken away, or all of it stays.
 */
static int
unmount_all(const char *path, struct fail *f)
{
	char *real = realpath(path, NULL);
	struct strs at = { 0 };
	int rc = real ? list_mounts(real, &at, f) :
	    errno == ENOENT || errno == ENOTDIR ? 0 :
	    fail_errno(f, "%s", path);

	for (int i = 0; rc == 0 && at.n && i < UNMOUNT_ROUNDS; i++) {
		for (size_t n = at.n; n-- > 0;)
			(void)umount2(at.v[n], MNT_DETACH | UMOUNT_NOFOLLOW);
		strs_free(&at);
		rc = list_mounts(real, &at, f);
	}
	if (rc == 0 && at.n) {
		rc = fail_set(f, EX_TEMPFAIL, "%s: something is mounted here, "
		    "so %s is not removed; umount it", at.v[0], path);
		f->err = EBUSY;
	}
	strs_free(&at);
	free(real);
	return rc;
}

static void
run_tool(const char *words, const char *path)
{
	struct strs argv = { 0 };
	posix_spawn_file_actions_t quiet;
	int status;
	pid_t pid;

	strs_split(&argv, words, " ");
	strs_add(&argv, path);
	(void)posix_spawn_file_actions_init(&quiet);
	(void)posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO,
	    "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv.v[0], &quiet, NULL, argv.v, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	(void)posix_spawn_file_actions_destroy(&quiet);
	strs_free(&argv);
}

/* Root's files may be immutable; a user's may be his subordinate ids'. */
int
run_remove_scratch(const char *path, struct fail *f)
{
	virt_clean(path);
	if (unmount_all(path, f) != 0)
		return -1;
	if (fs_remove_tree(AT_FDCWD, path, f) == 0)
		return 0;
	if (f->err != EACCES && f->err != EPERM)
		return -1;
	run_tool(geteuid() == 0 ? "chattr -R -f -i -a --" :
	    "unshare --map-auto --map-root-user rm -rf --", path);
	return fs_remove_tree(AT_FDCWD, path, f);
}
