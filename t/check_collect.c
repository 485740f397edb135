/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "collect.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "gunzip.h"
#include "harness.h"
#include "mem.h"
#include "pack.h"
#include "result.h"

static int scratch, output, run;

static void
set_scene(void)
{
	struct fail f;

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "scratch/output", &f), 0);
	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "run", &f), 0);
	scratch = fs_open_dir(harness_dirfd(), "scratch");
	output = fs_open_dir(harness_dirfd(), "scratch/output");
	run = fs_open_dir(harness_dirfd(), "run");
	harness_write("scratch/console", "console\n");
}

static void
fill(struct result *r)
{
	*r = (struct result){ .id = "aaaaaaaaaaaa",
	    .package = mem_dup("hello"), .suite = mem_dup("sid"),
	    .arch = mem_dup("amd64"), .requester = mem_dup("joe"),
	    .worker = mem_dup("here"), .status = mem_dup("fail"),
	    .message = mem_dup("Tests failed"), .exit_code = 4,
	    .attempt = 1, .started_s = 1000, .finished_s = 1060 };
	strs_split(&r->triggers, "red/2 blue/1", " ");
}

static void
must_collect(struct result *r)
{
	struct fail f;

	ck_assert_msg(collect(harness_conf(""), scratch, output, run, r, &f)
	    == 0, "%s", f.text);
}

static void
expect_member(const char *tar, const char *member, const char *want)
{
	struct buf b = { 0 };
	struct fail f = { 0 };
	int rc = pack_read_member(run, tar, member, 4096, &b, &f);

	if (want) {
		ck_assert_msg(rc == 0, "%s", f.text);
		ck_assert_str_eq(b.s, want);
	} else {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(f.err, ENOENT);
	}
	buf_free(&b);
}

static void
expect_log(const char *want)
{
	FILE *out = tmpfile();
	char got[256] = "";
	struct fail f;

	ck_assert_msg(gunzip(run, "log.gz", out, &f) == 0, "%s", f.text);
	rewind(out);
	(void)!fread(got, 1, sizeof got - 1, out);
	(void)fclose(out);
	ck_assert_str_eq(got, want);
}

START_TEST(what_autopkgtest_left_becomes_the_runs_files)
{
	struct result r, back;
	struct fail f;
	const char *text;

	set_scene();
	harness_write("scratch/output/log", "log\n");
	harness_write("scratch/output/summary", "smoke FAIL\n");
	harness_write("scratch/output/testpkg-version", "hello 2.10-3\n");
	harness_write("scratch/output/testinfo.json", "{\"a\": 1}\n");
	harness_write("scratch/output/testbed-packages", "libc6\t2.40\n");
	harness_write("scratch/output/artifacts/a", "x");
	fill(&r);
	r.version = mem_dup("2.10-3");
	must_collect(&r);
	expect_log("log\n");
	expect_member("artifacts.tar.gz", "summary", "smoke FAIL\n");
	expect_member("artifacts.tar.gz", "artifacts/a", "x");
	expect_member("artifacts.tar.gz", "log", NULL);
	expect_member("result.tar", "exitcode", "4\n");
	expect_member("result.tar", "duration", "60\n");
	expect_member("result.tar", "testpkg-version", "hello 2.10-3\n");
	expect_member("result.tar", "testinfo.json", "{\"a\": 1}\n");
	expect_member("result.tar", "testbed-packages", "libc6\t2.40\n");
	expect_member("result.tar", "summary", "smoke FAIL\n");
	expect_member("result.tar", "requester", "joe\n");
	text = harness_read("run/result.json");
	ck_assert_msg(result_read(&back, "result.json", text, strlen(text),
	    &f) == 0, "%s", f.text);
	ck_assert_int_eq(back.exit_code, 4);
	result_free(&back);
	result_free(&r);
}
END_TEST

START_TEST(what_autopkgtest_did_not_write_is_made_up_for)
{
	struct result r;

	set_scene();
	fill(&r);
	must_collect(&r);
	expect_log("console\n");
	expect_member("result.tar", "testpkg-version", "hello unknown\n");
	expect_member("result.tar", "testinfo.json", "{\"custom_environment\":"
	    " [\"ADT_TEST_TRIGGERS=red/2 blue/1\"]}\n");
	expect_member("result.tar", "summary", NULL);
	result_free(&r);
}
END_TEST

START_TEST(a_symlink_in_the_output_leads_nowhere)
{
	struct result r;

	set_scene();
	harness_write("secret", "secret\n");
	ck_assert_int_eq(fs_symlink("../../secret", output, "log"), 0);
	ck_assert_int_eq(fs_symlink("../../secret", output, "summary"), 0);
	ck_assert_int_eq(mkfifoat(output, "testpkg-version", 0666), 0);
	fill(&r);
	must_collect(&r);
	expect_log("console\n");
	expect_member("result.tar", "summary", NULL);
	result_free(&r);
}
END_TEST

static const struct { const char *text, *version; } versions[] = {
	{ "hello 2.10-3\n", "2.10-3" },
	{ "hello 1:2.10~rc1-3+b1", "1:2.10~rc1-3+b1" },
	{ "hello\n", "" },
	{ "hello ../1\n", "" },
	{ "hello 1 2\n", "" },
	{ "", "" },
	{ NULL, "" },
};

START_TEST(the_version_is_what_autopkgtest_said_if_it_is_one)
{
	char version[NAME_VERSION_MAX + 1] = "x";

	set_scene();
	if (versions[_i].text)
		harness_write("scratch/output/testpkg-version",
		    versions[_i].text);
	collect_version(output, version);
	ck_assert_str_eq(version, versions[_i].version);
}
END_TEST

START_TEST(without_a_log_of_any_kind_it_fails)
{
	struct result r;
	struct fail f;

	set_scene();
	ck_assert_int_eq(fs_unlink(scratch, "console"), 0);
	fill(&r);
	ck_assert_int_eq(collect(harness_conf(""), scratch, output, run, &r,
	    &f), -1);
	ck_assert(!harness_exists("run/result.json"));
	result_free(&r);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_autopkgtest_left_becomes_the_runs_files);
	tcase_add_test(tc, what_autopkgtest_did_not_write_is_made_up_for);
	tcase_add_test(tc, a_symlink_in_the_output_leads_nowhere);
	tcase_add_loop_test(tc,
	    the_version_is_what_autopkgtest_said_if_it_is_one, 0,
	    (int)(sizeof versions / sizeof *versions));
	tcase_add_test(tc, without_a_log_of_any_kind_it_fails);
}
