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

#include "fail.h"
#include "fs.h"
#include "mounts.h"
#include "run_inside.h"
#include "strs.h"
#include "virt.h"

enum { UNMOUNT_ROUNDS = 8 };

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

/*
 * What a test has mounted here and left is not to be removed from within: it
 * may be a directory of the host's.  It is taken away, or all of it stays.
 */
static int
unmount_all(const char *path, struct fail *f)
{
	struct strs at = { 0 };
	int rc = mounts_in(path, &at, f);

	for (int i = 0; rc == 0 && at.n && i < UNMOUNT_ROUNDS; i++) {
		for (size_t n = at.n; n-- > 0;)
			(void)umount2(at.v[n], MNT_DETACH | UMOUNT_NOFOLLOW);
		strs_free(&at);
		rc = mounts_in(path, &at, f);
	}
	if (rc == 0 && at.n) {
		rc = fail_set(f, EX_TEMPFAIL, "%s: something is mounted here, "
		    "so %s is not removed; umount it", at.v[0], path);
		f->err = EBUSY;
	}
	strs_free(&at);
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
run_remove_folder(const char *path, struct fail *f)
{
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

int
run_remove_scratch(const char *path, struct fail *f)
{
	virt_clean(path);
	return run_remove_folder(path, f);
}

int
run_remove_scratches(const char *folder, struct fail *f)
{
	virt_clean_all(folder);
	return run_remove_folder(folder, f);
}
