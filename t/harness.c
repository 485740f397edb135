/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"

static char dir[64];
static int dirfd_ = -1;

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(dir, sizeof dir, "%.40s/adtspool-XXXXXX",
	    tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dirfd_, 0);
}

static void
tear_down(void)
{
	struct fail f;

	(void)close(dirfd_);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, dir, &f), 0);
}

const char *
harness_dir(void)
{
	return dir;
}

int
harness_dirfd(void)
{
	return dirfd_;
}

void
harness_write(const char *path, const char *text)
{
	char parent[4096];
	const char *slash = strrchr(path, '/');
	struct fail f;

	if (slash) {
		(void)snprintf(parent, sizeof parent, "%.*s",
		    (int)(slash - path), path);
		ck_assert_int_eq(fs_mkdirs(dirfd_, parent, &f), 0);
	}
	(void)fs_unlink(dirfd_, path);
	ck_assert_msg(fs_write_new(dirfd_, path, text, strlen(text), &f) == 0,
	    "%s", f.text);
}

const char *
harness_read(const char *path)
{
	static struct buf b;
	struct fail f;

	buf_reset(&b);
	ck_assert_msg(fs_read(dirfd_, path, 1 << 26, &b, &f) == 0, "%s",
	    f.text);
	return b.s;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	Suite *s = suite_create(name ? name + 1 : argv[0]);
	TCase *tc = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	(void)argc;
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	add_tests(tc);
	suite_add_tcase(s, tc);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
