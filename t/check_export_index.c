/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "digest.h"
#include "export_index.h"
#include "export_pending.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "json.h"
#include "mem.h"
#include "result.h"
#include "spool.h"
#include "sql.h"
#include "store.h"
#include "store_due.h"
#include "strs.h"

static struct export_index x;
static struct export_pending *pending;
static int puts_left;		/* before the place refuses; below 0: never */
static struct buf placed;	/* the targets, each with a blank behind it */

static int
refuses(struct fail *f)
{
	if (puts_left == 0)
		return fail_set(f, EX_TEMPFAIL, "another has the role");
	puts_left--;
	return 0;
}

static void
make_parent(const char *target)
{
	char *parent = mem_dupn(target,
	    (size_t)(strrchr(target, '/') - target));
	struct fail f;

	ck_assert_msg(fs_mkdirs(x.spool->results, parent, &f) == 0, "%s",
	    f.text);
	free(parent);
	buf_addf(&placed, "%s ", target);
}

static int
put(void *of, const char *target, const void *p, size_t n, struct fail *f)
{
	(void)of;
	if (refuses(f) != 0)
		return -1;
	make_parent(target);
	return fs_replace(x.spool->results, target, p, n, f);
}

static int
put_file(void *of, const char *name, const char *target, struct fail *f)
{
	const struct export_place *place = of;

	if (refuses(f) != 0)
		return -1;
	make_parent(target);
	ck_assert_int_eq(fs_rename(place->out, name, x.spool->results, target),
	    0);
	return 0;
}

static struct export_place place = { .of = &place, .put = put,
	.put_file = put_file };

static void
ok(int rc, const struct fail *f)
{
	ck_assert_msg(rc == 0, "%s", f->text);
}

static void
open_store(const char *name)
{
	struct fail f;

	ok(store_open(&x.store, harness_path(name), STORE_WRITE, &f), &f);
}

static void
start(void)
{
	struct fail f;

	x.spool = harness_spool("amd64");
	x.conf = harness_conf("");
	ok(fs_mkdirs(harness_dirfd(), "results/out", &f), &f);
	place.out = fs_open_dir(harness_dirfd(), "results/out");
	x.place = &place;
	pending = export_pending_new();
	puts_left = -1;
	open_store("index");
}

/* A run; more is of result.json. */
static void
put_run(const char *source, const char *run_id, const char *status,
	const char *more)
{
	struct result r;
	struct fail f;
	char *text = mem_printf("{\"package\": \"%s\", \"suite\": \"sid\", "
	    "\"arch\": \"amd64\", \"status\": \"%s\"%s}", source, status,
	    more);

	ok(result_read(&r, "result.json", text, strlen(text), &f), &f);
	ok(store_begin(x.store, &f), &f);
	ok(store_put(x.store, &r, run_id, &f), &f);
	ok(store_commit(x.store, &f), &f);
	result_free(&r);
	free(text);
}

static void
take_run(const char *source, const char *run_id)
{
	struct fail f;

	ok(store_begin(x.store, &f), &f);
	ok(store_remove(x.store, "sid", "amd64", source, run_id, &f), &f);
	ok(store_commit(x.store, &f), &f);
}

static void
debci(void)
{
	struct fail f;

	ok(export_pending_refresh(pending, x.conf, x.spool, NULL, &f), &f);
	ok(export_index_debci(&x, pending, "sid", &f), &f);
}

static void
ubuntu(void)
{
	struct fail f;

	ok(export_index_ubuntu(&x, &f), &f);
}

static void
data(void)
{
	struct fail f;
	size_t left;

	ok(export_index_data(&x, 0, &left, &f), &f);
	ck_assert_uint_eq(left, 0);
}

/* "package=status" of each result, in order. */
static void
debci_tells(const char *file, const char *expected)
{
	const char *text = harness_read(file);
	struct buf got = { 0 };
	const struct json_tree *all;
	struct fail f;
	struct json_tree *t = json_tree_parse(file, text, strlen(text), &f);

	ck_assert_msg(t != NULL, "%s", f.text);
	all = json_tree_get(t, "results");
	buf_add(&got, "");
	for (size_t i = 0; i < json_tree_length(all); i++) {
		const struct json_tree *r = json_tree_item(all, i);
		const char *status = json_tree_get_string(r, "status");

		buf_addf(&got, "%s=%s ", json_tree_get_string(r, "package"),
		    status ? status : "null");
	}
	ck_assert_str_eq(got.s, expected);
	json_tree_free(t);
	buf_free(&got);
}

static void
id_before(char run_id[CLOCK_TEXT_MAX], int64_t s)
{
	clock_format(run_id, "%Y%m%d_%H%M%S@", clock_now_s() - s);
}

START_TEST(pending_ones_come_first_then_results_oldest_first)
{
	char early[CLOCK_TEXT_MAX], late[CLOCK_TEXT_MAX], out[CLOCK_TEXT_MAX];

	start();
	id_before(early, 15 * 86400 - 60);
	id_before(late, 60);
	id_before(out, 15 * 86400 + 60);
	put_run("zoo", early, "fail", "");
	put_run("ant", late, "pass", "");
	put_run("old", out, "pass", "");
	harness_write("spool/amd64/new/a", "package: bee\nsuite: sid\n"
	    "submit-time: 2020-01-01T00:00:00Z\n");
	debci();
	debci_tells("results/britney/sid/debci.json",
	    "bee=null zoo=fail ant=pass ");
}
END_TEST

START_TEST(a_ppa_has_a_list_of_its_own)
{
	char id[CLOCK_TEXT_MAX];

	start();
	id_before(id, 60);
	put_run("ant", id, "pass", "");
	put_run("bee", id, "pass",
	    ", \"request\": {\"ppas\": [\"a/b\", \"joe/me\"]}");
	harness_write("spool/amd64/new/a",
	    "package: cat\nsuite: sid\nppas: [new/one]\n");
	debci();
	debci_tells("results/britney/sid/debci.json", "ant=pass ");
	debci_tells("results/britney/sid/ppa/joe/me/debci.json",
	    "bee=pass ");
	debci_tells("results/britney/sid/ppa/new/one/debci.json",
	    "cat=null ");
	/* Gone ones leave an empty list. */
	take_run("bee", id);
	debci();
	debci_tells("results/britney/sid/ppa/joe/me/debci.json", "");
}
END_TEST

START_TEST(a_suite_is_due_until_its_list_is_in_place)
{
	struct strs due = { 0 };
	struct fail f;

	start();
	put_run("ant", "20261122_160102@", "pass", "");
	puts_left = 0;
	ck_assert_int_eq(export_index_debci(&x, pending, "sid", &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ok(store_due_suites(x.store, &due, &f), &f);
	ck_assert_uint_eq(due.n, 1);
	strs_free(&due);
	puts_left = -1;
	debci();
	ok(store_due_suites(x.store, &due, &f), &f);
	ck_assert_uint_eq(due.n, 0);
	ck_assert(!harness_exists("results/out/debci.json"));
}
END_TEST

START_TEST(all_suites_are_found)
{
	struct strs suites = { 0 };
	struct fail f;
	char *all;

	start();
	put_run("ant", "20261122_160102@", "pass", "");
	harness_write("spool/amd64/new/a", "package: cat\nsuite: noble\n");
	harness_write("results/britney/gone/debci.json", "{}");
	harness_write("results/britney/autopkgtest.db", "");
	ok(export_pending_refresh(pending, x.conf, x.spool, NULL, &f), &f);
	ok(export_index_suites(&x, pending, &suites, &f), &f);
	strs_sort(&suites);
	all = strs_join(&suites, " ");
	ck_assert_str_eq(all, "gone noble sid");
	free(all);
	strs_free(&suites);
}
END_TEST

/* The rows of the published database, whose .sha256 is right. */
static void
ubuntu_tells(const char *expected)
{
	struct sql *db;
	struct sql_query *q;
	struct buf got = { 0 };
	struct fail f;
	char sum[DIGEST_HEX_MAX];

	ok(sql_open(&db, harness_path("results/britney/autopkgtest.db"),
	    SQL_READ, &f), &f);
	q = sql_prepare(db, "SELECT package, release, arch, run_id, version, "
	    "triggers, exitcode, env FROM test JOIN result ON "
	    "test.id = test_id ORDER BY package, run_id", &f);
	ck_assert_ptr_nonnull(q);
	buf_add(&got, "");
	while (sql_step(q, &f) == 1) {
		for (int i = 0; i < 8; i++)
			buf_addf(&got, "%s%s", i ? " " : "", sql_text(q, i));
		buf_add(&got, ";");
	}
	ck_assert_str_eq(got.s, expected);
	sql_free(q);
	sql_close(db);
	buf_reset(&got);
	ok(fs_read(x.spool->results, "britney/autopkgtest.db", 1 << 26, &got,
	    &f), &f);
	digest_hex(sum, got.s, got.len);
	buf_free(&got);
	ck_assert_uint_eq(strcspn(harness_read(
	    "results/britney/autopkgtest.db.sha256"), "\n"), 64);
	ck_assert_int_eq(strncmp(harness_read(
	    "results/britney/autopkgtest.db.sha256"), sum, 64), 0);
}

START_TEST(only_what_britney_may_see_is_in_the_database)
{
	start();
	put_run("libx", "20261122_160102@", "pass", ", \"version\": \"1:2-3\", "
	    "\"triggers\": [\"a/1\", \"b/2\"], \"request\": {\"all-proposed\": "
	    "true, \"test-name\": [\"smoke\"]}");
	put_run("bad", "20261122_160103@", "fail",
	    ", \"exit_code\": 4, \"triggers\": [\"a/1\"]");
	put_run("none", "20261122_160103@", "neutral",
	    ", \"exit_code\": 8, \"version\": \"2\", \"triggers\": [\"a/1\"]");
	put_run("lost", "20261122_160104@", "tmpfail",
	    ", \"exit_code\": 16, \"triggers\": [\"a/1\"]");
	put_run("crash", "20261122_160104@", "tmpfail",
	    ", \"exit_code\": 20, \"triggers\": [\"a/1\"]");
	put_run("alone", "20261122_160105@", "pass", "");
	put_run("ppa", "20261122_160105@", "pass", ", \"triggers\": [\"a/1\"], "
	    "\"request\": {\"ppas\": [\"a/b\"]}");
	put_run("never", "20261122_160106@", "fail", ", \"triggers\": "
	    "[\"a/1\"], \"rejected\": \"it eats disks\"");
	ubuntu();
	ubuntu_tells("bad sid amd64 20261122_160103@ unknown a/1 4 ;"
	    "libx sid amd64 20261122_160102@ 1:2-3 a/1 b/2 0 "
	    "all-proposed=1,testname=smoke;"
	    "never sid amd64 20261122_160106@ blacklisted a/1 99 ;"
	    "none sid amd64 20261122_160103@ 2 a/1 8 ;");
}
END_TEST

#define A1 ", \"version\": \"1\", \"triggers\": [\"a/1\"]"
#define ANT1 "ant sid amd64 20261122_160102@ 1 a/1 0 ;"
#define ANT2 "ant sid amd64 20261122_160103@ 1 a/1 0 ;"
#define BEE1 "bee sid amd64 20261122_160102@ 1 a/1 0 ;"

START_TEST(the_database_follows_the_store)
{
	start();
	ubuntu();
	ubuntu_tells("");
	put_run("ant", "20261122_160102@", "pass", A1);
	put_run("bee", "20261122_160102@", "pass", A1);
	ubuntu();
	ubuntu_tells(ANT1 BEE1);
	put_run("ant", "20261122_160103@", "pass", A1);
	take_run("bee", "20261122_160102@");
	ubuntu();
	ubuntu_tells(ANT1 ANT2);
	buf_reset(&placed);
	ubuntu();
	ck_assert_uint_eq(placed.len, 0);
}
END_TEST

START_TEST(the_sum_is_there_before_what_it_is_of)
{
	start();
	ubuntu();
	ck_assert_str_eq(placed.s, "britney/autopkgtest.db.sha256 "
	    "britney/autopkgtest.db ");
}
END_TEST

/* What the place refuses, or was cut off, is done at the next time. */
START_TEST(the_database_is_due_until_it_is_in_place)
{
	struct fail f;
	int64_t due;

	start();
	put_run("ant", "20261122_160102@", "pass", A1);
	ubuntu();
	put_run("bee", "20261122_160102@", "pass", A1);
	puts_left = _i;
	ck_assert_int_eq(export_index_ubuntu(&x, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ok(store_due_runs_count(x.store, &due, &f), &f);
	ck_assert_int_eq(due, 1);
	puts_left = -1;
	store_close(x.store);
	open_store("index");
	ubuntu();
	ubuntu_tells(ANT1 BEE1);
}
END_TEST

START_TEST(what_is_not_of_this_store_is_made_again)
{
	static const char beside[] = "index/autopkgtest.db";
	struct sql *db;
	struct fail f;

	start();
	put_run("ant", "20261122_160102@", "pass", A1);
	ubuntu();
	put_run("bee", "20261122_160102@", "pass", A1);
	if (_i == 0)
		harness_write(beside, "no database, but a text of some "
		    "length, which is what damage may look like");
	if (_i == 1)
		(void)fs_unlink(harness_dirfd(), beside);
	if (_i == 2) {
		ok(sql_open(&db, harness_path(beside), SQL_WRITE, &f), &f);
		ok(sql_run(db, "PRAGMA user_version = 1; DELETE FROM result",
		    &f), &f);
		sql_close(db);
	}
	ubuntu();
	ubuntu_tells(ANT1 BEE1);
}
END_TEST

static const char *
sid(const char *file)
{
	static char path[256];

	(void)snprintf(path, sizeof path, "results/status/sid/amd64/%s",
	    file);
	return path;
}

START_TEST(a_days_file_says_how_the_packages_stood)
{
	char day[CLOCK_TEXT_MAX], run[2][CLOCK_TEXT_MAX], *text;
	char date[CLOCK_TEXT_MAX];
	int64_t s = clock_now_s() / 86400 * 86400;

	start();
	id_before(run[0], clock_now_s() - s + 86400 - 7);
	id_before(run[1], clock_now_s() - s + 86400 - 8);
	put_run("ant", run[0], "pass", "");
	put_run("bee", run[0], "fail", "");
	put_run("bee", run[1], "neutral", "");
	data();
	clock_format(day, "%Y/%m/%d.json", s - 86400);
	clock_format(date, "%Y-%m-%dT00:00:08", s - 86400);
	text = mem_printf("{\"pass\": 1, \"fail\": 0, \"neutral\": 1, "
	    "\"tmpfail\": 0, \"total\": 2, \"date\": \"%s\"}\n", date);
	ck_assert_str_eq(harness_read(sid(day)), text);
	ck_assert_str_eq(harness_read(sid("status.json")), text);
	free(text);
	/* Another day takes bee from neutral to tmpfail. */
	id_before(run[0], clock_now_s() - s - 1);
	put_run("bee", run[0], "tmpfail", "");
	buf_reset(&placed);
	data();
	ck_assert_ptr_null(strstr(placed.s, day));
	ck_assert_ptr_nonnull(strstr(harness_read(sid("status.json")),
	    "\"pass\": 1, \"fail\": 0, \"neutral\": 0, \"tmpfail\": 1"));
	ck_assert_ptr_nonnull(strstr(harness_read(sid("history.json")),
	    "\"neutral\": 1, \"tmpfail\": 0, \"total\": 2"));
	ck_assert_ptr_nonnull(strstr(harness_read(sid("history.json")),
	    "\"neutral\": 0, \"tmpfail\": 1, \"total\": 2"));
}
END_TEST

/* key of the item of a file that is a list; "null" where it is null. */
static void
item_says(const char *file, size_t i, const char *key, const char *expected)
{
	const char *text = harness_read(file), *got;
	struct fail f;
	struct json_tree *t = json_tree_parse(file, text, strlen(text), &f);
	const struct json_tree *item;

	ck_assert_msg(t != NULL, "%s", f.text);
	item = json_tree_kind(t) == JSON_KIND_ARRAY ?
	    json_tree_item(t, i) : t;
	got = json_tree_get_string(item, key);
	if (json_tree_kind(json_tree_get(item, key)) == JSON_KIND_NULL)
		got = "null";
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, expected);
	json_tree_free(t);
}

#define LIBX "results/packages/sid/amd64/libx/libx/"
#define PINNED ", \"version\": \"9\", \"request\": " \
	"{\"pin-packages\": [\"sid=src:a\"]}"

START_TEST(a_package_has_its_history_and_its_latest)
{
	start();
	put_run("libx", "20261120_160102@", "pass", ", \"version\": \"1:1\", "
	    "\"finished\": \"2026-11-20T16:01:00Z\"");
	put_run("libx", "20261121_160102@", "fail", ", \"version\": \"1:2\"");
	put_run("libx", "20261121_160103@", "pass", PINNED);
	put_run("libx", "20261122_160102@", "neutral",
	    ", \"version\": \"1:3\"");
	put_run("libx", "20261122_160103@", "fail", PINNED);
	data();
	item_says(LIBX "history.json", 0, "version", "1:1");
	item_says(LIBX "history.json", 0, "previous_status", "null");
	item_says(LIBX "history.json", 0, "last_pass_version", "null");
	item_says(LIBX "history.json", 3, "version", "1:3");
	/* Not that of a run that was pinned. */
	item_says(LIBX "history.json", 3, "previous_status", "fail");
	item_says(LIBX "history.json", 3, "last_pass_version", "1:1");
	item_says(LIBX "history.json", 3, "last_pass_date",
	    "2026-11-20T16:01:00.000Z");
	item_says(LIBX "latest.json", 0, "run_id", "20261122_160103@");
	item_says(LIBX "latest.json", 0, "status", "fail");
	item_says(sid("packages.json"), 0, "run_id", "20261122_160102@");
	item_says(sid("packages.json"), 0, "status", "neutral");
	item_says(sid("packages.json"), 0, "previous_status", "fail");
}
END_TEST

START_TEST(a_rejected_package_has_no_version)
{
	start();
	put_run("never", "20261122_160106@", "tmpfail",
	    ", \"version\": \"2\", \"rejected\": \"it eats disks\"");
	data();
	item_says(sid("packages.json"), 0, "version", "null");
	item_says(sid("packages.json"), 0, "status", "fail");
	item_says(sid("packages.json"), 0, "message", "it eats disks");
	ck_assert_ptr_nonnull(strstr(harness_read(sid("status.json")),
	    "\"fail\": 1, \"neutral\": 0, \"tmpfail\": 0"));
}
END_TEST

START_TEST(what_has_gone_is_told_no_more)
{
	start();
	put_run("libx", "20261121_160102@", "fail", "");
	put_run("libx", "20261122_160102@", "pass", "");
	data();
	take_run("libx", "20261122_160102@");
	data();
	item_says(LIBX "latest.json", 0, "status", "fail");
	item_says(sid("packages.json"), 0, "status", "fail");
	take_run("libx", "20261121_160102@");
	data();
	ck_assert_str_eq(harness_read(LIBX "latest.json"), "null\n");
	ck_assert_str_eq(harness_read(LIBX "history.json"), "[\n]\n");
	ck_assert_str_eq(harness_read(sid("packages.json")), "[\n]\n");
	ck_assert_str_eq(harness_read(sid("history.json")), "[]\n");
	ck_assert_ptr_nonnull(strstr(harness_read(sid("status.json")),
	    "\"total\": 0"));
}
END_TEST

START_TEST(the_history_of_a_package_ends_somewhere)
{
	char run_id[CLOCK_TEXT_MAX];
	size_t n = 0;

	start();
	for (int i = 0; i < 130; i++) {
		clock_format(run_id, "%Y%m%d_%H%M%S@", 1795363262 + i);
		put_run("libx", run_id, i < 3 ? "pass" : "fail", "");
	}
	data();
	for (const char *p = harness_read(LIBX "history.json");
	    (p = strstr(p, "\"run_id\"")); p++)
		n++;
	ck_assert_uint_eq(n, 100);
	/* What is left out still counts. */
	item_says(LIBX "history.json", 0, "previous_status", "fail");
	item_says(LIBX "history.json", 0, "last_pass_version", "n/a");
	item_says(LIBX "history.json", 0, "run_id", "20261122_160132@");
}
END_TEST

START_TEST(only_what_changed_is_written)
{
	start();
	put_run("ant", "20261122_160102@", "pass", "");
	put_run("bee", "20261122_160102@", "pass", "");
	data();
	buf_reset(&placed);
	data();
	ck_assert_uint_eq(placed.len, 0);
	put_run("bee", "20261122_160103@", "fail", "");
	data();
	ck_assert_ptr_null(strstr(placed.s, "ant"));
	ck_assert_ptr_nonnull(strstr(placed.s, "packages/sid/amd64/b/bee/"));
	/* What is not plain is of no concern to the suite. */
	buf_reset(&placed);
	put_run("bee", "20261122_160104@", "pass", PINNED);
	data();
	ck_assert_ptr_null(strstr(placed.s, "status/"));
	ck_assert_ptr_nonnull(strstr(placed.s, "packages/sid/amd64/b/bee/"));
	/* A new store writes what is another, and that is nothing. */
	store_close(x.store);
	open_store("other");
	put_run("ant", "20261122_160102@", "pass", "");
	put_run("bee", "20261122_160102@", "pass", "");
	put_run("bee", "20261122_160103@", "fail", "");
	put_run("bee", "20261122_160104@", "pass", PINNED);
	buf_reset(&placed);
	data();
	ck_assert_str_eq(placed.s, "status/sid/amd64/packages.json ");
}
END_TEST

START_TEST(a_suite_of_pinned_runs_alone_has_its_files)
{
	start();
	put_run("bee", "20261122_160104@", "pass", PINNED);
	data();
	ck_assert_str_eq(harness_read(sid("packages.json")), "[\n]\n");
	ck_assert_str_eq(harness_read(sid("history.json")), "[]\n");
	ck_assert_ptr_nonnull(strstr(harness_read(sid("status.json")),
	    "\"total\": 0"));
}
END_TEST

START_TEST(data_files_are_written_in_portions)
{
	struct fail f;
	size_t left;

	start();
	put_run("ant", "20261122_160102@", "pass", "");
	put_run("bee", "20261122_160102@", "pass", "");
	ok(export_index_data(&x, 1, &left, &f), &f);
	ck_assert_uint_eq(left, 1);
	ck_assert(!harness_exists(sid("packages.json")));
	ok(export_index_data(&x, 1, &left, &f), &f);
	ck_assert_uint_eq(left, 0);
	item_says(sid("packages.json"), 0, "package", "ant");
	item_says(sid("packages.json"), 1, "package", "bee");
}
END_TEST

START_TEST(a_package_is_due_until_all_is_in_place)
{
	struct fail f;
	size_t left;

	start();
	put_run("ant", "20261122_160102@", "pass", "");
	puts_left = _i;
	ck_assert_int_eq(export_index_data(&x, 0, &left, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	store_close(x.store);
	open_store("index");
	puts_left = -1;
	data();
	ck_assert(harness_exists("results/packages/sid/amd64/a/ant/"
	    "history.json"));
	item_says(sid("packages.json"), 0, "package", "ant");
	ck_assert(harness_exists(sid("history.json")));
	ck_assert(harness_exists(sid("status.json")));
}
END_TEST

/* In which order they go in, and what went out again, does not show. */
START_TEST(days_are_the_same_however_runs_come_and_go)
{
	static const int ages_s[] = { 432000, 345600, 345600 - 1, 259200,
	    172800 };
	static const char *const status[] = { "pass", "fail", "pass",
	    "neutral", "tmpfail" };
	static const int orders[][5] = { { 4, 3, 2, 1, 0 }, { 2, 0, 4, 1, 3 },
	    { 1, 3, 0, 4, 2 } };
	char ids[5][CLOCK_TEXT_MAX], *expected[2];

	start();
	for (int i = 0; i < 5; i++)
		id_before(ids[i], ages_s[i]);
	for (int i = 0; i < 5; i++)
		put_run("ant", ids[i], status[i], "");
	data();
	expected[0] = mem_dup(harness_read(sid("history.json")));
	take_run("ant", ids[1]);
	data();
	expected[1] = mem_dup(harness_read(sid("history.json")));
	ck_assert_str_ne(expected[0], "[]\n");
	store_close(x.store);
	open_store("other");
	for (int i = 0; i < 5; i++)
		put_run("ant", ids[orders[_i][i]], status[orders[_i][i]], "");
	data();
	ck_assert_str_eq(harness_read(sid("history.json")), expected[0]);
	take_run("ant", ids[1]);
	data();
	ck_assert_str_eq(harness_read(sid("history.json")), expected[1]);
	take_run("ant", ids[4]);
	put_run("ant", ids[4], status[4], "");
	data();
	ck_assert_str_eq(harness_read(sid("history.json")), expected[1]);
	free(expected[0]);
	free(expected[1]);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc,
	    pending_ones_come_first_then_results_oldest_first);
	tcase_add_test(tc, a_ppa_has_a_list_of_its_own);
	tcase_add_test(tc, a_suite_is_due_until_its_list_is_in_place);
	tcase_add_test(tc, all_suites_are_found);
	tcase_add_test(tc, only_what_britney_may_see_is_in_the_database);
	tcase_add_test(tc, the_database_follows_the_store);
	tcase_add_test(tc, the_sum_is_there_before_what_it_is_of);
	tcase_add_loop_test(tc, the_database_is_due_until_it_is_in_place, 0,
	    2);
	tcase_add_loop_test(tc, what_is_not_of_this_store_is_made_again, 0,
	    3);
	tcase_add_test(tc, a_days_file_says_how_the_packages_stood);
	tcase_add_test(tc, a_package_has_its_history_and_its_latest);
	tcase_add_test(tc, a_rejected_package_has_no_version);
	tcase_add_test(tc, what_has_gone_is_told_no_more);
	tcase_add_test(tc, the_history_of_a_package_ends_somewhere);
	tcase_add_test(tc, only_what_changed_is_written);
	tcase_add_test(tc, a_suite_of_pinned_runs_alone_has_its_files);
	tcase_add_test(tc, data_files_are_written_in_portions);
	tcase_add_loop_test(tc, a_package_is_due_until_all_is_in_place, 0, 6);
	tcase_add_loop_test(tc, days_are_the_same_however_runs_come_and_go, 0,
	    3);
}
