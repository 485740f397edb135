/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "entry.h"
#include "fail.h"
#include "harness.h"
#include "mem.h"
#include "result.h"
#include "sql.h"
#include "store.h"
#include "strs.h"

static struct store *store;

static void
ok(int rc, const struct fail *f)
{
	ck_assert_msg(rc == 0, "%s", f->text);
}

static void
open_store(void)
{
	struct fail f;

	ok(store_open(&store, harness_path("index"), STORE_WRITE, &f), &f);
}

static void
begin(void)
{
	struct fail f;

	ok(store_begin(store, &f), &f);
}

static void
commit(void)
{
	struct fail f;

	ok(store_commit(store, &f), &f);
}

static void
fill(struct result *r, const char *suite, const char *package,
	const char *status, const char *triggers)
{
	*r = (struct result){ .id = "k3f9a2x7m1qd", .suite = mem_dup(suite),
	    .arch = mem_dup("amd64"), .package = mem_dup(package),
	    .version = mem_dup("1:2.10-3"), .status = mem_dup(status),
	    .message = result_message(0), .worker = mem_dup("ci-host1"),
	    .attempt = 1, .created_s = 1795363000, .started_s = 1795363262,
	    .finished_s = 1795363300 };
	strs_split(&r->triggers, triggers, " ");
}

static void
put_as(const char *suite, const char *package, const char *run_id,
	const char *status, const char *triggers)
{
	struct result r;
	struct fail f;

	fill(&r, suite, package, status, triggers);
	ok(store_put(store, &r, run_id, &f), &f);
	result_free(&r);
}

static void
put(const char *package, const char *run_id, const char *status)
{
	put_as("sid", package, run_id, status, "hello/2.10-3 libx/1");
}

static int
name(void *context, const struct store_run *run)
{
	struct buf *out = context;

	buf_addf(out, "%s/%s/%s/%s=%s;", run->suite, run->arch, run->source,
	    run->run_id, run->status);
	return 0;
}

static void
finds(const struct store_query *q, const char *expected)
{
	struct buf out = { 0 };
	struct fail f;

	buf_add(&out, "");
	ok(store_each(store, q, name, &out, &f), &f);
	ck_assert_str_eq(out.s, expected);
	buf_free(&out);
}

static void
has(const char *expected)
{
	finds(&(struct store_query){ 0 }, expected);
}

static int64_t
number(const char *statement)
{
	struct sql *db;
	struct fail f;
	int64_t n;

	ok(sql_open(&db, harness_path("index/index.db"), SQL_READ, &f), &f);
	ok(sql_number(db, statement, &n, &f), &f);
	sql_close(db);
	return n;
}

START_TEST(what_is_put_in_twice_is_there_once)
{
	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	put("hello", "20261122_160102@", "pass");
	commit();
	has("sid/amd64/hello/20261122_160102@=pass;");
	ck_assert_int_eq(number("SELECT count(*) FROM run_trigger"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM package"), 1);
}
END_TEST

START_TEST(what_changed_meanwhile_replaces_what_was_there)
{
	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	put_as("sid", "hello", "20261122_160102@", "fail", "other/1");
	commit();
	has("sid/amd64/hello/20261122_160102@=fail;");
	finds(&(struct store_query){ .trigger = "hello/2.10-3" }, "");
	finds(&(struct store_query){ .trigger = "other/1" },
	    "sid/amd64/hello/20261122_160102@=fail;");
}
END_TEST

START_TEST(a_run_that_is_removed_leaves_nothing)
{
	struct fail f;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	put("hello", "20261122_160103@", "fail");
	ok(store_remove(store, "sid", "amd64", "hello", "20261122_160102@",
	    &f), &f);
	commit();
	has("sid/amd64/hello/20261122_160103@=fail;");
	ck_assert_int_eq(number("SELECT count(*) FROM run_trigger"), 2);
	begin();
	ok(store_remove(store, "sid", "amd64", "hello", "20261122_160102@",
	    &f), &f);
	ok(store_remove(store, "sid", "amd64", "never", "20261122_160102@",
	    &f), &f);
	commit();
	has("sid/amd64/hello/20261122_160103@=fail;");
}
END_TEST

START_TEST(each_filter_leaves_the_others_out)
{
	static const char x[] = "sid/amd64/libx/20261122_160102@=fail;";
	static const char y[] = "kali-rolling/amd64/y/20261122_160109@=pass;";
	struct buf both = { 0 };

	buf_addf(&both, "%s%s", y, x);
	open_store();
	begin();
	put_as("sid", "libx", "20261122_160102@", "fail", "a/1:2-3 b/1");
	put_as("kali-rolling", "y", "20261122_160109@", "pass", "a/9");
	commit();
	finds(&(struct store_query){ .suite = "sid" }, x);
	finds(&(struct store_query){ .source = "y" }, y);
	finds(&(struct store_query){ .status = "fail" }, x);
	finds(&(struct store_query){ .arch = "arm64" }, "");
	finds(&(struct store_query){ .trigger = "a/1:2-3" }, x);
	finds(&(struct store_query){ .trigger = "a", .newest_first = true },
	    both.s);
	finds(&(struct store_query){ .trigger = "b" }, x);
	finds(&(struct store_query){ .trigger = "a", .suite = "sid" }, x);
	finds(&(struct store_query){ .trigger = "a", .source = "y" }, y);
	finds(&(struct store_query){ .source = "y", .suite = "sid" }, "");
	finds(&(struct store_query){ .source = "y", .suite = "kali-rolling",
	    .arch = "amd64", .plain = true }, y);
	finds(&(struct store_query){ .limit = 1 }, x);
	finds(&(struct store_query){ .ppa = "", .limit = 1 }, x);
	finds(&(struct store_query){ .ppa = "o/n" }, "");
	finds(&(struct store_query){ .since_s = 1795363269 }, y);
	finds(&(struct store_query){ .since_s = 1795363270 }, "");
	buf_free(&both);
}
END_TEST

static int
check_run(void *context, const struct store_run *run)
{
	*(int *)context += 1;
	ck_assert_str_eq(run->request, "k3f9a2x7m1qd");
	ck_assert_str_eq(run->version, "1:2.10-3");
	ck_assert_str_eq(run->triggers, "hello/2.10-3 libx/1");
	ck_assert_str_eq(run->message, "All tests passed");
	ck_assert_str_eq(run->worker, "ci-host1");
	ck_assert_ptr_null(run->requester);
	ck_assert_ptr_null(run->rejected);
	ck_assert_str_eq(run->ppa, "");
	ck_assert(run->plain);
	ck_assert_int_eq(run->exit_code, 0);
	ck_assert_uint_eq(run->attempt, 1);
	ck_assert_int_eq(run->created_s, 1795363000);
	ck_assert_int_eq(run->started_s, 1795363262);
	ck_assert_int_eq(run->finished_s, 1795363300);
	ck_assert_ptr_nonnull(strstr(run->entry,
	    "\"trigger\": \"hello/2.10-3 libx/1\""));
	return 1;
}

START_TEST(a_run_comes_back_as_it_was)
{
	struct store_query q = { 0 };
	struct fail f;
	int n = 0;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	put("hello", "20261122_160103@", "pass");
	commit();
	ok(store_each(store, &q, check_run, &n, &f), &f);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(what_is_not_committed_is_undone)
{
	struct fail f;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	ok(store_undo(store, &f), &f);
	has("");
	begin();
	put("hello", "20261122_160102@", "pass");
	store_close(store);
	open_store();
	has("");
}
END_TEST

START_TEST(a_reader_sees_what_another_has_committed)
{
	struct store *writer, *reader;
	struct fail f;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	commit();
	begin();
	put("hello", "20261122_160103@", "pass");
	ok(store_open(&reader, harness_path("index"), STORE_READ, &f), &f);
	writer = store;
	store = reader;
	has("sid/amd64/hello/20261122_160102@=pass;");
	store = writer;
	commit();
	store = reader;
	has("sid/amd64/hello/20261122_160102@=pass;"
	    "sid/amd64/hello/20261122_160103@=pass;");
	store_close(reader);
	store_close(writer);
}
END_TEST

START_TEST(marks_are_kept_until_all_is_cleared)
{
	struct buf b = { 0 };
	struct fail f;

	buf_add(&b, "");
	open_store();
	ok(store_mark_get(store, "manifest", &b, &f), &f);
	ck_assert_str_eq(b.s, "");
	begin();
	ok(store_mark_set(store, "manifest", "20261122T16 7", &f), &f);
	ok(store_mark_set(store, "manifest", "20261122T16 8", &f), &f);
	put("hello", "20261122_160102@", "pass");
	commit();
	store_close(store);
	open_store();
	ok(store_mark_get(store, "manifest", &b, &f), &f);
	ck_assert_str_eq(b.s, "20261122T16 8");
	begin();
	ok(store_clear(store, &f), &f);
	commit();
	buf_reset(&b);
	ok(store_mark_get(store, "manifest", &b, &f), &f);
	ck_assert_uint_eq(b.len, 0);
	has("");
	buf_free(&b);
}
END_TEST

static void
is_refused(int status)
{
	struct fail f = { 0 };

	ck_assert_int_eq(store_open(&store, harness_path("index"),
	    STORE_WRITE, &f), -1);
	ck_assert_int_eq(f.status, status);
	ck_assert_ptr_null(store);
}

START_TEST(what_is_no_store_is_said_so_and_can_be_discarded)
{
	struct sql *db;
	struct fail f;

	harness_write("index/index.db", "This is a text, and it is long "
	    "enough to be seen for what it is by whoever reads a header.");
	harness_write("index/other", "stays");
	is_refused(EX_DATAERR);
	ok(store_discard(harness_path("index"), &f), &f);
	open_store();
	store_close(store);
	ok(sql_open(&db, harness_path("index/index.db"), SQL_WRITE, &f), &f);
	ok(sql_run(db, "PRAGMA user_version = 0", &f), &f);
	sql_close(db);
	is_refused(EX_DATAERR);
	ok(store_discard(harness_path("index"), &f), &f);
	open_store();
	has("");
	ck_assert(harness_exists("index/other"));
}
END_TEST

/* Overwrites all pages but the first, as a bad disk would. */
static void
damage(const char *path)
{
	FILE *file = fopen(path, "r+");
	long size;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	ck_assert_int_eq(fseek(file, 4096, SEEK_SET), 0);
	for (long i = 4096; i < size; i++)
		ck_assert_int_eq(fputc('x', file), 'x');
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(damage_is_said_so)
{
	struct fail f = { 0 };
	struct result r;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	commit();
	store_close(store);
	damage(harness_path("index/index.db"));
	open_store();
	begin();
	fill(&r, "sid", "hello", "pass", "a/1");
	ck_assert_int_eq(store_put(store, &r, "20261122_160103@", &f), -1);
	ck_assert_int_eq(f.status, EX_DATAERR);
	result_free(&r);
}
END_TEST

START_TEST(a_reader_of_no_store_is_told)
{
	struct fail f = { 0 };

	ck_assert_int_eq(store_open(&store, harness_path("index"), STORE_READ,
	    &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	ck_assert(!harness_exists("index"));
}
END_TEST

START_TEST(the_suites_are_told)
{
	struct strs suites = { 0 };
	struct fail f;
	char *all;

	open_store();
	begin();
	put("hello", "20261122_160102@", "pass");
	put("hello", "20261122_160103@", "pass");
	put_as("kali-rolling", "y", "20261122_160109@", "pass", "a/9");
	commit();
	ok(store_suites(store, &suites, &f), &f);
	all = strs_join(&suites, " ");
	ck_assert_str_eq(all, "kali-rolling sid");
	free(all);
	strs_free(&suites);
}
END_TEST

/* How much the machine has to do besides is not the store's affair. */
enum { MANY = 20000, LEAST_PER_S = 2000 };

static int
count(void *context, const struct store_run *run)
{
	(void)run;
	*(int *)context += 1;
	return 0;
}

/* A suite is looked through for none of these; for the least it would be. */
static void
costs_what_it_finds(void)
{
	static const struct store_query queries[] = {
		{ .suite = "sid", .arch = "amd64", .source = "package7" },
		{ .suite = "sid", .source = "package7", .newest_first = true },
		{ .source = "package7", .plain = true },
		{ .suite = "sid", .trigger = "package7" },
		{ .trigger = "package7/1" },
	};
	enum { TIMES = 100, EACH_MOST_MS = 10 };
	int64_t start_ms = clock_boot_ms();
	struct fail f;
	int n = 0;

	for (int i = 0; i < TIMES; i++)
		for (size_t k = 0; k < sizeof queries / sizeof *queries; k++)
			ok(store_each(store, &queries[k], count, &n, &f), &f);
	ck_assert_int_eq(n, TIMES * 5 * MANY / 1000);
	ck_assert_int_lt(clock_boot_ms() - start_ms,
	    TIMES * 5 * EACH_MOST_MS);
}

START_TEST(many_runs_go_in_quickly)
{
	struct result r;
	struct fail f;
	int64_t start_ms, took_ms, n;

	open_store();
	fill(&r, "sid", "hello", "pass", "hello/2.10-3 libx/1");
	start_ms = clock_boot_ms();
	begin();
	for (int i = 0; i < MANY; i++) {
		char run_id[CLOCK_TEXT_MAX];

		free(r.package);
		r.package = mem_printf("package%d", i % 1000);
		strs_free(&r.triggers);
		strs_addf(&r.triggers, "package%d/1", i % 1000);
		strs_add(&r.triggers, "x/1");
		clock_format(run_id, "%Y%m%d_%H%M%S@", 1795363262 + i);
		ok(store_put(store, &r, run_id, &f), &f);
	}
	commit();
	took_ms = clock_boot_ms() - start_ms;
	costs_what_it_finds();
	printf("# %d runs in %d ms\n", MANY, (int)took_ms);
	ok(store_count(store, &n, &f), &f);
	ck_assert_int_eq(n, MANY);
	ck_assert_int_lt(took_ms, MANY * 1000 / LEAST_PER_S);
	result_free(&r);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_is_put_in_twice_is_there_once);
	tcase_add_test(tc, what_changed_meanwhile_replaces_what_was_there);
	tcase_add_test(tc, a_run_that_is_removed_leaves_nothing);
	tcase_add_test(tc, each_filter_leaves_the_others_out);
	tcase_add_test(tc, a_run_comes_back_as_it_was);
	tcase_add_test(tc, what_is_not_committed_is_undone);
	tcase_add_test(tc, a_reader_sees_what_another_has_committed);
	tcase_add_test(tc, marks_are_kept_until_all_is_cleared);
	tcase_add_test(tc, what_is_no_store_is_said_so_and_can_be_discarded);
	tcase_add_test(tc, damage_is_said_so);
	tcase_add_test(tc, a_reader_of_no_store_is_told);
	tcase_add_test(tc, the_suites_are_told);
	tcase_add_test(tc, many_runs_go_in_quickly);
}
