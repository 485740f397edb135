/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "import.h"
#include "request.h"
#include "spool.h"
#include "strs.h"

#define FILE_NAME "requests"

static const struct spool *s;
static const struct conf *c;

static void
set_scene(void)
{
	s = harness_spool("amd64 amd64.huge arm64");
	c = harness_conf("");
}

static int
import(struct import *i, struct fail *f)
{
	*i = (struct import){ .priority = -1 };
	return import_file(c, s, harness_path(FILE_NAME), i, NULL, f);
}

static struct import
must_import(void)
{
	struct import i;
	struct fail f;

	ck_assert_msg(import(&i, &f) == 0, "%s", f.text);
	return i;
}

static struct import
import_text(const char *text)
{
	harness_write(FILE_NAME, text);
	return must_import();
}

/* The only token that matches, as a request. */
static void
read_token(const char *match, struct request *r)
{
	char path[512];
	const char *text;
	struct fail f;

	(void)snprintf(path, sizeof path, "spool/%s", harness_token(match));
	text = harness_read(path);
	ck_assert_msg(request_parse(r, path, text, strlen(text), &f) == 0,
	    "%s", f.text);
}

static bool
is_in(const char *match, const char *folder)
{
	return strncmp(harness_token(match), folder, strlen(folder)) == 0;
}

/* The first in harness_dir whose name begins so. */
static const char *
file_called(const char *prefix)
{
	static char name[256];
	struct strs names = { 0 };
	struct fail f;

	name[0] = '\0';
	ck_assert_int_eq(fs_list(harness_dirfd(), ".", 100, &names, &f), 0);
	for (size_t i = 0; i < names.n && !name[0]; i++)
		if (strncmp(names.v[i], prefix, strlen(prefix)) == 0)
			(void)snprintf(name, sizeof name, "%s", names.v[i]);
	strs_free(&names);
	return name;
}

/* Names in harness_dir that begin so. */
static size_t
count_files(const char *prefix)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n = 0;

	ck_assert_int_eq(fs_list(harness_dirfd(), ".", 100, &names, &f), 0);
	for (size_t i = 0; i < names.n; i++)
		n += strncmp(names.v[i], prefix, strlen(prefix)) == 0;
	strs_free(&names);
	return n;
}

START_TEST(a_file_that_is_not_there_asks_for_nothing)
{
	struct import i;

	set_scene();
	i = must_import();
	ck_assert_uint_eq(i.lines, 0);
}
END_TEST

START_TEST(each_line_becomes_a_request_and_the_file_goes)
{
	struct import i;

	set_scene();
	i = import_text("# by britney\n"
	    "debci-testing-amd64:green {\"triggers\": [\"red/2\"]}\n"
	    "\n \t\n"
	    "debci-testing-arm64:green {\"triggers\": [\"red/2\"]}\r\n"
	    "debci-testing-amd64:blue {\"triggers\": [\"red/2\"]}");
	ck_assert_uint_eq(i.lines, 3);
	ck_assert_uint_eq(i.queued, 3);
	ck_assert_uint_eq(i.bad + i.pending + i.resumed, 0);
	ck_assert_uint_eq(harness_tokens("green,"), 2);
	ck_assert(is_in("blue,", "amd64/new/"));
	ck_assert_uint_eq(count_files(FILE_NAME), 0);
}
END_TEST

/* Debian's of 2019, Kali's of 2024, Ubuntu's of 2026, and Ubuntu's worker's. */
static const struct {
	const char *line, *folder, *suite, *trigger, *ppa;
} lines[] = {
	{ "debci-testing-amd64:green {\"triggers\": [\"red/2\"]}",
	  "amd64/new/", "testing", "red/2", NULL },
	{ "debci-testing-amd64:green {\"triggers\": [\"migration-reference/0"
	  "\"]}", "amd64/new/", "testing", "migration-reference/0", NULL },
	{ "debci-kali-rolling-arm64:green {\"triggers\": [\"red/1:2+kali1\"]}",
	  "arm64/new/", "kali-rolling", "red/1:2+kali1", NULL },
	{ "debci-huge-noble-amd64:green {\"triggers\": [\"red/2ubuntu1\"]}",
	  "amd64.huge/new/", "noble", "red/2ubuntu1", NULL },
	{ "debci-huge-noble-arm64:green {\"triggers\": [\"red/2\"]}",
	  "arm64/new/", "noble", "red/2", NULL },
	{ "debci-ppa-noble-amd64:green {\"triggers\": [\"red/2\"], "
	  "\"ppas\": [\"joe/foo\"]}",
	  "amd64/new/", "noble", "red/2", "joe/foo" },
	{ "green {\"triggers\": [\"red/2\"]}", "amd64/new/", "unstable",
	  "red/2", NULL },
};

START_TEST(takes_the_lines_of_every_britney)
{
	struct request r;

	s = harness_spool("amd64 amd64.huge arm64");
	c = harness_conf("queues: [amd64]\n");
	ck_assert_msg(import_text(lines[_i].line).queued == 1, "%s",
	    lines[_i].line);
	ck_assert_msg(is_in("green,", lines[_i].folder), "%s",
	    harness_token("green,"));
	read_token("green,", &r);
	ck_assert_str_eq(r.package, "green");
	ck_assert_str_eq(r.suite, lines[_i].suite);
	ck_assert_uint_eq(r.triggers.n, 1);
	ck_assert_str_eq(r.triggers.v[0], lines[_i].trigger);
	ck_assert_uint_eq(r.ppas.n, lines[_i].ppa ? 1 : 0);
	if (lines[_i].ppa)
		ck_assert_str_eq(r.ppas.v[0], lines[_i].ppa);
	ck_assert_int_gt(r.submit_time_s, 0);
	request_free(&r);
}
END_TEST

START_TEST(what_the_caller_says_goes_into_every_request)
{
	struct import i = { .priority = 8, .pin_triggers = "unstable",
	    .requester = "britney" };
	struct request r;
	struct fail f;

	set_scene();
	harness_write(FILE_NAME, "debci-testing-amd64:green {\"triggers\": "
	    "[\"red/2\", \"blue/1\"]}\n"
	    "debci-testing-amd64:ref {\"triggers\": "
	    "[\"migration-reference/0\"]}\n");
	ck_assert_msg(import_file(c, s, harness_path(FILE_NAME), &i, NULL, &f)
	    == 0, "%s", f.text);
	ck_assert_ptr_nonnull(strstr(harness_token("green,"), ",p8,"));
	ck_assert(is_in("green,", "amd64/new/02-"));
	read_token("green,", &r);
	ck_assert_int_eq(r.priority, 8);
	ck_assert_str_eq(r.requester, "britney");
	ck_assert_uint_eq(r.pin_packages.n, 1);
	ck_assert_str_eq(r.pin_packages.v[0], "unstable=src:red,src:blue");
	request_free(&r);
	read_token("ref,", &r);
	ck_assert_uint_eq(r.pin_packages.n, 0);
	request_free(&r);
}
END_TEST

static const struct { const char *line, *why; } bad[] = {
	{ "debci-testing-amd64:Green {}", "Green" },
	{ "debci-testing-amd64:green {\"triggers\": [\"../x\"]}", "trigger" },
	{ "debci-testing-amd64:green {\"triggers\": [", "requests:2:" },
	{ "debci-testing:green {}", "names no suite and architecture" },
	{ "debci-testing-riscv64:green {}", "no queue" },
	{ "rm -rf /", "not a request" },
	{ "debci-testing-amd64:green {\"trigers\": [\"red/2\"]}", "trigers" },
};

/* The one of its two names in SPOOL/bad that ends so. */
static const char *
read_bad(bool why)
{
	static char path[256];
	struct strs names = { 0 };
	struct fail f;

	ck_assert_int_eq(fs_list(s->fd, "bad", 100, &names, &f), 0);
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.v[i], "line,", 5) == 0 &&
		    why == (strstr(names.v[i], ".why") != NULL))
			(void)snprintf(path, sizeof path, "spool/bad/%s",
			    names.v[i]);
	strs_free(&names);
	return harness_read(path);
}

START_TEST(a_bad_line_is_kept_with_its_reason_and_the_rest_goes_on)
{
	char text[512];
	struct import i;

	set_scene();
	(void)snprintf(text, sizeof text, "debci-testing-amd64:a1 {}\n%s\n"
	    "debci-testing-amd64:b1 {}\n", bad[_i].line);
	i = import_text(text);
	ck_assert_uint_eq(i.lines, 3);
	ck_assert_uint_eq(i.queued, 2);
	ck_assert_uint_eq(i.bad, 1);
	ck_assert_uint_eq(harness_tokens(","), 2);
	ck_assert_str_eq(read_bad(false), bad[_i].line);
	ck_assert_msg(strstr(read_bad(true), bad[_i].why) != NULL, "%s",
	    read_bad(true));
	ck_assert_uint_eq(count_files(FILE_NAME), 0);
}
END_TEST

START_TEST(the_same_file_twice_enqueues_nothing_twice)
{
	static const char text[] =
	    "debci-testing-amd64:green {\"triggers\": [\"red/2\"]}\n"
	    "debci-testing-amd64:blue {\"triggers\": [\"red/2\"]}\n"
	    "debci-testing-amd64:green {\"triggers\": [\"red/2\"]}\n";
	struct import i;

	set_scene();
	i = import_text(text);
	ck_assert_uint_eq(i.queued, 2);
	ck_assert_uint_eq(i.pending, 1);
	i = import_text(text);
	ck_assert_uint_eq(i.queued, 0);
	ck_assert_uint_eq(i.pending, 3);
	ck_assert_uint_eq(harness_tokens(","), 2);
}
END_TEST

START_TEST(another_trigger_is_another_request)
{
	set_scene();
	(void)import_text(
	    "debci-testing-amd64:green {\"triggers\": [\"red/2\"]}\n");
	ck_assert_uint_eq(import_text(
	    "debci-testing-amd64:green {\"triggers\": [\"red/3\"]}\n").queued,
	    1);
	ck_assert_uint_eq(harness_tokens("green,"), 2);
}
END_TEST

static void
write_many(int n)
{
	char text[4096] = "";
	size_t len = 0;

	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    i == 2 ? "no request %d\n" :
		    "debci-testing-amd64:p%d {\"triggers\": [\"red/2\"]}\n",
		    i);
	ck_assert_uint_lt(len, sizeof text);
	harness_write(FILE_NAME, text);
}

static void
clear(void)
{
	static const char *const folders[] = { "spool/amd64/new",
	    "spool/amd64/pending", "spool/amd64/tmp", "spool/amd64/cur",
	    "spool/bad" };
	struct fail f;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct strs names = { 0 };
		int dir = fs_open_dir(harness_dirfd(), folders[i]);

		ck_assert_int_eq(fs_list(dir, ".", 1000, &names, &f), 0);
		for (size_t k = 0; k < names.n; k++)
			ck_assert_int_eq(fs_remove_tree(dir, names.v[k], &f),
			    0);
		(void)close(dir);
		strs_free(&names);
	}
}

/* Files beside the imported one, and it. */
static void
clear_files(void)
{
	struct strs names = { 0 };
	struct fail f;

	ck_assert_int_eq(fs_list(harness_dirfd(), ".", 100, &names, &f), 0);
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.v[i] + (names.v[i][0] == '.'), FILE_NAME,
		    strlen(FILE_NAME)) == 0)
			ck_assert_int_eq(fs_unlink(harness_dirfd(),
			    names.v[i]), 0);
	strs_free(&names);
}

enum { MANY = 4 };

/* Scratch files may be left, and go with time; directories do not. */
static size_t
count_in_tmp(void)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n = 0;

	ck_assert_int_eq(fs_list(harness_dirfd(), "spool/amd64/tmp", 100,
	    &names, &f), 0);
	for (size_t i = 0; i < names.n; i++)
		n += names.v[i][0] != '.' && strcmp(names.v[i], "README") != 0;
	strs_free(&names);
	return n;
}

/* All of the lines are there, once, and the one bad one. */
static void
is_complete(const char *what)
{
	for (int i = 0; i < MANY; i++) {
		char match[16];

		(void)snprintf(match, sizeof match, "p%d,", i);
		ck_assert_msg(harness_tokens(match) == (i == 2 ? 0 : 1),
		    "%s: %zu of %s", what, harness_tokens(match), match);
	}
	ck_assert_str_eq(read_bad(false), "no request 2");
	ck_assert_msg(count_files(FILE_NAME) == 0, "%s", what);
	ck_assert_msg(count_files("." FILE_NAME) == 0, "%s: scratch", what);
	ck_assert_msg(count_in_tmp() == 0, "%s: something in tmp", what);
}

/* A worker takes p0 before the import is taken up again. */
static void
claim_p0(void)
{
	char from[512], to[512];

	if (harness_tokens("p0,") == 0)
		return;
	(void)snprintf(from, sizeof from, "spool/%s", harness_token("p0,"));
	(void)snprintf(to, sizeof to, "spool/amd64/cur%s@here",
	    strrchr(from, '/'));
	ck_assert_int_eq(fs_rename(harness_dirfd(), from, harness_dirfd(),
	    to), 0);
}

START_TEST(an_import_that_dies_at_any_call_is_taken_up_by_the_next)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		char what[32];
		int status;
		pid_t pid;

		clear();
		write_many(MANY);
		pid = fork();
		if (pid == 0) {
			struct import i;
			struct fail f;

			fault_crash_at(nth);
			_exit(import(&i, &f) == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		(void)snprintf(what, sizeof what, "died at %u", nth);
		claim_p0();
		(void)must_import();
		is_complete(what);
	}
}
END_TEST

START_TEST(whatever_fails_the_next_import_completes_it)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct import i;
		struct fail f = { 0 };
		int rc;

		clear();
		write_many(MANY);
		fault_on(&x);
		rc = import(&i, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_msg(rc == 0 || f.text[0], "%s", x.what);
		if (rc != 0)
			(void)must_import();
		is_complete(x.what);
	}
}
END_TEST

/* An import is cut off, at the first call before which that file is there. */
static void
cut_off_at(const char *prefix)
{
	for (unsigned nth = 1; count_files(prefix) == 0; nth++) {
		int status;
		pid_t pid;

		clear();
		clear_files();
		write_many(MANY);
		pid = fork();
		if (pid == 0) {
			struct import i;
			struct fail f;

			fault_crash_at(nth);
			_exit(import(&i, &f) == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(WEXITSTATUS(status) == 0, "no %s", prefix);
	}
}

static const struct {
	const char *state;
	size_t pending, queued, resumed, bad;
} states[] = {
	{ FILE_NAME ".importing-", 0, 3, 0, 1 },
	{ FILE_NAME ".plan-", 0, 3, 0, 1 },
	{ FILE_NAME ".written-", 0, 0, 3, 0 },
	{ FILE_NAME ".imported-", 0, 0, 3, 0 },
};

START_TEST(what_was_resumed_is_counted_as_such)
{
	struct import i;

	set_scene();
	cut_off_at(states[_i].state);
	i = must_import();
	ck_assert_uint_eq(i.pending, states[_i].pending);
	ck_assert_uint_eq(i.queued, states[_i].queued);
	ck_assert_uint_eq(i.resumed, states[_i].resumed);
	ck_assert_uint_eq(i.bad, states[_i].bad);
	is_complete(states[_i].state);
}
END_TEST

/* A listing that does not show what was queued must not matter. */
START_TEST(what_nobody_can_see_any_more_is_not_queued_again)
{
	struct fail f;
	struct import i;

	set_scene();
	cut_off_at(FILE_NAME ".imported-");
	harness_write("saved", harness_read(file_called(FILE_NAME
	    ".imported-")));
	(void)must_import();
	is_complete("moved");
	clear();
	ck_assert_int_eq(fs_rename(harness_dirfd(), "saved", harness_dirfd(),
	    FILE_NAME ".imported-0123456789ab"), 0);
	ck_assert_int_eq(import(&i, &f), 0);
	ck_assert_uint_eq(harness_tokens(","), 0);
	ck_assert_uint_eq(count_files(FILE_NAME), 0);
}
END_TEST

START_TEST(a_plan_that_is_not_whole_is_told_and_kept)
{
	struct import i;
	struct fail f;

	set_scene();
	harness_write(FILE_NAME ".imported-0123456789ab",
	    "batch 0123456789ab\namd64 05-20260101T0000 1\n");
	ck_assert_int_eq(import(&i, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_ptr_nonnull(strstr(f.text, "plan"));
	ck_assert_uint_eq(count_files(FILE_NAME ".imported-"), 1);
}
END_TEST

START_TEST(a_leftover_and_a_new_file_are_both_imported)
{
	struct import i;

	set_scene();
	harness_write(FILE_NAME ".importing-0123456789ab",
	    "debci-testing-amd64:old {}\n");
	harness_write("other.importing-0123456789ab",
	    "debci-testing-amd64:other {}\n");
	i = import_text("debci-testing-amd64:new {}\n");
	ck_assert_uint_eq(i.queued, 2);
	ck_assert_uint_eq(harness_tokens("old,"), 1);
	ck_assert_uint_eq(harness_tokens("new,"), 1);
	ck_assert_uint_eq(harness_tokens("other,"), 0);
	ck_assert_uint_eq(count_files("other.importing-"), 1);
}
END_TEST

START_TEST(one_that_another_import_is_at_is_left_to_it)
{
	struct import i;
	int fd;

	set_scene();
	harness_write(FILE_NAME ".importing-0123456789ab",
	    "debci-testing-amd64:old {}\n");
	fd = openat(harness_dirfd(), FILE_NAME ".importing-0123456789ab",
	    O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	i = must_import();
	ck_assert_uint_eq(i.lines, 0);
	(void)close(fd);
	i = must_import();
	ck_assert_uint_eq(i.queued, 1);
}
END_TEST

START_TEST(imports_at_the_same_time_enqueue_nothing_twice)
{
	enum { IMPORTS = 4 };

	set_scene();
	for (int round = 0; round < 5; round++) {
		clear();
		write_many(MANY);
		for (int k = 0; k < IMPORTS; k++) {
			pid_t pid = fork();
			struct import i;
			struct fail f;

			ck_assert_int_ge(pid, 0);
			if (pid == 0) {
				(void)import(&i, &f);
				_exit(0);
			}
		}
		for (int k = 0; k < IMPORTS; k++)
			ck_assert_int_gt(wait(NULL), 0);
		is_complete("together");
	}
}
END_TEST

START_TEST(waits_for_a_writer_and_misses_nothing_it_wrote)
{
	static const char late[] = "debci-testing-amd64:late {}\n";
	struct import i;
	pid_t pid;
	int fd;

	set_scene();
	harness_write(FILE_NAME, "debci-testing-amd64:early {}\n");
	fd = openat(harness_dirfd(), FILE_NAME,
	    O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	pid = fork();
	if (pid == 0) {
		while (harness_exists(FILE_NAME))
			(void)usleep(10000);
		_exit(write(fd, late, sizeof late - 1) < 0);
	}
	(void)close(fd);
	i = must_import();
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_uint_eq(i.queued, 2);
	ck_assert_uint_eq(harness_tokens("late,"), 1);
}
END_TEST

static const char *const ails[] = { "spool/arm64", "spool/arm64/pending" };

START_TEST(a_queue_that_cannot_be_opened_now_costs_no_line)
{
	struct import i;
	struct fail f = { 0 };

	set_scene();
	harness_write(FILE_NAME, "debci-testing-amd64:green {}\n"
	    "debci-testing-arm64:green {}\n");
	ck_assert_int_eq(fs_rename(harness_dirfd(), ails[_i],
	    harness_dirfd(), "away"), 0);
	/* A loop of symlinks stands for all that ails a mount. */
	ck_assert_int_eq(fs_symlink(strrchr(ails[_i], '/') + 1,
	    harness_dirfd(), ails[_i]), 0);
	ck_assert_int_eq(import(&i, &f), -1);
	ck_assert_int_ne(f.status, EX_CONFIG);
	ck_assert_uint_eq(i.bad, 0);
	ck_assert_uint_eq(count_files(FILE_NAME ".importing-"), 1);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), ails[_i]), 0);
	ck_assert_int_eq(fs_rename(harness_dirfd(), "away", harness_dirfd(),
	    ails[_i]), 0);
	i = must_import();
	ck_assert_uint_eq(i.queued + i.resumed, 2);
	ck_assert_uint_eq(i.bad, 0);
	ck_assert_uint_eq(harness_tokens("green,"), 2);
	ck_assert_uint_eq(count_files(FILE_NAME), 0);
}
END_TEST

START_TEST(a_writer_that_stays_is_told_and_its_file_imported_later)
{
	struct import i;
	struct fail f = { 0 };
	int fd;

	set_scene();
	harness_write(FILE_NAME, "debci-testing-amd64:green {}\n");
	fd = openat(harness_dirfd(), FILE_NAME,
	    O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(import(&i, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_uint_eq(harness_tokens(","), 0);
	ck_assert_uint_eq(count_files(FILE_NAME), 1);
	(void)close(fd);
	ck_assert_uint_eq(must_import().queued, 1);
	ck_assert_uint_eq(count_files(FILE_NAME), 0);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_file_that_is_not_there_asks_for_nothing);
	tcase_add_test(tc, each_line_becomes_a_request_and_the_file_goes);
	tcase_add_loop_test(tc, takes_the_lines_of_every_britney, 0,
	    (int)(sizeof lines / sizeof *lines));
	tcase_add_test(tc, what_the_caller_says_goes_into_every_request);
	tcase_add_loop_test(tc,
	    a_bad_line_is_kept_with_its_reason_and_the_rest_goes_on, 0,
	    (int)(sizeof bad / sizeof *bad));
	tcase_add_test(tc, the_same_file_twice_enqueues_nothing_twice);
	tcase_add_test(tc, another_trigger_is_another_request);
	tcase_add_test(tc,
	    an_import_that_dies_at_any_call_is_taken_up_by_the_next);
	tcase_add_test(tc, whatever_fails_the_next_import_completes_it);
	tcase_add_loop_test(tc, what_was_resumed_is_counted_as_such, 0,
	    (int)(sizeof states / sizeof *states));
	tcase_add_test(tc, what_nobody_can_see_any_more_is_not_queued_again);
	tcase_add_test(tc, a_plan_that_is_not_whole_is_told_and_kept);
	tcase_add_test(tc, a_leftover_and_a_new_file_are_both_imported);
	tcase_add_test(tc, one_that_another_import_is_at_is_left_to_it);
	tcase_add_test(tc, imports_at_the_same_time_enqueue_nothing_twice);
	tcase_add_loop_test(tc,
	    a_queue_that_cannot_be_opened_now_costs_no_line, 0,
	    (int)(sizeof ails / sizeof *ails));
	tcase_add_test(tc, waits_for_a_writer_and_misses_nothing_it_wrote);
	tcase_add_test(tc,
	    a_writer_that_stays_is_told_and_its_file_imported_later);
}
