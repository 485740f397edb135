/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "serve_list.h"
#include "strs.h"

static struct buf told;

static int
keep(void *context, const struct serve_item *item)
{
	(void)context;
	buf_addf(&told, "%s%s\n", item->name, item->is_prefix ? " ..." : "");
	ck_assert(item->is_prefix || item->folder >= 0);
	return 0;
}

/* The names, each in a line; prefixes have dots behind. */
static const char *
list(struct serve_query q)
{
	struct fail f;

	q.container = q.container ? q.container : "sid";
	q.prefix = q.prefix ? q.prefix : "";
	q.marker = q.marker ? q.marker : "";
	q.end_marker = q.end_marker ? q.end_marker : "";
	q.limit = q.limit ? q.limit : SERVE_LIST_MOST;
	q.until_ms = INT64_MAX;
	buf_reset(&told);
	buf_add(&told, "");
	ck_assert_msg(serve_list(harness_dirfd(), &q, keep, NULL, &f) == 0,
	    "%s", f.text);
	return told.s;
}

#define LIST(...) list((struct serve_query){ __VA_ARGS__ })

static void
make_run(const char *run, const char *status, const char *ppas)
{
	char path[256], text[512];

	(void)snprintf(path, sizeof path, "autopkgtest/%s/result.json", run);
	(void)snprintf(text, sizeof text, "{\"id\": \"aaaaaaaaaaaa\", "
	    "\"package\": \"x1\", \"suite\": \"sid\", \"arch\": \"amd64\", "
	    "\"status\": \"%s\", \"request\": {\"package\": \"x1\"%s%s%s}}",
	    status, ppas ? ", \"ppas\": [\"a/b\", \"" : "", ppas ? ppas : "",
	    ppas ? "\"]" : "");
	harness_write(path, text);
	(void)snprintf(path, sizeof path, "autopkgtest/%s/log.gz", run);
	harness_write(path, "");
}

#define RUN "20261101_00000"

static void
make_hello(void)
{
	make_run("sid/amd64/h/hello/" RUN "1@", "pass", NULL);
	make_run("sid/amd64/h/hello/" RUN "2@", "fail", NULL);
	make_run("sid/amd64/h/hello/" RUN "3@", "neutral", NULL);
	make_run("sid/amd64/h/hello2/" RUN "1@", "pass", NULL);
}

START_TEST(britney_sees_a_package_s_runs)
{
	make_hello();
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/",
	    .delimiter = '@'),
	    "sid/amd64/h/hello/" RUN "1@ ...\n"
	    "sid/amd64/h/hello/" RUN "2@ ...\n"
	    "sid/amd64/h/hello/" RUN "3@ ...\n");
}
END_TEST

START_TEST(britney_sees_what_is_behind_the_last_run_that_it_knows)
{
	make_hello();
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/",
	    .delimiter = '@', .marker = "sid/amd64/h/hello/" RUN "2@"),
	    "sid/amd64/h/hello/" RUN "3@ ...\n");
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/",
	    .delimiter = '@', .marker = "sid/amd64/h/hello/" RUN "3@"), "");
}
END_TEST

START_TEST(a_run_whose_testbed_failed_is_in_no_container)
{
	make_hello();
	make_run("sid/amd64/h/hello/" RUN "4@", "tmpfail", NULL);
	make_run("sid/amd64/h/hello/" RUN "5@", "pass", NULL);
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/",
	    .delimiter = '@', .marker = "sid/amd64/h/hello/" RUN "3@"),
	    "sid/amd64/h/hello/" RUN "5@ ...\n");
}
END_TEST

START_TEST(a_ppa_has_a_container_of_its_own)
{
	make_run("sid/amd64/x/x1/" RUN "1@", "pass", NULL);
	make_run("sid/amd64/x/x1/" RUN "2@", "pass", "me/my-own:ABCD");
	ck_assert_str_eq(LIST(.delimiter = '@'),
	    "sid/amd64/x/x1/" RUN "1@ ...\n");
	ck_assert_str_eq(LIST(.container = "sid-me-my-own", .delimiter = '@'),
	    "sid/amd64/x/x1/" RUN "2@ ...\n");
	ck_assert_str_eq(LIST(.container = "sid-a-b", .delimiter = '@'), "");
}
END_TEST

START_TEST(what_cannot_be_understood_is_there_all_the_same)
{
	harness_write("autopkgtest/sid/amd64/x/x1/" RUN "1@/log.gz", "");
	harness_write("autopkgtest/sid/amd64/x/x1/" RUN "2@/result.json",
	    "none");
	ck_assert_str_eq(LIST(.delimiter = '@'),
	    "sid/amd64/x/x1/" RUN "1@ ...\n"
	    "sid/amd64/x/x1/" RUN "2@ ...\n");
}
END_TEST

START_TEST(strangers_in_the_tree_are_not_told)
{
	make_hello();
	harness_write("autopkgtest/sid/amd64/h/hello/README", "");
	harness_write("autopkgtest/sid/amd64/h/hello/" RUN "1@/.hidden", "");
	harness_write("autopkgtest/sid/amd64/h/hello/x/log.gz", "");
	harness_write("autopkgtest/sid/amd64/.h/hello/" RUN "1@/log.gz", "");
	harness_write("autopkgtest/sid/amd64/hel/hello/" RUN "1@/log.gz", "");
	harness_write("out/" RUN "9@/log.gz", "");
	ck_assert_int_eq(fs_symlink(harness_path("out"), harness_dirfd(),
	    "autopkgtest/sid/amd64/h/out"), 0);
	ck_assert_int_eq(fs_symlink(harness_path("out/" RUN "9@"),
	    harness_dirfd(), "autopkgtest/sid/amd64/h/hello/" RUN "9@"), 0);
	ck_assert_str_eq(LIST(.delimiter = '@'),
	    "sid/amd64/h/hello/" RUN "1@ ...\n"
	    "sid/amd64/h/hello/" RUN "2@ ...\n"
	    "sid/amd64/h/hello/" RUN "3@ ...\n"
	    "sid/amd64/h/hello2/" RUN "1@ ...\n");
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/" RUN "9@/"), "");
	ck_assert_str_eq(LIST(.prefix = "sid/amd64/h/hello/" RUN "1@/"),
	    "sid/amd64/h/hello/" RUN "1@/log.gz\n"
	    "sid/amd64/h/hello/" RUN "1@/result.json\n");
}
END_TEST

START_TEST(a_container_is_there_when_its_suite_is)
{
	struct fail f;

	ck_assert_int_eq(serve_list_has(harness_dirfd(), "sid", &f), 0);
	make_hello();
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "sid", &f), 1);
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "sid-me-x", &f), 1);
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "sidx", &f), 0);
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "si", &f), 0);
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "", &f), 0);
	ck_assert_int_eq(serve_list_has(harness_dirfd(), "../sid", &f), 0);
}
END_TEST

START_TEST(it_gives_up_when_it_takes_too_long)
{
	struct serve_query q = { .container = "sid", .prefix = "",
	    .marker = "", .end_marker = "", .limit = 1 };
	struct fail f;

	make_hello();
	q.until_ms = clock_boot_ms();
	ck_assert_int_eq(serve_list(harness_dirfd(), &q, keep, NULL, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
}
END_TEST

/* More runs than are kept at a time, and made in no order. */
START_TEST(a_folder_of_any_size_is_told_in_order)
{
	enum { RUNS = 9001, STEP = 1237 };
	struct serve_query q = { .delimiter = '@', .limit = 10000 };
	const char *p;
	char line[64];
	int fd;

	for (unsigned i = 0, n = 0; i < RUNS; i++, n = (n + STEP) % RUNS) {
		(void)snprintf(line, sizeof line,
		    "autopkgtest/sid/amd64/x/x1/20261101_%06u@", n);
		ck_assert_int_eq(fs_mkdirs(harness_dirfd(), line,
		    &(struct fail){ 0 }), 0);
		(void)snprintf(line + strlen(line), 8, "/log.gz");
		fd = fs_create(harness_dirfd(), line);
		ck_assert_int_ge(fd, 0);
		(void)close(fd);
	}
	p = list(q);
	for (unsigned n = 0; n < RUNS; n++) {
		(void)snprintf(line, sizeof line,
		    "sid/amd64/x/x1/20261101_%06u@ ...\n", n);
		ck_assert_int_eq(strncmp(p, line, strlen(line)), 0);
		p += strlen(line);
	}
	ck_assert_str_eq(p, "");
}
END_TEST

/* What Swift does, with all names at hand. */
static void
list_as_swift(const struct strs *names, const struct serve_query *q,
	struct buf *out)
{
	char last[256] = "";
	size_t n = 0;

	buf_reset(out);
	buf_add(out, "");
	for (size_t i = 0; i < names->n && n < q->limit; i++) {
		const char *name = names->v[i], *at = NULL;
		size_t len = strlen(q->prefix);
		char sub[256];

		if (strncmp(name, q->prefix, len) != 0 ||
		    strcmp(name, q->marker) <= 0 ||
		    (*q->end_marker && strcmp(name, q->end_marker) >= 0))
			continue;
		if (q->delimiter)
			at = strchr(name + len, q->delimiter);
		if (!at) {
			buf_addf(out, "%s\n", name);
			n++;
			continue;
		}
		(void)snprintf(sub, sizeof sub, "%.*s", (int)(at - name) + 1,
		    name);
		if (strcmp(sub, q->marker) == 0 || strcmp(sub, last) == 0)
			continue;
		(void)snprintf(last, sizeof last, "%s", sub);
		buf_addf(out, "%s ...\n", sub);
		n++;
	}
}

static void
make_all(struct strs *names)
{
	static const char *const archs[] = { "amd64", "amd64-x", "arm64" };
	static const char *const sources[] = { "a/a+b", "a/a-b", "a/a.b",
	    "a/ab", "a/ab+", "a/ab-c", "liba/liba", "liba/liba-x",
	    "liba/liba2", "l/lib" };
	char path[256];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 10; k++)
			for (int r = 1; r < 4; r++) {
				(void)snprintf(path, sizeof path,
				    "sid-x/%s/%s/" RUN "%d@", archs[i],
				    sources[k], r);
				make_run(path, r == 2 && k % 2 ? "tmpfail" :
				    "pass", NULL);
				if (r == 2 && k % 2)
					continue;
				strs_addf(names, "%s/log.gz", path);
				strs_addf(names, "%s/result.json", path);
			}
	strs_sort(names);
}

/* A name, cut anywhere, or with its end changed. */
static const char *
some(const struct strs *names, char text[256])
{
	size_t n;

	(void)snprintf(text, 256, "%s", names->v[(size_t)rand() % names->n]);
	n = (size_t)rand() % (strlen(text) + 1);
	if (rand() % 2)
		n = strcspn(text + n, "/@") + n + 1 < strlen(text) ?
		    strcspn(text + n, "/@") + n + 1 : n;
	text[n] = '\0';
	if (n && rand() % 4 == 0)
		text[n - 1] = (char)(text[n - 1] + rand() % 3 - 1);
	return text;
}

START_TEST(any_question_is_answered_as_swift_does)
{
	static const char delimiters[] = { '\0', '/', '@', '-', 'a', '+' };
	char prefix[256], marker[256], end[256];
	struct strs names = { 0 };
	struct buf wanted = { 0 };

	srand(1);
	make_all(&names);
	for (int i = 0; i < 3000; i++) {
		struct serve_query q = { .container = "sid-x",
		    .prefix = rand() % 4 ? some(&names, prefix) : "",
		    .marker = rand() % 2 ? some(&names, marker) : "",
		    .end_marker = rand() % 3 ? "" : some(&names, end),
		    .delimiter = delimiters[rand() % 6],
		    .limit = rand() % 2 ? 10000 : (size_t)rand() % 9 + 1 };

		list_as_swift(&names, &q, &wanted);
		ck_assert_msg(strcmp(list(q), wanted.s) == 0, "prefix %s, "
		    "marker %s, end %s, delimiter %c, limit %zu:\n%sand not:\n"
		    "%s",
		    q.prefix, q.marker, q.end_marker, q.delimiter, q.limit,
		    wanted.s, told.s);
	}
	buf_free(&wanted);
	strs_free(&names);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, britney_sees_a_package_s_runs);
	tcase_add_test(tc,
	    britney_sees_what_is_behind_the_last_run_that_it_knows);
	tcase_add_test(tc, a_run_whose_testbed_failed_is_in_no_container);
	tcase_add_test(tc, a_ppa_has_a_container_of_its_own);
	tcase_add_test(tc, what_cannot_be_understood_is_there_all_the_same);
	tcase_add_test(tc, strangers_in_the_tree_are_not_told);
	tcase_add_test(tc, a_container_is_there_when_its_suite_is);
	tcase_add_test(tc, it_gives_up_when_it_takes_too_long);
	tcase_add_test(tc, a_folder_of_any_size_is_told_in_order);
	tcase_add_test(tc, any_question_is_answered_as_swift_does);
}
