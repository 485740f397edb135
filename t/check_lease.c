/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "lease.h"
#include "spool.h"

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64");
}

static struct lease
take(void)
{
	struct lease l;
	struct fail f;

	ck_assert_msg(lease_take(&l, s, "here", &f) == 0, "%s", f.text);
	return l;
}

static void
beat(struct lease *l, const struct worker_state *w)
{
	struct fail f;

	ck_assert_msg(lease_beat(l, s, w, &f) == LEASE_KEPT, "%s", f.text);
}

static struct worker_state
read_back(void)
{
	struct worker_state w;
	struct fail f;

	ck_assert_msg(lease_read(s, "here", &w, &f) == 0, "%s", f.text);
	return w;
}

static char here[] = "here", host[] = "host.example.org", version[] = "0.1",
	state[] = "running", problem[] = "no \"space\"\nleft";

START_TEST(what_a_worker_tells_is_read_back)
{
	struct worker_state w = { .worker = here, .host = host,
	    .version = version, .state = state, .problem = problem,
	    .pid = 17, .slots = 4, .started_s = 1795363260,
	    .heartbeat_s = 10, .lease_s = 600 }, got;
	struct lease l;

	set_scene();
	strs_add(&w.running, "hello,aaaaaaaaaaaa,p5,e1,a0@here");
	strs_add(&w.queues, "amd64");
	strs_add(&w.recent, "a b c");
	w.warning = problem;
	w.counts[LEASE_CLAIMS] = 7;
	w.counts[LEASE_TMPFAIL] = INT64_C(1) << 40;
	l = take();
	beat(&l, &w);
	beat(&l, &w);
	got = read_back();
	ck_assert_str_eq(got.worker, here);
	ck_assert_str_eq(got.host, host);
	ck_assert_str_eq(got.version, version);
	ck_assert_str_eq(got.state, state);
	ck_assert_str_eq(got.problem, problem);
	ck_assert_int_eq(got.pid, 17);
	ck_assert_int_eq(got.slots, 4);
	ck_assert_int_eq(got.started_s, 1795363260);
	ck_assert_int_eq(got.heartbeat_s, 10);
	ck_assert_int_eq(got.lease_s, 600);
	ck_assert_str_eq(got.life, l.life);
	ck_assert_int_eq(got.beat, 2);
	ck_assert_int_le(clock_now_s() - got.beat_s, 5);
	ck_assert_uint_eq(got.running.n, 1);
	ck_assert_str_eq(got.running.v[0], w.running.v[0]);
	ck_assert_str_eq(got.queues.v[0], "amd64");
	ck_assert_str_eq(got.recent.v[0], "a b c");
	ck_assert_str_eq(got.warning, problem);
	ck_assert_int_eq(got.counts[LEASE_CLAIMS], 7);
	ck_assert_int_eq(got.counts[LEASE_PASS], 0);
	ck_assert_int_eq(got.counts[LEASE_TMPFAIL], INT64_C(1) << 40);
	worker_state_free(&got);
	strs_free(&w.running);
	strs_free(&w.queues);
	strs_free(&w.recent);
	lease_release(&l);
}
END_TEST

START_TEST(a_shorter_beat_leaves_nothing_of_a_longer_one)
{
	struct worker_state w = { .worker = here, .state = state }, got;
	struct lease l;

	set_scene();
	l = take();
	for (int i = 0; i < 50; i++)
		strs_add(&w.running, "hello,aaaaaaaaaaaa,p5,e1,a0@here");
	beat(&l, &w);
	strs_free(&w.running);
	beat(&l, &w);
	got = read_back();
	ck_assert_uint_eq(got.running.n, 0);
	ck_assert_int_eq(got.beat, 2);
	worker_state_free(&got);
	lease_release(&l);
}
END_TEST

START_TEST(a_beat_is_whole_over_the_longer_file_of_an_earlier_life)
{
	struct worker_state w = { .worker = here, .state = state }, got;
	char old[5001];
	struct lease l;

	set_scene();
	memset(old, 'x', sizeof old - 1);
	old[sizeof old - 1] = '\0';
	harness_write("spool/workers/here", old);
	l = take();
	beat(&l, &w);
	ck_assert_ptr_null(strstr(harness_read("spool/workers/here"), "xxxx"));
	got = read_back();
	ck_assert_str_eq(got.state, state);
	ck_assert_int_eq(got.beat, 1);
	worker_state_free(&got);
	lease_release(&l);
}
END_TEST

START_TEST(it_is_seen_whether_a_name_is_held)
{
	struct lease l;
	struct fail f;

	set_scene();
	ck_assert_int_eq(lease_is_held(s, "here", &f), 0);
	ck_assert(!harness_exists("spool/workers/here"));
	l = take();
	ck_assert_int_eq(lease_is_held(s, "here", &f), 1);
	lease_release(&l);
	ck_assert_int_eq(lease_is_held(s, "here", &f), 0);
	ck_assert_int_eq(symlink("x", harness_path("spool/workers/link")), 0);
	ck_assert_int_eq(lease_is_held(s, "link", &f), -1);
}
END_TEST

START_TEST(each_status_has_its_count)
{
	ck_assert_int_eq(lease_count_of("pass"), LEASE_PASS);
	ck_assert_int_eq(lease_count_of("tmpfail"), LEASE_TMPFAIL);
	ck_assert_int_eq(lease_count_of("claims"), LEASE_COUNTS);
}
END_TEST

START_TEST(a_name_is_held_by_one_process_and_freed_by_its_death)
{
	struct lease l;
	struct fail f = { 0 };
	int ready[2];
	char c;
	pid_t pid;

	set_scene();
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		l = take();
		(void)!write(ready[1], "x", 1);
		(void)pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(lease_take(&l, s, "here", &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_msg(strstr(f.text, "runs already") != NULL, "%s", f.text);
	ck_assert_int_eq(l.fd, -1);
	ck_assert_int_eq(lease_take(&l, s, "there", &f), 0);
	lease_release(&l);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	l = take();
	lease_release(&l);
}
END_TEST

START_TEST(each_life_has_a_name_of_its_own)
{
	struct lease first, second;

	set_scene();
	first = take();
	lease_release(&first);
	second = take();
	ck_assert_str_ne(first.life, second.life);
	lease_release(&second);
}
END_TEST

/* As without locks: the file is another's from its first beat on. */
START_TEST(a_beat_finds_out_that_another_life_has_the_name)
{
	struct worker_state w = { .worker = here, .host = host,
	    .state = state };
	struct lease ours, theirs;
	struct fail f;

	set_scene();
	ours = take();
	beat(&ours, &w);
	beat(&ours, &w);
	theirs = (struct lease){ .fd = -1 };
	token_draw_id(theirs.life);
	beat(&theirs, &w);
	ck_assert_int_eq(lease_beat(&ours, s, &w, &f), LEASE_TAKEN);
	ck_assert_ptr_nonnull(strstr(f.text, host));
	beat(&theirs, &w);
	lease_release(&ours);
}
END_TEST

START_TEST(a_heartbeat_that_was_removed_or_spoiled_is_written_anew)
{
	struct worker_state w = { .worker = here, .state = state }, got;
	struct lease l;

	set_scene();
	l = take();
	beat(&l, &w);
	ck_assert_int_eq(fs_unlink(s->workers, here), 0);
	beat(&l, &w);
	harness_write("spool/workers/here", "nonsense");
	beat(&l, &w);
	got = read_back();
	ck_assert_int_eq(got.beat, 3);
	worker_state_free(&got);
	lease_release(&l);
}
END_TEST

START_TEST(a_beat_that_cannot_be_written_has_failed)
{
	struct worker_state w = { .worker = here, .state = state };
	struct lease l;
	struct fail f;

	set_scene();
	l = take();
	beat(&l, &w);
	ck_assert_int_eq(fs_unlink(s->workers, here), 0);
	ck_assert_int_eq(fs_mkdir(s->workers, here), 0);
	ck_assert_int_eq(lease_beat(&l, s, &w, &f), LEASE_FAILED);
	ck_assert_ptr_nonnull(strstr(f.text, "here: "));
	lease_release(&l);
}
END_TEST

START_TEST(a_symlink_is_not_followed)
{
	struct lease l;
	struct fail f;

	set_scene();
	harness_write("victim", "x");
	ck_assert_int_eq(fs_symlink("../../victim", s->workers, "here"), 0);
	ck_assert_int_eq(lease_take(&l, s, "here", &f), -1);
	ck_assert_str_eq(harness_read("victim"), "x");
}
END_TEST

START_TEST(recent_results_are_the_newest_ones)
{
	struct strs recent = { 0 };
	char line[32];

	for (int i = 0; i < LEASE_RECENT_MOST + 5; i++) {
		(void)snprintf(line, sizeof line, "result %d", i);
		lease_recent(&recent, line);
	}
	ck_assert_uint_eq(recent.n, LEASE_RECENT_MOST);
	ck_assert_str_eq(recent.v[0], "result 5");
	ck_assert_str_eq(recent.v[recent.n - 1], line);
	strs_free(&recent);
}
END_TEST

START_TEST(all_workers_that_ever_were_are_listed)
{
	struct strs names = { 0 };
	struct fail f;
	char *all;

	set_scene();
	harness_write("spool/workers/b", "{}");
	harness_write("spool/workers/a.example.org", "");
	harness_write("spool/workers/.hidden", "");
	ck_assert_int_eq(lease_workers(s, &names, &f), 0);
	all = strs_join(&names, " ");
	ck_assert_str_eq(all, "a.example.org b");
	free(all);
	strs_free(&names);
}
END_TEST

static const char *const states[] = { "", "[", "[]", "{\"pid\": \"x\"}",
	"nonsense" };

START_TEST(nonsense_is_an_error_or_empty)
{
	struct worker_state w;
	struct fail f;

	set_scene();
	harness_write("spool/workers/here", states[_i]);
	if (lease_read(s, "here", &w, &f) == 0) {
		ck_assert_int_eq(w.pid, 0);
		ck_assert_ptr_null(w.state);
	}
	worker_state_free(&w);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_a_worker_tells_is_read_back);
	tcase_add_test(tc, it_is_seen_whether_a_name_is_held);
	tcase_add_test(tc, each_status_has_its_count);
	tcase_add_test(tc, a_shorter_beat_leaves_nothing_of_a_longer_one);
	tcase_add_test(tc,
	    a_beat_is_whole_over_the_longer_file_of_an_earlier_life);
	tcase_add_test(tc,
	    a_name_is_held_by_one_process_and_freed_by_its_death);
	tcase_add_test(tc, each_life_has_a_name_of_its_own);
	tcase_add_test(tc, a_beat_finds_out_that_another_life_has_the_name);
	tcase_add_test(tc,
	    a_heartbeat_that_was_removed_or_spoiled_is_written_anew);
	tcase_add_test(tc, a_beat_that_cannot_be_written_has_failed);
	tcase_add_test(tc, a_symlink_is_not_followed);
	tcase_add_test(tc, recent_results_are_the_newest_ones);
	tcase_add_test(tc, all_workers_that_ever_were_are_listed);
	tcase_add_loop_test(tc, nonsense_is_an_error_or_empty, 0,
	    (int)(sizeof states / sizeof *states));
}
