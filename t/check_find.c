/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "find.h"
#include "harness.h"
#include "spool.h"

#define A "aaaaaaaaaaaa"
#define B "bbbbbbbbbbbb"

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64 arm64");
	harness_write("spool/amd64/new/05-20261122T1601/x," B ",p5,e1,a0",
	    "x1\n");
	harness_write("spool/amd64/cur/x,cccccccccccc,p5,e1,a0@here", "x2\n");
	harness_write("spool/amd64/new/" A, "x3\n");
}

static struct found
find(const char *id)
{
	struct found found;
	struct fail f;

	ck_assert_msg(find_request(s, id, &found, &f) == 0, "%s", f.text);
	return found;
}

static const struct {
	const char *queue, *path;
	enum find_state state;
	const char *word;
} places[] = {
	{ "arm64", "new/05-20261122T1602/hello," A ",p5,e2,a1", FIND_WAITING,
	  "waiting" },
	{ "amd64", "cur/hello," A ",p5,e2,a1@here", FIND_RUNNING, "running" },
	{ "amd64", "done/20261121/hello," A ",p5,e2,a1@here", FIND_DONE,
	  "done" },
	{ "amd64", "bad/hello," A ",p5,e2,a1@here", FIND_BAD, "bad" },
};

START_TEST(finds_it_wherever_it_is)
{
	struct found found;
	char path[256];

	set_scene();
	(void)snprintf(path, sizeof path, "spool/%s/%s", places[_i].queue,
	    places[_i].path);
	harness_write("spool/amd64/done/20261122/y," B ",p5,e1,a0@x", "y\n");
	harness_write(path, "hello\n");
	found = find(A);
	ck_assert_int_eq(found.state, places[_i].state);
	ck_assert_str_eq(find_word(found.state), places[_i].word);
	ck_assert_str_eq(found.queue, places[_i].queue);
	ck_assert_str_eq(found.path, places[_i].path);
	ck_assert_str_eq(found.token.id, A);
	ck_assert_uint_eq(found.token.attempt, 1);
	ck_assert_int_eq(found.due_s, found.state == FIND_WAITING ?
	    1795363320 : 0);
}
END_TEST

START_TEST(what_is_nowhere_is_no_error)
{
	struct found found;

	set_scene();
	found = find(A);
	ck_assert_int_eq(found.state, FIND_NOWHERE);
	ck_assert_str_eq(find_word(found.state), "nowhere");
}
END_TEST

START_TEST(the_request_is_read_and_completed)
{
	const struct conf *c;
	struct request r;
	struct found found;
	struct fail f;

	set_scene();
	c = harness_conf("");
	found = find(B);
	ck_assert_msg(find_read(c, s, &found, &r, &f) == 0, "%s", f.text);
	ck_assert_str_eq(r.package, "x1");
	ck_assert_str_eq(r.suite, "unstable");
	ck_assert_str_eq(r.arch, "amd64");
	request_free(&r);
}
END_TEST

START_TEST(one_that_moved_on_says_enoent)
{
	const struct conf *c;
	struct request r;
	struct found found;
	struct fail f;

	set_scene();
	c = harness_conf("");
	found = find(B);
	(void)snprintf(found.path, sizeof found.path, "cur/x," B
	    ",p5,e1,a0@here");
	ck_assert_int_eq(find_read(c, s, &found, &r, &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
	request_free(&r);
}
END_TEST

static void
publish(const char *run_id, const char *id)
{
	char path[128], text[256];

	(void)snprintf(path, sizeof path, "results/autopkgtest/unstable/amd64/"
	    "x/x1/%s/result.json", run_id);
	(void)snprintf(text, sizeof text, "{\"id\": \"%s\", \"package\": "
	    "\"x1\", \"suite\": \"unstable\", \"arch\": \"amd64\", "
	    "\"status\": \"pass\"}", id);
	harness_write(path, text);
}

START_TEST(the_run_of_a_request_is_found_by_its_id)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	const struct conf *c;
	struct request r;
	struct found found;
	struct fail f;

	set_scene();
	c = harness_conf("");
	found = find(B);
	ck_assert_int_eq(find_read(c, s, &found, &r, &f), 0);
	publish("20261122_160102@", A);
	ck_assert_int_eq(find_run(s, &r, B, run_id, &f), 0);
	ck_assert_str_eq(run_id, "");
	publish("20261122_160103@", B);
	publish("20261122_160104@", A);
	ck_assert_int_eq(find_run(s, &r, B, run_id, &f), 0);
	ck_assert_str_eq(run_id, "20261122_160103@");
	request_free(&r);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, finds_it_wherever_it_is, 0,
	    (int)(sizeof places / sizeof *places));
	tcase_add_test(tc, what_is_nowhere_is_no_error);
	tcase_add_test(tc, the_request_is_read_and_completed);
	tcase_add_test(tc, one_that_moved_on_says_enoent);
	tcase_add_test(tc, the_run_of_a_request_is_found_by_its_id);
}
