/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "run.h"

static void
refuses(const char *path)
{
	struct fail f = { 0 };

	ck_assert_int_eq(run_make_scratch(harness_path(path), &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, "nobody else can write to") != NULL,
	    "%s", f.text);
}

START_TEST(scratch_is_made_and_may_be_there)
{
	struct fail f;

	for (int i = 0; i < 2; i++)
		ck_assert_msg(run_make_scratch(harness_path("a/b"), &f) == 0,
		    "%s", f.text);
	ck_assert(harness_exists("a/b"));
}
END_TEST

START_TEST(scratch_is_no_symlink)
{
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	ck_assert_int_eq(fs_symlink("dir", harness_dirfd(), "link"), 0);
	refuses("link");
}
END_TEST

static const mode_t modes[] = { 0770, 0757, 01777, 0722 };

START_TEST(scratch_is_written_to_by_nobody_else)
{
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	ck_assert_int_eq(fchmodat(harness_dirfd(), "dir", modes[_i], 0), 0);
	refuses("dir");
}
END_TEST

START_TEST(scratch_belongs_to_the_worker)
{
	if (geteuid() != 0)
		return;		/* only root gives one away */
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	ck_assert_int_eq(fchownat(harness_dirfd(), "dir", 65534, 65534, 0),
	    0);
	refuses("dir");
}
END_TEST

START_TEST(scratch_is_no_file)
{
	struct fail f = { 0 };

	harness_write("file", "precious");
	ck_assert_int_eq(run_make_scratch(harness_path("file"), &f), -1);
	ck_assert(f.text[0]);
	ck_assert_str_eq(harness_read("file"), "precious");
}
END_TEST

static void
removes(const char *path)
{
	struct fail f = { 0 };

	ck_assert_msg(run_remove_scratch(harness_path(path), &f) == 0, "%s",
	    f.text);
	ck_assert(!harness_exists(path));
}

/* By its path: harness_dirfd knows of no later mount. */
static bool
is_there(const char *path)
{
	return access(harness_path(path), F_OK) == 0;
}

/* Two, one on the other, in a directory that a space is in. */
static void
leave_mounts(void)
{
	const char *at, *from;

	harness_write("precious/file", "precious");
	harness_write("scratch/a b/mine", "");
	harness_write("scratch/a b/on/mine", "");
	at = harness_path("scratch/a b/on");
	from = harness_path("precious");
	ck_assert_int_eq(mount("none", at, "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mount(from, at, NULL, MS_BIND, NULL), 0);
	ck_assert(is_there("scratch/a b/on/file"));
}

START_TEST(what_is_mounted_in_scratch_is_not_removed_but_unmounted)
{
	if (!harness_can_mount())
		return;
	leave_mounts();
	removes("scratch");
	ck_assert_str_eq(harness_read("precious/file"), "precious");
}
END_TEST

START_TEST(where_it_cannot_be_unmounted_all_of_it_stays)
{
	struct fail f = { 0 };

	if (!harness_can_mount())
		return;
	leave_mounts();
	ck_assert_int_eq(fchmodat(harness_dirfd(), ".", 0777, 0), 0);
	ck_assert_int_eq(fchmodat(harness_dirfd(), "scratch", 0777, 0), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(run_remove_scratch(harness_path("scratch"), &f), -1);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(f.err, EBUSY);
	ck_assert_msg(strstr(f.text, "a b/on: something is mounted") != NULL,
	    "%s", f.text);
	ck_assert(is_there("scratch/a b/on/file"));
	ck_assert(harness_exists("scratch/a b/mine"));
	removes("scratch");
}
END_TEST

START_TEST(a_mount_beside_scratch_is_left_alone)
{
	const char *at;

	if (!harness_can_mount())
		return;
	harness_write("scratch/mine", "");
	harness_write("precious/file", "");
	harness_write("scratch-2/under", "");
	at = harness_path("scratch-2");
	ck_assert_int_eq(mount(harness_path("precious"), at, NULL, MS_BIND,
	    NULL), 0);
	removes("scratch");
	ck_assert(is_there("scratch-2/file"));
	ck_assert_int_eq(umount(harness_path("scratch-2")), 0);
}
END_TEST

static int
set_immutable(const char *path, int flag)
{
	int fd = open(harness_path(path), O_RDONLY | O_CLOEXEC), flags, rc;

	rc = ioctl(fd, FS_IOC_GETFLAGS, &flags);
	flags |= flag;
	if (rc == 0)
		rc = ioctl(fd, FS_IOC_SETFLAGS, &flags);
	(void)close(fd);
	return rc;
}

START_TEST(what_cannot_be_changed_is_removed_as_well)
{
	harness_write("scratch/a/b/file", "");
	harness_write("scratch/c/file", "");
	if (set_immutable("scratch/a/b/file", FS_IMMUTABLE_FL) != 0 ||
	    set_immutable("scratch/a/b", FS_APPEND_FL) != 0 ||
	    set_immutable("scratch/c", FS_IMMUTABLE_FL) != 0)
		return;		/* not root, or not on this filesystem */
	removes("scratch");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc,
	    what_is_mounted_in_scratch_is_not_removed_but_unmounted);
	tcase_add_test(tc, where_it_cannot_be_unmounted_all_of_it_stays);
	tcase_add_test(tc, a_mount_beside_scratch_is_left_alone);
	tcase_add_test(tc, what_cannot_be_changed_is_removed_as_well);
	tcase_add_test(tc, scratch_is_made_and_may_be_there);
	tcase_add_test(tc, scratch_is_no_symlink);
	tcase_add_loop_test(tc, scratch_is_written_to_by_nobody_else, 0,
	    (int)(sizeof modes / sizeof *modes));
	tcase_add_test(tc, scratch_belongs_to_the_worker);
	tcase_add_test(tc, scratch_is_no_file);
}
