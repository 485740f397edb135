/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "strs.h"

static void
refuses_to_read(const char *name, int err)
{
	struct buf b = { 0 };
	struct fail f = { 0 };

	ck_assert_int_eq(fs_read(harness_dirfd(), name, 100, &b, &f), -1);
	ck_assert_int_eq(f.err, err);
	ck_assert_msg(strncmp(f.text, name, strlen(name)) == 0, "%s", f.text);
	buf_free(&b);
}

static size_t
count(const char *dir)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n;

	ck_assert_int_eq(fs_list(harness_dirfd(), dir, SIZE_MAX, &names, &f),
	    0);
	n = names.n;
	strs_free(&names);
	return n;
}

static bool
exists(const char *name)
{
	struct stat st;

	return fstatat(harness_dirfd(), name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST(a_file_is_written_and_read_back)
{
	struct buf b = { 0 };
	struct fail f;

	ck_assert_int_eq(fs_write_new(harness_dirfd(), "x", "a\0b", 3, &f),
	    0);
	ck_assert_int_eq(fs_read(harness_dirfd(), "x", 3, &b, &f), 0);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.s, "a\0b", 4);
	buf_free(&b);
}
END_TEST

START_TEST(an_empty_file_reads_as_an_empty_string)
{
	struct buf b = { 0 };
	struct fail f;

	harness_write("x", "");
	ck_assert_int_eq(fs_read(harness_dirfd(), "x", 0, &b, &f), 0);
	ck_assert_str_eq(b.s, "");
	buf_free(&b);
}
END_TEST

START_TEST(a_new_file_never_overwrites)
{
	struct fail f;

	harness_write("x", "old");
	ck_assert_int_eq(fs_write_new(harness_dirfd(), "x", "new", 3, &f),
	    -1);
	ck_assert_int_eq(f.err, EEXIST);
	ck_assert_str_eq(f.text, "x: File exists");
	ck_assert_str_eq(harness_read("x"), "old");
	ck_assert_int_eq(fs_symlink("y", harness_dirfd(), "link"), 0);
	ck_assert_int_eq(fs_write_new(harness_dirfd(), "link", "new", 3, &f),
	    -1);
	ck_assert(!exists("y"));
}
END_TEST

START_TEST(symlinks_fifos_directories_and_big_files_are_not_read)
{
	harness_write("x", "text");
	ck_assert_int_eq(fs_symlink("x", harness_dirfd(), "link"), 0);
	ck_assert_int_eq(mkfifoat(harness_dirfd(), "fifo", 0600), 0);
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	harness_write("big", "12345678901234567890123456789012345678901234567"
	    "890123456789012345678901234567890123456789012345678901");
	refuses_to_read("link", ELOOP);
	refuses_to_read("fifo", EINVAL);
	refuses_to_read("dir", EINVAL);
	refuses_to_read("big", EFBIG);
	refuses_to_read("absent", ENOENT);
}
END_TEST

START_TEST(replace_makes_or_replaces_and_leaves_no_scratch)
{
	struct fail f;

	ck_assert_int_eq(fs_replace(harness_dirfd(), "x", "one", 3, &f), 0);
	ck_assert_str_eq(harness_read("x"), "one");
	ck_assert_int_eq(fs_replace(harness_dirfd(), "x", "two", 3, &f), 0);
	ck_assert_str_eq(harness_read("x"), "two");
	ck_assert_uint_eq(count("."), 1);
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	ck_assert_int_eq(fs_replace(harness_dirfd(), "dir/x", "three", 5,
	    &f), 0);
	ck_assert_uint_eq(count("dir"), 1);
	ck_assert_int_eq(fs_replace(harness_dirfd(), "dir", "no", 2, &f), -1);
	ck_assert_uint_eq(count("."), 2);
}
END_TEST

START_TEST(replace_finds_out_that_only_the_reply_was_lost)
{
	static const char *const names[] = { "x", "dir/x" };
	const char *name = names[_i];
	struct fail f;

	ck_assert_int_eq(mkdirat(harness_dirfd(), "dir", 0777), 0);
	for (struct fault x = { 0 }; fault_next(&x); ) {
		int rc;

		harness_write(name, "old");
		fault_on(&x);
		rc = fs_replace(harness_dirfd(), name, "new", 3, &f);
		fault_off();
		if (x.kind == FAULT_LOST_REPLY && strstr(x.what, "renameat"))
			ck_assert_msg(rc == 0, "%s: %s", x.what, f.text);
		if (rc == 0)
			ck_assert_str_eq(harness_read(name), "new");
	}
}
END_TEST

START_TEST(who_reads_during_replace_sees_a_whole_text)
{
	char text[2][5000];
	struct fail f;
	pid_t child;
	int status;

	memset(text[0], 'a', sizeof text[0]);
	memset(text[1], 'b', sizeof text[1]);
	ck_assert_int_eq(fs_replace(harness_dirfd(), "x", text[0], 5000, &f),
	    0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		for (int i = 0; i < 200; i++)
			if (fs_replace(harness_dirfd(), "x", text[i % 2],
			    5000, &f) != 0)
				_exit(1);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		const char *s = harness_read("x");

		ck_assert_uint_eq(strlen(s), 5000);
		ck_assert_mem_eq(s, text[s[0] - 'a'], 5000);
	}
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(overwrite_keeps_the_file_and_cuts_what_is_longer)
{
	struct stat before, after;
	struct fail f;

	ck_assert_int_eq(fs_overwrite(harness_dirfd(), "x", "long text", 9,
	    &f), 0);
	ck_assert_int_eq(fstatat(harness_dirfd(), "x", &before, 0), 0);
	ck_assert_int_eq(fs_overwrite(harness_dirfd(), "x", "short", 5, &f),
	    0);
	ck_assert_int_eq(fstatat(harness_dirfd(), "x", &after, 0), 0);
	ck_assert_str_eq(harness_read("x"), "short");
	ck_assert_uint_eq(before.st_ino, after.st_ino);
}
END_TEST

START_TEST(overwrite_follows_no_symlink_and_waits_for_no_fifo)
{
	struct fail f;

	harness_write("x", "precious");
	ck_assert_int_eq(fs_symlink("x", harness_dirfd(), "link"), 0);
	ck_assert_int_eq(fs_overwrite(harness_dirfd(), "link", "y", 1, &f),
	    -1);
	ck_assert_int_eq(f.err, ELOOP);
	ck_assert_str_eq(harness_read("x"), "precious");
	ck_assert_int_eq(mkfifoat(harness_dirfd(), "fifo", 0600), 0);
	ck_assert_int_eq(fs_overwrite(harness_dirfd(), "fifo", "y", 1, &f),
	    -1);
	ck_assert_int_eq(f.err, ENXIO);
}
END_TEST

START_TEST(mkdirs_makes_all_that_is_missing)
{
	struct fail f;

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "a/b/c", &f), 0);
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "a/b/c", &f), 0);
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "a/b/d", &f), 0);
	ck_assert(fs_is_dir(harness_dirfd(), "a/b/c"));
	ck_assert(fs_is_dir(harness_dirfd(), "a/b/d"));
	harness_write("file", "");
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "file/x", &f), -1);
	ck_assert_int_eq(f.err, ENOTDIR);
}
END_TEST

START_TEST(a_symlink_to_a_directory_is_none)
{
	struct strs names = { 0 };
	struct fail f;

	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "dir"), 0);
	ck_assert_int_eq(fs_symlink("dir", harness_dirfd(), "link"), 0);
	ck_assert(fs_is_dir(harness_dirfd(), "dir"));
	ck_assert(!fs_is_dir(harness_dirfd(), "link"));
	ck_assert_int_eq(fs_open_dir(harness_dirfd(), "link"), -1);
	ck_assert_int_eq(fs_list(harness_dirfd(), "link", 10, &names, &f),
	    -1);
	strs_free(&names);
}
END_TEST

START_TEST(list_is_bounded_and_tells_what_is_not_there)
{
	struct strs names = { 0 };
	struct fail f;

	harness_write("dir/a", "");
	harness_write("dir/b", "");
	harness_write("dir/c", "");
	ck_assert_int_eq(fs_list(harness_dirfd(), "dir", 2, &names, &f), 0);
	ck_assert_uint_eq(names.n, 2);
	errno = EIO;
	ck_assert_int_eq(fs_list(harness_dirfd(), "dir", 0, &names, &f), 0);
	ck_assert_int_eq(fs_list(harness_dirfd(), "absent", 2, &names, &f),
	    -1);
	ck_assert_int_eq(f.err, ENOENT);
	strs_free(&names);
	ck_assert_uint_eq(count("dir"), 3);
}
END_TEST

START_TEST(removing_a_tree_follows_no_symlink)
{
	struct fail f;

	harness_write("keep/x", "precious");
	harness_write("tree/a/b/c", "");
	ck_assert_int_eq(fs_symlink("../keep", harness_dirfd(), "tree/link"),
	    0);
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "tree", &f), 0);
	ck_assert(!exists("tree"));
	ck_assert_str_eq(harness_read("keep/x"), "precious");
	ck_assert_int_eq(fs_symlink("keep", harness_dirfd(), "link"), 0);
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "link", &f), 0);
	ck_assert(!exists("link"));
	ck_assert_str_eq(harness_read("keep/x"), "precious");
}
END_TEST

START_TEST(removing_a_tree_enters_no_mount)
{
	struct fail f = { 0 };
	const char *at;

	if (!harness_can_mount())
		return;
	harness_write("keep/x", "precious");
	harness_write("tree/a/b/c", "");
	harness_write("tree/d", "");
	at = harness_path("tree/a/b");
	ck_assert_int_eq(mount(harness_path("keep"), at, NULL, MS_BIND, NULL),
	    0);
	ck_assert_int_eq(fchmodat(harness_dirfd(), "keep", 0755, 0), 0);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, harness_path("tree"), &f),
	    -1);
	ck_assert_int_eq(f.err, EBUSY);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, at, &f), -1);
	ck_assert_int_eq(f.err, EBUSY);
	ck_assert_int_eq(access(harness_path("tree/a/b/x"), F_OK), 0);
	ck_assert_str_eq(harness_read("keep/x"), "precious");
	ck_assert(!exists("tree/d"));
	ck_assert_int_eq(umount(at), 0);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, harness_path("tree"), &f),
	    0);
}
END_TEST

START_TEST(what_cannot_be_removed_is_told_and_does_not_keep_the_rest)
{
	unsigned failed = 0;

	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int left, rc;

		if (x.kind != FAULT_EIO)
			break;
		harness_write("tree/a/1", "");
		harness_write("tree/a/2", "");
		harness_write("tree/b/3", "");
		harness_write("tree/4", "");
		fault_on(&x);
		rc = fs_remove_tree(harness_dirfd(), "tree", &f);
		fault_off();
		left = exists("tree/a/1") + exists("tree/a/2") +
		    exists("tree/b/3") + exists("tree/4");
		ck_assert_msg(left <= 1, "%s: %d left", x.what, left);
		ck_assert_msg((rc == 0) == !exists("tree"), "%s", x.what);
		ck_assert_msg(rc == 0 || f.text[0], "%s", x.what);
		failed += rc != 0;
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "tree", &f),
		    0);
	}
	ck_assert_uint_ge(failed, 4);
}
END_TEST

START_TEST(a_tree_of_any_depth_is_removed)
{
	struct fail f;
	int dir = dup(harness_dirfd());
	struct rlimit few = { 256, 256 };

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (int i = 0; i < 3000; i++) {
		int sub;

		ck_assert_int_eq(fs_mkdir(dir, "deep"), 0);
		sub = fs_open_dir(dir, "deep");
		ck_assert_int_ge(sub, 0);
		(void)close(dir);
		dir = sub;
	}
	(void)close(dir);
	ck_assert_msg(fs_remove_tree(harness_dirfd(), "deep", &f) == 0, "%s",
	    f.text);
	ck_assert(!exists("deep"));
}
END_TEST

START_TEST(removing_what_is_gone_is_fine)
{
	struct fail f;

	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "absent", &f), 0);
}
END_TEST

START_TEST(directories_without_permissions_are_removed)
{
	struct fail f;
	bool root = geteuid() == 0;

	ck_assert_int_eq(fchmod(harness_dirfd(), 0777), 0);
	ck_assert(!root || seteuid(65534) == 0);
	harness_write("tree/a/b/c", "");
	ck_assert_int_eq(fchmodat(harness_dirfd(), "tree/a/b", 0500, 0), 0);
	ck_assert_int_eq(fchmodat(harness_dirfd(), "tree/a", 0, 0), 0);
	ck_assert_msg(fs_remove_tree(harness_dirfd(), "tree", &f) == 0, "%s",
	    f.text);
	ck_assert(!root || seteuid(0) == 0);
}
END_TEST

START_TEST(what_others_may_change_is_not_local)
{
	int proc = fs_open_dir(AT_FDCWD, "/proc");

	ck_assert(fs_is_local(harness_dirfd()));
	ck_assert_int_ge(proc, 0);
	ck_assert(!fs_is_local(proc));
	ck_assert(!fs_is_local(-1));
	(void)close(proc);
}
END_TEST

START_TEST(a_listing_tells_the_inode_of_a_name)
{
	uint64_t inode = 0;
	struct stat st;
	struct fail f;

	harness_write("d/x", "");
	ck_assert_int_eq(stat(harness_path("d/x"), &st), 0);
	ck_assert_int_eq(fs_find(harness_dirfd(), "d", "x", &inode, &f), 1);
	ck_assert_uint_eq(inode, st.st_ino);
	ck_assert_int_eq(fs_find(harness_dirfd(), "d", "y", &inode, &f), 0);
	ck_assert_int_eq(fs_find(harness_dirfd(), "e", "y", &inode, &f), 0);
	ck_assert_int_eq(fs_find(harness_dirfd(), "d/x", "y", &inode, &f), -1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_file_is_written_and_read_back);
	tcase_add_test(tc, an_empty_file_reads_as_an_empty_string);
	tcase_add_test(tc, a_new_file_never_overwrites);
	tcase_add_test(tc,
	    symlinks_fifos_directories_and_big_files_are_not_read);
	tcase_add_test(tc, replace_makes_or_replaces_and_leaves_no_scratch);
	tcase_add_loop_test(tc, replace_finds_out_that_only_the_reply_was_lost,
	    0, 2);
	tcase_add_test(tc, who_reads_during_replace_sees_a_whole_text);
	tcase_add_test(tc, overwrite_keeps_the_file_and_cuts_what_is_longer);
	tcase_add_test(tc,
	    overwrite_follows_no_symlink_and_waits_for_no_fifo);
	tcase_add_test(tc, mkdirs_makes_all_that_is_missing);
	tcase_add_test(tc, a_symlink_to_a_directory_is_none);
	tcase_add_test(tc, list_is_bounded_and_tells_what_is_not_there);
	tcase_add_test(tc, removing_a_tree_follows_no_symlink);
	tcase_add_test(tc, removing_a_tree_enters_no_mount);
	tcase_add_test(tc,
	    what_cannot_be_removed_is_told_and_does_not_keep_the_rest);
	tcase_add_test(tc, a_tree_of_any_depth_is_removed);
	tcase_add_test(tc, removing_what_is_gone_is_fine);
	tcase_add_test(tc, directories_without_permissions_are_removed);
	tcase_add_test(tc, what_others_may_change_is_not_local);
	tcase_add_test(tc, a_listing_tells_the_inode_of_a_name);
}
