/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fence.h"
#include "harness.h"
#include "sandbox.h"
#include "strs.h"

enum { LONG_MS = 30000 };

static const bool kinds[] = { false, true };

/* Only where this process may isolate is the second kind tried. */
static bool
is_possible(bool isolated)
{
	bool can = false;
	struct fail f;

	(void)sandbox_choose(harness_conf("isolate: auto\n"), &can, &f);
	return !isolated || can;
}

static const struct fence *fence;	/* of the running test, or none */

/* Starts sh -c script; its output goes to harness_dir's out. */
static void
start(struct sandbox *s, bool isolated, const char *script)
{
	struct strs argv = { 0 }, expose = { 0 };
	struct sandbox_plan p = { .argv = &argv, .directory = "/",
	    .tmp = harness_path("tmp"), .expose = &expose,
	    .fence = fence, .fence_passes = fence_passes(fence),
	    .isolated = isolated };
	struct fail f;

	(void)mkdirat(harness_dirfd(), "tmp", 0777);
	p.output = openat(harness_dirfd(), "out",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	ck_assert_int_ge(p.output, 0);
	strs_add(&argv, "sh");
	strs_add(&argv, "-c");
	strs_add(&argv, script);
	strs_add(&expose, harness_path("exposed"));
	(void)mkdirat(harness_dirfd(), "exposed", 0777);
	ck_assert_msg(sandbox_start(s, &p, &f) == 0, "%s", f.text);
	(void)close(p.output);
	strs_free(&argv);
	strs_free(&expose);
}

static int
run(bool isolated, const char *script)
{
	struct sandbox s;
	int status;

	start(&s, isolated, script);
	status = sandbox_wait(&s, LONG_MS);
	sandbox_end(&s);
	return status;
}

static const struct { const char *script; int status; } ends[] = {
	{ "exit 0", 0 },
	{ "exit 8", 8 },
	{ "exit 16", 16 },
	{ "exit 128", 126 },
	{ "exit 255", 126 },
	{ "kill -9 $$", SANDBOX_SIGNALLED },
	{ "kill -15 $$", SANDBOX_SIGNALLED },
	{ "exec /nowhere/at/all", SANDBOX_NOT_STARTED },
};

START_TEST(the_exit_status_is_told)
{
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (is_possible(kinds[_i]))
			ck_assert_msg(run(kinds[_i], ends[i].script) ==
			    ends[i].status, "%s", ends[i].script);
}
END_TEST

START_TEST(a_program_that_is_not_there_says_so_in_the_output)
{
	struct strs argv = { 0 }, expose = { 0 };
	struct sandbox_plan p = { .argv = &argv, .directory = "/",
	    .tmp = "/tmp", .expose = &expose };
	struct sandbox s;
	struct fail f;

	p.output = openat(harness_dirfd(), "out",
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	strs_add(&argv, "/nowhere/at/all");
	ck_assert_int_eq(sandbox_start(&s, &p, &f), 0);
	ck_assert_int_eq(sandbox_wait(&s, LONG_MS), SANDBOX_NOT_STARTED);
	sandbox_end(&s);
	(void)close(p.output);
	strs_free(&argv);
	ck_assert_ptr_nonnull(strstr(harness_read("out"),
	    "/nowhere/at/all: No such file"));
}
END_TEST

START_TEST(output_and_error_are_one_and_input_is_empty)
{
	if (!is_possible(kinds[_i]))
		return;
	ck_assert_int_eq(run(kinds[_i], "echo out; echo err >&2; cat"), 0);
	ck_assert_str_eq(harness_read("out"), "out\nerr\n");
}
END_TEST

START_TEST(what_runs_too_long_times_out_and_is_ended)
{
	int64_t before_ms = clock_boot_ms();
	struct sandbox s;

	if (!is_possible(kinds[_i]))
		return;
	start(&s, kinds[_i], "trap '' TERM; sleep 1000");
	ck_assert_int_eq(sandbox_wait(&s, 10), SANDBOX_TIMEOUT);
	ck_assert_int_eq(sandbox_wait(&s, 0), SANDBOX_TIMEOUT);
	sandbox_end(&s);
	ck_assert_int_eq(s.pid, -1);
	ck_assert_int_lt(clock_boot_ms() - before_ms, LONG_MS);
	sandbox_end(&s);	/* again is fine */
}
END_TEST

/* A FIFO's writers are gone when it reads as ended. */
static void
all_writers_are_gone(int fifo)
{
	char c;
	ssize_t n;

	while ((n = read(fifo, &c, 1)) == 1)
		;
	ck_assert_int_eq(n, 0);
}

START_TEST(it_ends_when_the_fence_is_passed_though_nobody_waits)
{
	struct fence *e;
	struct sandbox s;
	struct fail f;

	if (!is_possible(kinds[_i]))
		return;
	e = fence_open(&f);
	fence = e;
	fence_hold(e, clock_boot_ms() + LONG_MS);
	start(&s, kinds[_i], "trap '' TERM; (setsid sleep 1000 &); sleep 1000");
	ck_assert_int_eq(sandbox_wait(&s, 100), SANDBOX_TIMEOUT);
	fence_hold(e, clock_boot_ms());
	ck_assert_int_eq(sandbox_wait(&s, LONG_MS), SANDBOX_FENCED);
	ck_assert_ptr_nonnull(strstr(harness_read("out"), "no heartbeat"));
	sandbox_end(&s);
	fence_close(e);
}
END_TEST

START_TEST(no_descendant_outlives_it)
{
	static const char *const scripts[] = {
	    "(setsid sleep 1000 >exposed/fifo &) ; exit 3",
	    "(setsid setsid sh -c 'trap \"\" HUP TERM; sleep 1000 & "
	    "sleep 1000' >exposed/fifo 2>&1 &) ; exit 3" };
	char script[512];

	if (!is_possible(kinds[_i]))
		return;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		int fifo;

		(void)mkdirat(harness_dirfd(), "exposed", 0777);
		(void)unlinkat(harness_dirfd(), "exposed/fifo", 0);
		ck_assert_int_eq(mkfifoat(harness_dirfd(), "exposed/fifo",
		    0666), 0);
		fifo = openat(harness_dirfd(), "exposed/fifo",
		    O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		(void)snprintf(script, sizeof script, "cd %s && exec 9>"
		    "exposed/fifo && %s", harness_path(""), scripts[i]);
		/* Seen from inside, only exposed/ is there. */
		if (kinds[_i])
			(void)snprintf(script, sizeof script, "cd %s/.. && "
			    "exec 9>exposed/fifo && %s",
			    harness_path("exposed"), scripts[i]);
		ck_assert_int_eq(run(kinds[_i], script), 3);
		all_writers_are_gone(fifo);
		(void)close(fifo);
	}
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* What is on a mount that hangs cannot be closed, and keeps from ending. */
START_TEST(its_first_process_keeps_nothing_open_of_what_the_caller_has)
{
	char path[64], target[4096];
	struct sandbox s;

	if (!is_possible(kinds[_i]))
		return;
	start(&s, kinds[_i], "echo up; sleep 1000");
	while (strcmp(harness_read("out"), "up\n") != 0)
		ck_assert_int_eq(sandbox_wait(&s, 10), SANDBOX_TIMEOUT);
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++) {
		ssize_t n;

		(void)snprintf(path, sizeof path, "/proc/%d/fd/%d",
		    (int)s.pid, fd);
		n = readlink(path, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = '\0';
		ck_assert_msg(target[0] != '/', "%s: %s", path, target);
	}
	sandbox_end(&s);
}
END_TEST

START_TEST(isolated_it_has_a_tmp_of_its_own)
{
	char script[512];
	FILE *out;

	if (!is_possible(true))
		return;
	harness_write("exposed/seen", "yes");
	out = fopen("/tmp/adtspool-check-sandbox", "w");
	ck_assert_ptr_nonnull(out);
	(void)fclose(out);
	(void)snprintf(script, sizeof script, "test ! -e "
	    "/tmp/adtspool-check-sandbox && echo x >/tmp/mine && cat %s",
	    harness_path("exposed/seen"));
	ck_assert_msg(run(true, script) == 0, "%s", harness_read("out"));
	ck_assert_str_eq(harness_read("out"), "yes");
	ck_assert_str_eq(harness_read("tmp/mine"), "x\n");
	(void)remove("/tmp/adtspool-check-sandbox");
}
END_TEST

START_TEST(isolated_it_sees_no_processes_but_its_own)
{
	if (!is_possible(true))
		return;
	ck_assert_int_eq(run(true, "ls -d /proc/[0-9]* | wc -l"), 0);
	ck_assert_int_le(atoi(harness_read("out")), 5);
}
END_TEST

START_TEST(otherwise_it_has_a_tmpdir)
{
	ck_assert_int_eq(run(false, "echo x >\"$TMPDIR/mine\""), 0);
	ck_assert_str_eq(harness_read("tmp/mine"), "x\n");
}
END_TEST

START_TEST(signals_are_as_a_fresh_program_expects_them)
{
	sigset_t all;

	if (!is_possible(kinds[_i]))
		return;
	(void)sigfillset(&all);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	/* 32 and 33 are glibc's own; under make(1) they may be ignored. */
	ck_assert_int_eq(run(kinds[_i], "grep -Ec "
	    "'^Sig(Blk|Ign):[[:space:]]0+(180000000)?$' /proc/self/status"),
	    0);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
	ck_assert_str_eq(harness_read("out"), "2\n");
}
END_TEST

START_TEST(it_signals_its_own_process_group_alone)
{
	if (is_possible(kinds[_i]))
		ck_assert_int_eq(run(kinds[_i],
		    "trap 'exit 4' TERM; kill 0; exit 5"), 4);
}
END_TEST

START_TEST(isolation_is_as_the_configuration_says)
{
	bool isolated = true;
	struct fail f = { 0 };

	ck_assert_int_eq(sandbox_choose(harness_conf("isolate: never\n"),
	    &isolated, &f), 0);
	ck_assert(!isolated);
	if (!is_possible(true))
		return;
	ck_assert_int_eq(sandbox_choose(harness_conf("isolate: always\n"),
	    &isolated, &f), 0);
	ck_assert(isolated);
}
END_TEST

START_TEST(always_is_refused_where_it_cannot_be)
{
	const struct conf *c = harness_conf("isolate: always\n");
	bool root = geteuid() == 0, isolated = true;
	struct fail f = { 0 };

	ck_assert(!root || seteuid(65534) == 0);
	ck_assert_int_eq(sandbox_choose(c, &isolated, &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, "isolate: always") != NULL, "%s",
	    f.text);
	ck_assert(!isolated);
	ck_assert(!root || seteuid(0) == 0);
}
END_TEST

START_TEST(auto_goes_without_where_it_cannot_be)
{
	const struct conf *c = harness_conf("isolate: auto\n");
	bool root = geteuid() == 0, isolated = true;
	struct fail f = { 0 };

	ck_assert(!root || seteuid(65534) == 0);
	ck_assert_int_eq(sandbox_choose(c, &isolated, &f), 0);
	ck_assert(!isolated);
	ck_assert(!root || seteuid(0) == 0);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, the_exit_status_is_told, 0, 2);
	tcase_add_test(tc,
	    a_program_that_is_not_there_says_so_in_the_output);
	tcase_add_loop_test(tc, output_and_error_are_one_and_input_is_empty,
	    0, 2);
	tcase_add_loop_test(tc, what_runs_too_long_times_out_and_is_ended, 0,
	    2);
	tcase_add_loop_test(tc,
	    it_ends_when_the_fence_is_passed_though_nobody_waits, 0, 2);
	tcase_add_loop_test(tc, no_descendant_outlives_it, 0, 2);
	tcase_add_loop_test(tc,
	    its_first_process_keeps_nothing_open_of_what_the_caller_has, 0, 2);
	tcase_add_test(tc, isolated_it_has_a_tmp_of_its_own);
	tcase_add_test(tc, isolated_it_sees_no_processes_but_its_own);
	tcase_add_test(tc, otherwise_it_has_a_tmpdir);
	tcase_add_loop_test(tc, it_signals_its_own_process_group_alone, 0, 2);
	tcase_add_test(tc, isolation_is_as_the_configuration_says);
	tcase_add_test(tc, always_is_refused_where_it_cannot_be);
	tcase_add_test(tc, auto_goes_without_where_it_cannot_be);
	tcase_add_loop_test(tc, signals_are_as_a_fresh_program_expects_them,
	    0, 2);
}
