/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "harness.h"
#include "json.h"
#include "serve_answer.h"
#include "serve_debci.h"
#include "serve_site.h"
#include "spool.h"

static struct serve_site site;
static struct spool mirror;
static struct buf text;

static void
set_scene(void)
{
	site = (struct serve_site){ .spool = harness_spool("amd64"),
	    .turn = PTHREAD_MUTEX_INITIALIZER };
	site.conf = harness_conf("");
}

/* The same tree, seen without its spool. */
static void
set_mirror(void)
{
	set_scene();
	mirror = *site.spool;
	mirror.fd = -1;
	site.spool = &mirror;
}

static char *
at(int64_t before_s)
{
	static char texts[4][CLOCK_TEXT_MAX];
	static int n;

	n = (n + 1) % 4;
	clock_format_ms(texts[n], (clock_now_s() - before_s) * 1000);
	return texts[n];
}

/* A file with that head and these results. */
static void
write_file(const char *suite, const char *head, const char *results)
{
	struct buf all = { 0 };
	char path[128];

	(void)snprintf(path, sizeof path, "results/britney/%s/debci.json",
	    suite);
	buf_addf(&all, "{%s \"results\": [%s]}\n", head, results);
	harness_write(path, all.s);
	buf_free(&all);
}

static const char *
result(const char *package, const char *status, const char *updated)
{
	static char texts[4][512];
	static int n;

	n = (n + 1) % 4;
	(void)snprintf(texts[n], sizeof *texts, "{\"package\": \"%s\", "
	    "\"status\": %s, \"updated_at\": \"%s\", \"message\": "
	    "\"}]\\\\\\\"[{ \\\\\", \"more\": [{}, [\"]\"]]}", package, status,
	    updated);
	return texts[n];
}

static int
read_all(struct serve_debci *d, size_t step)
{
	char chunk[4096];
	ssize_t n;

	buf_reset(&text);
	while ((n = serve_debci_read(d, chunk, step)) > 0)
		buf_addn(&text, chunk, (size_t)n);
	serve_debci_close(d);
	return (int)n;
}

/* The packages of what is answered; all of it stays in text. */
static const char *
packages(const char *suite, int64_t before_s)
{
	static char *joined;
	struct strs all = { 0 };
	struct fail f;
	struct serve_debci *d = serve_debci_open(&site, suite,
	    clock_now_s() - before_s, &f);
	const struct json_tree *results;
	struct json_tree *t;

	ck_assert_msg(d != NULL, "%s", f.text);
	ck_assert_int_eq(read_all(d, 7), SERVE_BODY_END);
	t = json_tree_parse("answer", text.s, text.len, &f);
	ck_assert_msg(t != NULL, "%s: %s", f.text, text.s);
	results = json_tree_get(t, "results");
	for (size_t i = 0; i < json_tree_length(results); i++)
		strs_add(&all, json_tree_get_string(json_tree_item(results, i),
		    "package"));
	free(joined);
	joined = strs_join(&all, " ");
	strs_free(&all);
	json_tree_free(t);
	return joined;
}

static void
publish(const char *suite, const char *package, int64_t before_s)
{
	char path[256], body[256], run[CLOCK_TEXT_MAX];

	clock_format(run, "%Y%m%d_%H%M%S@", clock_now_s() - before_s);
	(void)snprintf(path, sizeof path, "results/autopkgtest/%s/amd64/%c/%s"
	    "/%s/result.json", suite, package[0], package, run);
	(void)snprintf(body, sizeof body, "{\"id\": \"aaaaaaaaaaaa\", "
	    "\"package\": \"%s\", \"suite\": \"%s\", \"arch\": \"amd64\", "
	    "\"status\": \"pass\"}", package, suite);
	harness_write(path, body);
}

START_TEST(a_file_that_reaches_back_is_the_answer)
{
	char all[2048];

	set_scene();
	publish("sid", "tree", 50);
	(void)snprintf(all, sizeof all, "\n%s,\n%s , %s\n",
	    result("new", "\"pass\"", at(50)),
	    result("old", "\"fail\"", at(150)),
	    result("waits", "null", at(1000)));
	write_file("sid", "\"until\": 5, \"since\": 1,", all);
	ck_assert_str_eq(packages("sid", 100), "new waits");
	ck_assert_str_eq(packages("", 100), "new waits");
	ck_assert_str_eq(packages("sid", 200), "new old waits");
	ck_assert_ptr_nonnull(strstr(text.s, "\"until\": 5,"));
	ck_assert_ptr_nonnull(strstr(text.s, result("new", "\"pass\"",
	    at(50)) + 40));
}
END_TEST

static const char *const heads[] = { "\"until\": 5,",
    "\"until\": 5, \"since\": 9999999999,", "\"since\": 1, \"results\": 5, " };

START_TEST(one_that_does_not_is_passed_over)
{
	set_scene();
	publish("sid", "tree", 50);
	write_file("sid", heads[_i], result("file", "\"pass\"", at(50)));
	ck_assert_str_eq(packages("sid", 100), "tree");
}
END_TEST

START_TEST(without_a_file_the_tree_and_the_spool_answer)
{
	set_scene();
	publish("sid", "new", 50);
	publish("sid", "old", 150);
	harness_write("spool/amd64/new/05-20261122T1601/"
	    "waits,aaaaaaaaaaaa,p5,e1,a0", "package: waits\nsuite: sid\n");
	ck_assert_str_eq(packages("sid", 100), "waits new");
}
END_TEST

START_TEST(all_suites_are_told_unless_one_is_asked_for)
{
	struct fail f;

	set_scene();
	publish("kali-rolling", "kali", 50);
	write_file("noble", "\"until\": 5, \"since\": 1,",
	    result("noble", "\"pass\"", at(50)));
	harness_write("spool/amd64/new/05-20261122T1601/"
	    "waits,aaaaaaaaaaaa,p5,e1,a0", "waits\n");
	ck_assert_str_eq(packages("", 100), "kali noble waits");
	ck_assert_str_eq(packages("noble", 100), "noble");
	ck_assert_ptr_null(serve_debci_open(&site, "jammy", 0, &f));
	ck_assert_int_eq(f.err, ENOENT);
	ck_assert_ptr_null(serve_debci_open(&site, "../sid", 0, &f));
}
END_TEST

START_TEST(a_mirror_answers_from_what_it_has)
{
	set_mirror();
	publish("sid", "tree", 50);
	write_file("noble", "\"until\": 5, \"since\": 9999999999,",
	    result("noble", "\"pass\"", at(50)));
	ck_assert_str_eq(packages("", 100), "noble");
}
END_TEST

START_TEST(nobody_may_ask_for_all_of_the_past)
{
	set_scene();
	publish("sid", "tree", 50);
	publish("sid", "past", SERVE_DEBCI_WINDOW_MOST_S + 50);
	ck_assert_str_eq(packages("sid", clock_now_s()), "tree");
}
END_TEST

static const char *const broken[] = {
    "{\"since\": 1, \"results\": [{\"package\": \"x\"}",
    "{\"since\": 1, \"results\": [{\"package\": \"x",
    "{\"since\": 1, \"results\": [}]}",
    "{\"since\": 1, \"results\": [{\"package\": x}]}" };

START_TEST(a_file_that_is_cut_off_is_no_answer)
{
	struct serve_debci *d;
	struct fail f;

	set_scene();
	harness_write("results/britney/sid/debci.json", broken[_i]);
	d = serve_debci_open(&site, "sid", clock_now_s() - 100, &f);
	ck_assert_msg(d != NULL, "%s", f.text);
	ck_assert_int_eq(read_all(d, 4096), SERVE_BODY_BROKEN);
}
END_TEST

START_TEST(a_large_file_goes_through_whole)
{
	enum { RESULTS = 3000 };
	struct buf all = { 0 };
	const char *p;
	size_t n = 0;

	set_scene();
	for (int i = 0; i < RESULTS; i++)
		buf_addf(&all, "%s%s", i ? ",\n" : "",
		    result("x1", "\"pass\"", at(50)));
	write_file("sid", "\"since\": 1,", all.s);
	for (p = packages("sid", 100); (p = strstr(p, "x1")); p++)
		n++;
	ck_assert_uint_eq(n, RESULTS);
	ck_assert_uint_eq(atomic_load(&site.held), 0);
	buf_free(&all);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_file_that_reaches_back_is_the_answer);
	tcase_add_loop_test(tc, one_that_does_not_is_passed_over, 0,
	    (int)(sizeof heads / sizeof *heads));
	tcase_add_test(tc, without_a_file_the_tree_and_the_spool_answer);
	tcase_add_test(tc, all_suites_are_told_unless_one_is_asked_for);
	tcase_add_test(tc, a_mirror_answers_from_what_it_has);
	tcase_add_test(tc, nobody_may_ask_for_all_of_the_past);
	tcase_add_loop_test(tc, a_file_that_is_cut_off_is_no_answer, 0,
	    (int)(sizeof broken / sizeof *broken));
	tcase_add_test(tc, a_large_file_goes_through_whole);
}
