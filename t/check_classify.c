/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "classify.h"
#include "clock.h"
#include "fail.h"
#include "harness.h"

#define NO_SPACE "- name: no-space\n  text: No space left\n  means: tmpfail\n"

static struct classify table;

static void
read_it(const char *yaml)
{
	struct fail f;

	harness_write("failures.yaml", yaml);
	classify_init(&table, harness_path("failures.yaml"));
	ck_assert_msg(classify_refresh(&table, &f) == 1, "%s", f.text);
}

/* The name of what is found in this log, or "". */
static const char *
search(const char *log, int exit_code, const char *package)
{
	const struct classify_pattern *p;
	int fd;

	harness_write("log", log);
	fd = open(harness_path("log"), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	p = classify_log(&table, fd, exit_code, package);
	(void)close(fd);
	return p ? p->name : "";
}

static void
refuses(const char *yaml, const char *reason)
{
	struct classify c;
	struct fail f = { 0 };

	harness_write("failures.yaml", yaml);
	classify_init(&c, harness_path("failures.yaml"));
	ck_assert_int_eq(classify_refresh(&c, &f), -1);
	ck_assert_msg(strstr(f.text, reason), "%s", f.text);
	classify_free(&c);
}

START_TEST(finds_a_text_in_a_line)
{
	read_it(NO_SPACE);
	ck_assert_str_eq(search("one\ncp: No space left on device\ntwo", 16,
	    "hello"), "no-space");
	ck_assert_str_eq(search("No space left", 12, "hello"), "no-space");
	ck_assert_str_eq(search("No space\nleft", 16, "hello"), "");
	ck_assert_str_eq(search("", 16, "hello"), "");
	classify_free(&table);
}
END_TEST

START_TEST(looks_for_certain_exits_alone)
{
	read_it(NO_SPACE "- name: mine\n  text: essential\n  means: fail\n"
	    "- name: even-failed\n  text: reset by\n  exits: [4, 6]\n"
	    "  means: tmpfail\n");
	ck_assert_str_eq(search("No space left", 4, "hello"), "");
	ck_assert_str_eq(search("No space left", 0, "hello"), "");
	ck_assert_str_eq(search("essential", 16, "hello"), "mine");
	ck_assert_str_eq(search("essential", 12, "hello"), "");
	ck_assert_str_eq(search("reset by peer", 6, "hello"), "even-failed");
	ck_assert_str_eq(search("reset by peer", 16, "hello"), "");
	ck_assert_str_eq(search("No space left", -1, "hello"), "");
	ck_assert_str_eq(search("No space left", 75, "hello"), "");
	classify_free(&table);
}
END_TEST

START_TEST(looks_at_certain_packages_alone)
{
	read_it("- name: a\n  text: same line\n  packages: lib*\n"
	    "  except: [libc*]\n  means: tmpfail\n"
	    "- name: b\n  text: same line\n  except: [hello, libx]\n"
	    "  means: tmpfail\n");
	ck_assert_str_eq(search("same line", 16, "libx"), "a");
	ck_assert_str_eq(search("same line", 16, "libc6"), "b");
	ck_assert_str_eq(search("same line", 16, "bash"), "b");
	ck_assert_str_eq(search("same line", 16, "hello"), "");
	classify_free(&table);
}
END_TEST

START_TEST(a_line_must_match_the_expression_too)
{
	read_it("- name: apt\n  text: Hash Sum\n"
	    "  regex: '^E: .*Hash Sum mismatch$'\n  means: tmpfail\n");
	ck_assert_str_eq(search("E: x Hash Sum mismatch\n", 16, "a"), "apt");
	ck_assert_str_eq(search("E: x Hash Sum mismatch\r\n", 16, "a"), "apt");
	ck_assert_str_eq(search(" 12s E: x Hash Sum mismatch\n", 16, "a"),
	    "apt");
	ck_assert_str_eq(search("echo E: x Hash Sum mismatch\n", 16, "a"), "");
	ck_assert_str_eq(search("E: x\nHash Sum mismatch\n", 16, "a"), "");
	classify_free(&table);
}
END_TEST

START_TEST(the_first_of_the_table_counts)
{
	read_it("- name: one\n  text: line one\n  means: tmpfail\n"
	    "- name: two\n  text: line two\n  means: tmpfail\n");
	ck_assert_str_eq(search("line two\nline one\n", 16, "a"), "one");
	ck_assert_str_eq(search("line one\nline two\n", 16, "a"), "one");
	ck_assert_str_eq(search("line two\nline 1\n", 16, "a"), "two");
	classify_free(&table);
}
END_TEST

static char *
huge(const char *head, const char *middle, const char *tail)
{
	struct buf b = { 0 };
	size_t half = CLASSIFY_HEAD_MOST + CLASSIFY_TAIL_MOST;

	buf_addf(&b, "%s\n", head);
	while (b.len < half)
		buf_add(&b, "nothing is told by all of these many lines\n");
	buf_addf(&b, "%s\n", middle);
	while (b.len < 2 * half)
		buf_add(&b, "nothing is told by all of these many lines\n");
	buf_addf(&b, "%s\n", tail);
	return b.s;
}

START_TEST(of_a_huge_log_head_and_tail_are_read)
{
	static const char *const found[] = { "no-space", "", "no-space" };
	static const char word[] = "No space left";
	char *log = huge(_i == 0 ? word : "", _i == 1 ? word : "",
	    _i == 2 ? word : "");

	read_it(NO_SPACE);
	ck_assert_str_eq(search(log, 16, "a"), found[_i]);
	free(log);
	classify_free(&table);
}
END_TEST

START_TEST(of_a_long_line_only_its_begin_is_read)
{
	struct buf b = { 0 };

	read_it(NO_SPACE);
	while (b.len < CLASSIFY_LINE_MOST - 13)
		buf_add(&b, "-");
	buf_add(&b, "No space left");
	ck_assert_str_eq(search(b.s, 16, "a"), "no-space");
	buf_reset(&b);
	while (b.len < CLASSIFY_LINE_MOST - 12)
		buf_add(&b, "-");
	buf_add(&b, "No space left");
	ck_assert_str_eq(search(b.s, 16, "a"), "");
	buf_add(&b, "\nNo space left");
	ck_assert_str_eq(search(b.s, 16, "a"), "no-space");
	buf_free(&b);
	classify_free(&table);
}
END_TEST

START_TEST(a_nul_hides_nothing)
{
	static const char log[] = "a\0b\0No space left\n";
	const struct classify_pattern *p;
	int ends[2];

	read_it(NO_SPACE);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], log, sizeof log - 1), sizeof log - 1);
	(void)close(ends[1]);
	p = classify_log(&table, ends[0], 16, "a");
	ck_assert_ptr_nonnull(p);
	(void)close(ends[0]);
	classify_free(&table);
}
END_TEST

/* Lines on which naive matching takes a time beyond all bounds. */
START_TEST(hostile_lines_cost_little)
{
	int64_t begin_ms = clock_boot_ms();
	struct buf line = { 0 }, log = { 0 };

	read_it("- name: bomb\n  text: aaaa\n"
	    "  regex: '^(a|aa|a*)*(a*)*(.*a){12}b$'\n  means: tmpfail\n"
	    "- name: dots\n  text: aaaa\n"
	    "  regex: '(.*)*(.*)*[^b]*(a.*){9}c$'\n  means: tmpfail\n");
	while (line.len < 2 * CLASSIFY_LINE_MOST)
		buf_add(&line, "a");
	while (log.len < CLASSIFY_HEAD_MOST + CLASSIFY_TAIL_MOST)
		buf_addf(&log, "%s\n", line.s);
	ck_assert_str_eq(search(log.s, 16, "a"), "");
	ck_assert_int_lt(clock_boot_ms() - begin_ms,
	    2 * CLASSIFY_TIME_MOST_MS);
	buf_free(&line);
	buf_free(&log);
	classify_free(&table);
}
END_TEST

START_TEST(says_what_is_wrong)
{
	static const char again[] = NO_SPACE NO_SPACE;

	refuses("a: b\n", ":1: not a list");
	refuses("- a\n", ":1: not a mapping");
	refuses("- name: a\n  text: abcd\n", "needs name, text and means");
	refuses("- name: a\n  means: fail\n", "needs name, text and means");
	refuses("- text: abcd\n  means: fail\n", "needs name, text and means");
	refuses("- nam: a\n", "did you mean \"name\"?");
	refuses("- name: No Space\n", ":1: name: \"No Space\" is not one");
	refuses("- name: a\n  text: abc\n", ":2: text: \"abc\" is not 4 to");
	refuses("- name: a\n  regex: '(a'\n", ":2: regex: \"(a\" is no");
	refuses("- name: a\n  regex: '(a)\\1'\n", "a back-reference");
	refuses("- name: a\n  exits: [4, 0]\n", ":2: exits: \"0\" is not");
	refuses("- name: a\n  exits: 5\n", ":2: exits: \"5\" is not");
	refuses("- name: a\n  means: pass\n", ":2: means: \"pass\" is not");
	refuses("- name: [a]\n", ":1: name: write a text");
	refuses("- name: a\n  packages: [[b]]\n", ":2: packages: write a list");
	refuses(again, ":4: name: no-space is there already");
	refuses("", "failures.yaml");
}
END_TEST

START_TEST(a_broken_file_leaves_the_old_table)
{
	struct fail f = { 0 };

	read_it(NO_SPACE);
	ck_assert_int_eq(classify_refresh(&table, &f), 0);
	harness_write("failures.yaml", "- name: [\n");
	ck_assert_int_eq(classify_refresh(&table, &f), -1);
	ck_assert_int_eq(classify_refresh(&table, &f), 0);
	ck_assert_str_eq(search("No space left", 16, "a"), "no-space");
	harness_write("failures.yaml", "- name: new\n  text: space left\n"
	    "  means: tmpfail\n");
	ck_assert_int_eq(classify_refresh(&table, &f), 1);
	ck_assert_str_eq(search("No space left", 16, "a"), "new");
	ck_assert_int_eq(unlink(harness_path("failures.yaml")), 0);
	ck_assert_int_eq(classify_refresh(&table, &f), 1);
	ck_assert_int_eq(classify_refresh(&table, &f), 0);
	ck_assert_str_eq(search("No space left", 16, "a"), "");
	classify_free(&table);
}
END_TEST

START_TEST(a_change_that_keeps_size_and_time_is_seen)
{
	struct timespec times[2];
	struct stat was, is;
	struct fail f = { 0 };
	char text[] = NO_SPACE;
	int fd;

	read_it(text);
	fd = open(harness_path("failures.yaml"), O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &was), 0);
	times[0] = was.st_atim;
	times[1] = was.st_mtim;
	memcpy(strstr(text, "no-space"), "no-spare", 8);
	do {	/* until the filesystem's clock has moved on */
		ck_assert_int_eq(pwrite(fd, text, strlen(text), 0),
		    (ssize_t)strlen(text));
		ck_assert_int_eq(futimens(fd, times), 0);
		ck_assert_int_eq(fstat(fd, &is), 0);
	} while (is.st_ctim.tv_sec == was.st_ctim.tv_sec &&
	    is.st_ctim.tv_nsec == was.st_ctim.tv_nsec);
	(void)close(fd);
	ck_assert_int_eq(is.st_mtim.tv_nsec, was.st_mtim.tv_nsec);
	ck_assert_int_eq(classify_refresh(&table, &f), 1);
	ck_assert_str_eq(search("No space left", 16, "a"), "no-spare");
	classify_free(&table);
}
END_TEST

START_TEST(without_a_file_nothing_is_found)
{
	struct fail f = { 0 };

	classify_init(&table, harness_path("none.yaml"));
	ck_assert_int_eq(classify_refresh(&table, &f), 0);
	ck_assert_str_eq(search("No space left", 16, "a"), "");
	classify_init(&table, NULL);
	ck_assert_int_eq(classify_refresh(&table, &f), 0);
	ck_assert_str_eq(search("No space left", 16, "a"), "");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, finds_a_text_in_a_line);
	tcase_add_test(tc, looks_for_certain_exits_alone);
	tcase_add_test(tc, looks_at_certain_packages_alone);
	tcase_add_test(tc, a_line_must_match_the_expression_too);
	tcase_add_test(tc, the_first_of_the_table_counts);
	tcase_add_loop_test(tc, of_a_huge_log_head_and_tail_are_read, 0, 3);
	tcase_add_test(tc, of_a_long_line_only_its_begin_is_read);
	tcase_add_test(tc, a_nul_hides_nothing);
	tcase_add_test(tc, hostile_lines_cost_little);
	tcase_add_test(tc, says_what_is_wrong);
	tcase_add_test(tc, a_broken_file_leaves_the_old_table);
	tcase_add_test(tc, a_change_that_keeps_size_and_time_is_seen);
	tcase_add_test(tc, without_a_file_nothing_is_found);
}
