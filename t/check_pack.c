/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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
#include "pack.h"
#include "strs.h"

enum { PLENTY = 1 << 30 };

/* What a shell command says of harness_dir; valid until the next call. */
static const char *
ask(const char *command)
{
	static char answer[65536];
	FILE *p;
	size_t n;

	ck_assert_int_eq(chdir(harness_dir()), 0);
	p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	n = fread(answer, 1, sizeof answer - 1, p);
	answer[n] = '\0';
	ck_assert_int_eq(pclose(p), 0);
	ck_assert_int_eq(chdir("/"), 0);
	return answer;
}

/* Packs out/ but for out/log into t.tar.gz; returns whether it was cut. */
static bool
pack_out(int64_t most_bytes)
{
	int out = fs_open_dir(harness_dirfd(), "out");
	struct strs skip = { 0 };
	struct fail f;
	bool cut;

	strs_add(&skip, "log");
	ck_assert_msg(pack_tree(out, &skip, harness_dirfd(), "t.tar.gz",
	    most_bytes, &cut, &f) == 0, "%s", f.text);
	strs_free(&skip);
	(void)close(out);
	return cut;
}

static bool
pack_the_log(int64_t most_bytes)
{
	struct fail f;
	bool cut;

	ck_assert_msg(pack_log(harness_dirfd(), "log", harness_dirfd(),
	    "log.gz", most_bytes, &cut, &f) == 0, "%s", f.text);
	return cut;
}

START_TEST(a_log_comes_back_as_it_was)
{
	harness_write("log", "one\ntwo\n");
	ck_assert(!pack_the_log(8));
	ck_assert_str_eq(ask("gzip -dc log.gz"), "one\ntwo\n");
}
END_TEST

START_TEST(a_long_log_keeps_its_head_and_its_tail)
{
	struct buf b = { 0 }, want = { 0 };

	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%09d\n", i);
	harness_write("log", b.s);
	ck_assert(pack_the_log(200));
	buf_addn(&want, b.s, 10);
	buf_add(&want, "\n[... 800 bytes left out ...]\n");
	buf_add(&want, b.s + 1000 - 190);
	ck_assert_str_eq(ask("gzip -dc log.gz"), want.s);
	buf_free(&b);
	buf_free(&want);
}
END_TEST

START_TEST(an_empty_log_is_a_gzip_file_too)
{
	harness_write("log", "");
	ck_assert(!pack_the_log(100));
	ck_assert_str_eq(ask("gzip -dc log.gz"), "");
	ck_assert_str_eq(ask("gzip -dc log.gz"), "");
}
END_TEST

START_TEST(packing_twice_gives_the_same_bytes)
{
	harness_write("log", "text\n");
	(void)pack_the_log(100);
	(void)ask("mv log.gz first.gz; sleep 1.1");
	(void)pack_the_log(100);
	(void)ask("cmp log.gz first.gz");
}
END_TEST

START_TEST(nothing_that_is_there_is_overwritten)
{
	struct fail f;
	bool cut;

	harness_write("log", "text\n");
	harness_write("log.gz", "precious");
	ck_assert_int_eq(pack_log(harness_dirfd(), "log", harness_dirfd(),
	    "log.gz", 100, &cut, &f), -1);
	ck_assert_int_eq(f.err, EEXIST);
	ck_assert_str_eq(f.text, "log.gz: File exists");
	ck_assert_str_eq(harness_read("log.gz"), "precious");
}
END_TEST

START_TEST(a_log_that_is_a_symlink_or_a_fifo_is_refused)
{
	struct fail f;
	bool cut;

	(void)ask("ln -s /etc/passwd link; mkfifo fifo");
	ck_assert_int_eq(pack_log(harness_dirfd(), "link", harness_dirfd(),
	    "log.gz", 100, &cut, &f), -1);
	ck_assert_int_eq(f.err, ELOOP);
	ck_assert_int_eq(pack_log(harness_dirfd(), "fifo", harness_dirfd(),
	    "log.gz", 100, &cut, &f), -1);
	ck_assert_int_eq(f.err, EINVAL);
	ck_assert_int_eq(access("log.gz", F_OK), -1);
}
END_TEST

START_TEST(a_tree_is_sorted_and_whole)
{
	harness_write("out/log", "no");
	harness_write("out/summary", "one PASS\n");
	harness_write("out/artifacts/sub/b", "b");
	harness_write("out/artifacts/a", "a");
	harness_write("out/artifacts/log", "taken: not at the top");
	(void)ask("chmod 6751 out/summary; ln -s /etc/passwd out/link");
	ck_assert(!pack_out(PLENTY));
	ck_assert_str_eq(ask("tar tzf t.tar.gz"), "artifacts/\n"
	    "artifacts/a\nartifacts/log\nartifacts/sub/\nartifacts/sub/b\n"
	    "link\nsummary\n");
	(void)ask("mkdir x && tar xzf t.tar.gz -C x && rm out/log && "
	    "diff -r --no-dereference out x");
	ck_assert_ptr_nonnull(strstr(ask("tar tvzf t.tar.gz"),
	    "link -> /etc/passwd\n"));
	ck_assert_ptr_nonnull(strstr(ask("tar tvzf t.tar.gz"),
	    "-rwxr-x--x 0/0 "));
}
END_TEST

START_TEST(times_of_files_are_kept)
{
	harness_write("out/a", "a");
	(void)ask("touch -d '2020-02-02 02:02:02 UTC' out/a");
	ck_assert(!pack_out(PLENTY));
	ck_assert_ptr_nonnull(strstr(
	    ask("TZ=UTC tar tvzf t.tar.gz --full-time"),
	    "2020-02-02 02:02:02 a\n"));
}
END_TEST

START_TEST(names_of_any_bytes_and_length_survive)
{
	(void)ask("mkdir out; cd out; touch \"$(printf 'gr\\303\\274n')\" "
	    "\"$(printf 'b\\377d')\" \"$(printf 'new\\nline')\" "
	    "\"$(printf '%0250d' 0)\"; ln -s \"$(printf '%0250d' 0)\" long");
	ck_assert(!pack_out(PLENTY));
	(void)ask("mkdir x && LC_ALL=C tar xzf t.tar.gz -C x 2>err && "
	    "test ! -s err && diff -r --no-dereference out x");
}
END_TEST

START_TEST(fifos_and_sockets_are_left_out_and_do_not_block)
{
	harness_write("out/a", "a");
	(void)ask("mkfifo out/fifo");
	ck_assert(!pack_out(PLENTY));
	ck_assert_str_eq(ask("tar tzf t.tar.gz"), "a\n");
}
END_TEST

START_TEST(what_passes_the_limit_is_left_out_and_told)
{
	harness_write("out/a", "1234567890");
	harness_write("out/b", "1234567890");
	harness_write("out/c", "");
	harness_write("out/d", "");
	harness_write("out/e", "");
	ck_assert(pack_out(2 * 512 + 19));
	ck_assert_str_eq(ask("tar tzf t.tar.gz"), "a\nc\n" PACK_LEFT_OUT "\n");
	ck_assert_str_eq(ask("tar xzOf t.tar.gz " PACK_LEFT_OUT),
	    "b: 10 bytes, above the limit\n"
	    "d: 0 bytes, above the limit; so is all that would follow\n");
	(void)ask("rm t.tar.gz");
	ck_assert(!pack_out(5 * 512 + 20));
	ck_assert_str_eq(ask("tar tzf t.tar.gz"), "a\nb\nc\nd\ne\n");
}
END_TEST

START_TEST(what_is_told_to_be_left_out_is_bounded_and_printable)
{
	(void)ask("mkdir out && cd out && n=$(printf '%0200d' 0) && "
	    "for i in $(seq 1000 1999); do echo >\"$(printf 'a\n\033')$i$n\";"
	    " done");
	ck_assert(pack_out(512));
	ck_assert_str_eq(ask("tar xzOf t.tar.gz " PACK_LEFT_OUT " >l; "
	    "head -c 7 l; LC_ALL=C grep -c '[^ -~]' l; tail -n 1 l; "
	    "test $(wc -c <l) -lt 70000"), "a??1000" "0\n"
	    "... and 719 more\n");
}
END_TEST

START_TEST(a_flood_of_empty_entries_is_limited_too)
{
	(void)ask("mkdir out && cd out && mkdir $(seq 1000)");
	ck_assert(pack_out(100 * 512));
	ck_assert_str_eq(ask("tar tzf t.tar.gz | wc -l"), "101\n");
}
END_TEST

START_TEST(depth_is_bounded)
{
	(void)ask("d=out; for i in $(seq 100); do d=$d/d; done; mkdir -p $d");
	ck_assert(pack_out(PLENTY));
	ck_assert_str_eq(ask("tar tzf t.tar.gz | wc -l"), "64\n");
	ck_assert_str_eq(ask("tar xzOf t.tar.gz " PACK_LEFT_OUT
	    " | tail -c 18"), "d/d: lies too deep\n" + 1);
}
END_TEST

START_TEST(a_member_that_shrinks_does_not_break_the_tar)
{
	/* Files of sysfs announce a page and give less. */
	static const struct pack_member m[] = { { "fscaps", NULL },
	    { "exitcode", "0\n" } };
	int dir = fs_open_dir(AT_FDCWD, "/sys/kernel");
	struct buf b = { 0 };
	struct stat st;
	struct fail f;

	if (dir < 0 || fstatat(dir, "fscaps", &st, 0) != 0)
		return;
	ck_assert_msg(pack_members(dir, m, 2, harness_dirfd(), "r.tar",
	    &f) == 0, "%s", f.text);
	ck_assert_str_eq(ask("tar tf r.tar"), "fscaps\nexitcode\n");
	ck_assert_int_eq(pack_read_member(harness_dirfd(), "r.tar", "fscaps",
	    1 << 20, &b, &f), 0);
	ck_assert_int_eq((int64_t)b.len, st.st_size);
	ck_assert_uint_lt(strlen(b.s), b.len);
	buf_free(&b);
	(void)close(dir);
}
END_TEST

START_TEST(a_member_that_grows_does_not_break_the_tar)
{
	/* Files of procfs announce nothing and give more. */
	static const struct pack_member m[] = { { "status", NULL },
	    { "exitcode", "0\n" } };
	int dir = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct fail f;

	ck_assert_int_ge(dir, 0);
	ck_assert_msg(pack_members(dir, m, 2, harness_dirfd(), "r.tar",
	    &f) == 0, "%s", f.text);
	ck_assert_str_eq(ask("tar tf r.tar"), "status\nexitcode\n");
	(void)close(dir);
}
END_TEST

START_TEST(members_are_text_or_files_and_missing_ones_are_left_out)
{
	static const struct pack_member m[] = { { "exitcode", "4\n" },
	    { "absent", NULL }, { "summary", NULL }, { "link", NULL } };
	struct buf b = { 0 };
	struct fail f;

	harness_write("summary", "one PASS\n");
	(void)ask("ln -s /etc/passwd link");
	ck_assert_msg(pack_members(harness_dirfd(), m, 4, harness_dirfd(),
	    "result.tar", &f) == 0, "%s", f.text);
	ck_assert_str_eq(ask("tar tf result.tar"), "exitcode\nsummary\n");
	ck_assert_int_eq(pack_read_member(harness_dirfd(), "result.tar",
	    "summary", 9, &b, &f), 0);
	ck_assert_str_eq(b.s, "one PASS\n");
	buf_free(&b);
}
END_TEST

START_TEST(a_member_that_is_too_large_is_left_out)
{
	static const struct pack_member m[] = { { "large", NULL },
	    { "most", NULL }, { "exitcode", "0\n" } };
	struct fail f;

	harness_write("large", "");
	harness_write("most", "");
	ck_assert_int_eq(truncate(harness_path("large"),
	    PACK_MEMBER_MOST + 1), 0);
	ck_assert_int_eq(truncate(harness_path("most"), PACK_MEMBER_MOST), 0);
	ck_assert_msg(pack_members(harness_dirfd(), m, 3, harness_dirfd(),
	    "r.tar", &f) == 0, "%s", f.text);
	ck_assert_str_eq(ask("tar tf r.tar"), "most\nexitcode\n");
}
END_TEST

START_TEST(reading_a_member_is_bounded)
{
	static const struct pack_member m = { "exitcode", "4\n" };
	struct buf b = { 0 };
	struct fail f;

	ck_assert_int_eq(pack_members(harness_dirfd(), &m, 1,
	    harness_dirfd(), "r.tar", &f), 0);
	ck_assert_int_eq(pack_read_member(harness_dirfd(), "r.tar",
	    "exitcode", 1, &b, &f), -1);
	ck_assert_int_eq(f.err, EFBIG);
	ck_assert_int_eq(pack_read_member(harness_dirfd(), "r.tar", "x", 1,
	    &b, &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
	harness_write("junk", "this is no tar at all");
	ck_assert_int_eq(pack_read_member(harness_dirfd(), "junk", "x", 1,
	    &b, &f), -1);
	ck_assert_msg(strncmp(f.text, "junk: ", 6) == 0, "%s", f.text);
	buf_free(&b);
}
END_TEST

START_TEST(a_failure_leaves_no_file_behind)
{
	static const struct pack_member m = { "exitcode", "4\n" };
	struct fail f = { 0 };

	/* fstat of a directory that was closed fails after the tar began. */
	ck_assert_int_eq(pack_members(-1, &m, 1, harness_dirfd(), "r.tar",
	    &f), -1);
	ck_assert_int_eq(f.err, EBADF);
	ck_assert_int_eq(faccessat(harness_dirfd(), "r.tar", F_OK, 0), -1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_log_comes_back_as_it_was);
	tcase_add_test(tc, a_long_log_keeps_its_head_and_its_tail);
	tcase_add_test(tc, an_empty_log_is_a_gzip_file_too);
	tcase_add_test(tc, packing_twice_gives_the_same_bytes);
	tcase_add_test(tc, nothing_that_is_there_is_overwritten);
	tcase_add_test(tc, a_log_that_is_a_symlink_or_a_fifo_is_refused);
	tcase_add_test(tc, a_tree_is_sorted_and_whole);
	tcase_add_test(tc, times_of_files_are_kept);
	tcase_add_test(tc, names_of_any_bytes_and_length_survive);
	tcase_add_test(tc, fifos_and_sockets_are_left_out_and_do_not_block);
	tcase_add_test(tc, what_passes_the_limit_is_left_out_and_told);
	tcase_add_test(tc,
	    what_is_told_to_be_left_out_is_bounded_and_printable);
	tcase_add_test(tc, a_flood_of_empty_entries_is_limited_too);
	tcase_add_test(tc, depth_is_bounded);
	tcase_add_test(tc, a_member_that_shrinks_does_not_break_the_tar);
	tcase_add_test(tc, a_member_that_grows_does_not_break_the_tar);
	tcase_add_test(tc,
	    members_are_text_or_files_and_missing_ones_are_left_out);
	tcase_add_test(tc, a_member_that_is_too_large_is_left_out);
	tcase_add_test(tc, reading_a_member_is_bounded);
	tcase_add_test(tc, a_failure_leaves_no_file_behind);
}
