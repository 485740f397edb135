/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "harness.h"
#include "serve_tree.h"
#include "strs.h"

#define RUN "autopkgtest/sid/amd64/h/hello/20261122_160102@"
#define LINK "by-version/sid/amd64/hello/1.0/20261122_160102@"

/* A descriptor, or -1 with errno. */
static int
open_path(const char *path)
{
	struct strs parts = { 0 };
	struct stat st;
	int fd;

	strs_split(&parts, path, "/");
	fd = serve_tree_file(harness_dirfd(), &parts, &st);
	strs_free(&parts);
	return fd;
}

static void
is_not_there(const char *path)
{
	ck_assert_msg(open_path(path) == -1 && errno == ENOENT, "%s: %s", path,
	    strerror(errno));
}

START_TEST(opens_files)
{
	char text[8];
	int fd;

	harness_write(RUN "/log.gz", "log");
	fd = open_path(RUN "/log.gz");
	ck_assert_int_eq((int)read(fd, text, sizeof text), 3);
	(void)close(fd);
	is_not_there(RUN "/none");
	is_not_there("none/none");
	is_not_there(RUN);
	is_not_there("");
}
END_TEST

START_TEST(follows_no_link)
{
	harness_write("secret/file", "x");
	harness_write("a/file", "x");
	ck_assert_int_eq(fs_symlink("../secret", harness_dirfd(), "a/to"), 0);
	ck_assert_int_eq(fs_symlink("file", harness_dirfd(), "a/link"), 0);
	ck_assert_int_eq(fs_symlink("/etc", harness_dirfd(), "a/etc"), 0);
	is_not_there("a/to/file");
	is_not_there("a/link");
	is_not_there("a/etc/passwd");
}
END_TEST

START_TEST(names_with_a_dot_are_not_there)
{
	harness_write(".staging/x/log", "x");
	harness_write("a/.hidden", "x");
	is_not_there(".staging/x/log");
	is_not_there("a/.hidden");
	is_not_there("a/../a/.hidden");
}
END_TEST

START_TEST(what_is_no_regular_file_is_not_there)
{
	harness_write("a/file", "x");
	ck_assert_int_eq(mkfifo(harness_path("a/fifo"), 0600), 0);
	is_not_there("a/fifo");
	is_not_there("a/file/x");
}
END_TEST

/* What the path becomes; valid until the next. */
static const char *
resolve(const char *path)
{
	static char *joined;
	struct strs parts = { 0 };

	strs_split(&parts, path, "/");
	serve_tree_resolve(harness_dirfd(), &parts);
	free(joined);
	joined = strs_join(&parts, "/");
	strs_free(&parts);
	return joined;
}

static void
make_link(const char *target)
{
	harness_write("by-version/sid/amd64/hello/1.0/x", "");
	(void)fs_unlink(harness_dirfd(), LINK);
	ck_assert_int_eq(fs_symlink(target, harness_dirfd(), LINK), 0);
}

START_TEST(a_link_by_version_is_its_run)
{
	make_link("../../../../../" RUN);
	ck_assert_str_eq(resolve(LINK), RUN);
	ck_assert_str_eq(resolve(LINK "/log.gz"), RUN "/log.gz");
	ck_assert_str_eq(resolve(RUN "/log.gz"), RUN "/log.gz");
}
END_TEST

START_TEST(a_link_that_leads_elsewhere_is_none)
{
	ck_assert_str_eq(resolve(LINK "/log.gz"), LINK "/log.gz");
	make_link("/etc");
	ck_assert_str_eq(resolve(LINK "/passwd"), LINK "/passwd");
	make_link("../../../../../autopkgtest/sid/amd64/h/hello/"
	    "20261122_160103@");
	ck_assert_str_eq(resolve(LINK), LINK);
	make_link("../../../../../" RUN "/..");
	ck_assert_str_eq(resolve(LINK), LINK);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, opens_files);
	tcase_add_test(tc, follows_no_link);
	tcase_add_test(tc, names_with_a_dot_are_not_there);
	tcase_add_test(tc, what_is_no_regular_file_is_not_there);
	tcase_add_test(tc, a_link_by_version_is_its_run);
	tcase_add_test(tc, a_link_that_leads_elsewhere_is_none);
}
