/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/mount.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "mounts.h"
#include "strs.h"

static void
expect_mounts(const char *path, size_t n)
{
	struct strs at = { 0 };
	struct fail f;

	ck_assert_int_eq(mounts_in(harness_path(path), &at, &f), 0);
	ck_assert_uint_eq(at.n, n);
	if (n)
		ck_assert_str_eq(at.v[0], harness_path("a b/c/on"));
	strs_free(&at);
}

START_TEST(mounts_are_seen_below_symlinks_and_blanks)
{
	if (!harness_can_mount())
		return;
	harness_write("a b/c/on/file", "");
	ck_assert_int_eq(fs_symlink("a b", harness_dirfd(), "by"), 0);
	expect_mounts("by/c", 0);
	ck_assert_int_eq(mount("none", harness_path("a b/c/on"), "tmpfs", 0,
	    NULL), 0);
	expect_mounts("by/c", 1);
	expect_mounts("a b", 1);
	expect_mounts("a b/c/on", 1);
	ck_assert_int_eq(mount("none", harness_path("a b/c/on"), "tmpfs", 0,
	    NULL), 0);
	expect_mounts("by", 2);
	while (umount(harness_path("a b/c/on")) == 0)
		;
}
END_TEST

START_TEST(others_are_not_meant)
{
	if (!harness_can_mount())
		return;
	harness_write("a b/c/on/file", "");
	harness_write("a b/c/o/file", "");
	ck_assert_int_eq(mount("none", harness_path("a b/c/on"), "tmpfs", 0,
	    NULL), 0);
	expect_mounts("a b/c/o", 0);
	expect_mounts("a b/c/absent", 0);
	expect_mounts("a b/c/o/file/absent", 0);
	ck_assert_int_eq(umount(harness_path("a b/c/on")), 0);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, mounts_are_seen_below_symlinks_and_blanks);
	tcase_add_test(tc, others_are_not_meant);
}
