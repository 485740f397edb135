/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
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

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, scratch_is_made_and_may_be_there);
	tcase_add_test(tc, scratch_is_no_symlink);
	tcase_add_loop_test(tc, scratch_is_written_to_by_nobody_else, 0,
	    (int)(sizeof modes / sizeof *modes));
	tcase_add_test(tc, scratch_belongs_to_the_worker);
	tcase_add_test(tc, scratch_is_no_file);
}
