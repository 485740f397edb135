/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "harness.h"
#include "lease.h"
#include "replace.h"
#include "spool.h"

static const struct spool *s;
static char host[64];

/* A process that holds the name, and says that it is a worker there. */
static pid_t
hold(const char *name, const char *on)
{
	struct worker_state w = { 0 };
	struct lease l;
	struct fail f;
	int ends[2], out[2];
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe(ends) | pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char text[64], state[] = "running";

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)snprintf(text, sizeof text, "%s", on);
		w.worker = strdup(name);
		w.host = text;
		w.state = state;
		w.pid = getpid();
		if (lease_take(&l, s, name, &f) != 0 ||
		    lease_beat(&l, s, &w, &f) != LEASE_KEPT ||
		    dup(l.fd) < 0 || dup2(ends[0], STDIN_FILENO) < 0)
			_exit(1);
		(void)execl("/bin/sh", "sh", "-c", "read x", "worker",
		    (char *)NULL);
		_exit(1);
	}
	(void)close(out[1]);
	ck_assert_int_eq(read(out[0], &c, 1), 0);	/* it closed on exec */
	return pid;
}

static void
set_scene(void)
{
	s = harness_spool("amd64");
	ck_assert_int_eq(gethostname(host, sizeof host - 1), 0);
}

static void
chosen(const char *name, const char *before)
{
	struct replace r;
	struct fail f;

	ck_assert_msg(replace_choose(&r, s, "here", &f) == 0, "%s", f.text);
	ck_assert_str_eq(r.name, name);
	ck_assert_str_eq(r.before, before);
}

START_TEST(a_name_that_nobody_has_is_taken)
{
	set_scene();
	chosen("here", "");
}
END_TEST

START_TEST(the_other_name_of_the_pair_is_taken_and_the_first_told_to_stop)
{
	struct fail f;
	int status;
	pid_t pid;

	set_scene();
	pid = hold("here", host);
	chosen("here.2", "here");
	ck_assert_int_eq(replace_stop(s, "here", &f), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	ck_assert_int_eq(replace_stop(s, "here", &f), 0);
	chosen("here", "");
}
END_TEST

START_TEST(the_second_is_followed_by_the_first)
{
	set_scene();
	(void)hold("here.2", host);
	chosen("here", "here.2");
}
END_TEST

START_TEST(where_both_run_there_is_no_third)
{
	struct replace r;
	struct fail f;

	set_scene();
	(void)hold("here", host);
	(void)hold("here.2", host);
	ck_assert_int_eq(replace_choose(&r, s, "here", &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
}
END_TEST

START_TEST(another_hosts_worker_is_left_alone)
{
	struct fail f;

	set_scene();
	(void)hold("here", "elsewhere");
	chosen("here", "");
	ck_assert_int_eq(replace_stop(s, "here", &f), 0);
}
END_TEST

/* Its number may be another process's by now. */
START_TEST(a_process_without_the_name_is_left_alone)
{
	const char *told;
	struct fail f;
	int status;
	pid_t pid;

	set_scene();
	pid = hold("here", host);
	told = harness_read("spool/workers/here");
	ck_assert_int_eq(unlinkat(s->workers, "here", 0), 0);
	harness_write("spool/workers/here", told);
	ck_assert_int_eq(replace_stop(s, "here", &f), 0);
	ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_name_that_nobody_has_is_taken);
	tcase_add_test(tc,
	    the_other_name_of_the_pair_is_taken_and_the_first_told_to_stop);
	tcase_add_test(tc, the_second_is_followed_by_the_first);
	tcase_add_test(tc, where_both_run_there_is_no_third);
	tcase_add_test(tc, another_hosts_worker_is_left_alone);
	tcase_add_test(tc, a_process_without_the_name_is_left_alone);
}
