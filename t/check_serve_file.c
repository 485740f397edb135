/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "harness.h"
#include "serve_file.h"
#include "strs.h"

static const struct {
	const char *range;
	int status;
	int64_t first, size;
} ranges[] = {
	{ "bytes=0-0", 206, 0, 1 },
	{ "bytes=10-19", 206, 10, 10 },
	{ "bytes=90-", 206, 90, 10 },
	{ "bytes=90-1000", 206, 90, 10 },
	{ "bytes=-10", 206, 90, 10 },
	{ "bytes=-1000", 206, 0, 100 },
	{ "bytes=0-", 206, 0, 100 },
	{ "bytes=99-99", 206, 99, 1 },
	{ "bytes=100-", 416, 0, 0 },
	{ "bytes=100-200", 416, 0, 0 },
	{ "bytes=-0", 416, 0, 0 },
	{ "bytes=999999999999999999-", 416, 0, 0 },
	{ "bytes=9-1", 200, 0, 100 },
	{ "bytes=-", 200, 0, 100 },
	{ "bytes=", 200, 0, 100 },
	{ "bytes=a-b", 200, 0, 100 },
	{ "bytes=0-1,5-6", 200, 0, 100 },
	{ "bytes= 0-1", 200, 0, 100 },
	{ "lines=0-1", 200, 0, 100 },
	{ "bytes=99999999999999999999-", 200, 0, 100 },
	{ "bytes=0-99999999999999999999", 200, 0, 100 },
};

START_TEST(ranges_are_those_of_the_rfc)
{
	struct serve_conditions c = { .range = ranges[_i].range };
	struct serve_part p = serve_file_part(&c, "\"x\"", 0, 100);

	ck_assert_msg(p.status == ranges[_i].status &&
	    p.first == ranges[_i].first && p.size == ranges[_i].size,
	    "%s: %d, %ld+%ld", ranges[_i].range, p.status, (long)p.first,
	    (long)p.size);
}
END_TEST

START_TEST(of_an_empty_file_there_is_no_range)
{
	struct serve_conditions c = { .range = "bytes=0-" };

	ck_assert_int_eq(serve_file_part(&c, "\"x\"", 0, 0).status, 416);
	c.range = "bytes=-1";
	ck_assert_int_eq(serve_file_part(&c, "\"x\"", 0, 0).status, 416);
	c.range = NULL;
	ck_assert_int_eq(serve_file_part(&c, "\"x\"", 0, 0).status, 200);
}
END_TEST

/* What is sent of a file with that ETag that changed at 784111777. */
static int
status(struct serve_conditions c, const char *etag)
{
	return serve_file_part(&c, etag, 784111777, 100).status;
}

#define STATUS(etag, ...) status((struct serve_conditions){ __VA_ARGS__ }, etag)
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"

START_TEST(what_the_client_has_is_not_sent)
{
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "\"x\""), 304);
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "\"a\", W/\"x\""), 304);
	ck_assert_int_eq(STATUS("W/\"x\"", .none_match = "\"x\""), 304);
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "*"), 304);
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "\"xx\", \"y\""), 200);
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "x"), 200);
	ck_assert_int_eq(STATUS("\"x\"", .modified_since = THEN), 304);
	ck_assert_int_eq(STATUS("\"x\"", .modified_since = BEFORE), 200);
	ck_assert_int_eq(STATUS("\"x\"", .modified_since = "yesterday"), 200);
}
END_TEST

START_TEST(an_etag_goes_before_a_time)
{
	ck_assert_int_eq(STATUS("\"x\"", .none_match = "\"y\"",
	    .modified_since = THEN), 200);
}
END_TEST

START_TEST(a_download_goes_on_only_with_the_same_bytes)
{
	ck_assert_int_eq(STATUS("\"x\"", .range = "bytes=5-",
	    .if_range = "\"x\""), 206);
	ck_assert_int_eq(STATUS("\"x\"", .range = "bytes=5-",
	    .if_range = "\"y\""), 200);
	ck_assert_int_eq(STATUS("W/\"x\"", .range = "bytes=5-",
	    .if_range = "W/\"x\""), 200);
	ck_assert_int_eq(STATUS("\"x\"", .range = "bytes=5-",
	    .if_range = THEN), 200);
}
END_TEST

static void
make_etag(char etag[SERVE_ETAG_MAX], const char *path, long size, long s)
{
	struct stat st = { .st_size = size, .st_mtim = { .tv_sec = s } };
	struct strs parts = { 0 };

	strs_split(&parts, path, "/");
	serve_file_etag(etag, &parts, &st);
	strs_free(&parts);
}

#define RUN "autopkgtest/sid/amd64/x/x1/20261122_160102@"

START_TEST(a_run_s_etag_is_the_same_on_every_mirror)
{
	char a[SERVE_ETAG_MAX], b[SERVE_ETAG_MAX];

	make_etag(a, RUN "/log.gz", 5, 1);
	make_etag(b, RUN "/log.gz", 5, 2);
	ck_assert_int_eq(a[0], '"');
	ck_assert_str_eq(a, b);
	make_etag(b, RUN "/log.gz", 6, 1);
	ck_assert_str_ne(a, b);
	make_etag(b, RUN "/log", 5, 1);
	ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(the_etag_of_what_is_replaced_is_weak)
{
	char a[SERVE_ETAG_MAX], b[SERVE_ETAG_MAX];

	make_etag(a, "britney/sid/debci.json", 5, 1);
	make_etag(b, "britney/sid/debci.json", 5, 2);
	ck_assert_int_eq(strncmp(a, "W/\"", 3), 0);
	ck_assert_str_ne(a, b);
}
END_TEST

START_TEST(no_stranger_s_file_is_shown_as_a_page)
{
	ck_assert_str_eq(serve_file_type("log.gz").type,
	    "text/plain; charset=UTF-8");
	ck_assert(serve_file_type("log.gz").gzip);
	ck_assert_str_eq(serve_file_type("artifacts.tar.gz").type,
	    "application/gzip");
	ck_assert(!serve_file_type("artifacts.tar.gz").gzip);
	ck_assert(serve_file_type("artifacts.tar.gz").keep);
	ck_assert_str_eq(serve_file_type("result.tar").type,
	    "application/x-tar");
	ck_assert_str_eq(serve_file_type("result.json").type,
	    "application/json");
	ck_assert_str_eq(serve_file_type("index.html").type,
	    "application/octet-stream");
	ck_assert(serve_file_type("index.html").keep);
	ck_assert_str_eq(serve_file_type("20261122T16").type,
	    "text/plain; charset=UTF-8");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, ranges_are_those_of_the_rfc, 0,
	    (int)(sizeof ranges / sizeof *ranges));
	tcase_add_test(tc, of_an_empty_file_there_is_no_range);
	tcase_add_test(tc, what_the_client_has_is_not_sent);
	tcase_add_test(tc, an_etag_goes_before_a_time);
	tcase_add_test(tc, a_download_goes_on_only_with_the_same_bytes);
	tcase_add_test(tc, a_run_s_etag_is_the_same_on_every_mirror);
	tcase_add_test(tc, the_etag_of_what_is_replaced_is_weak);
	tcase_add_test(tc, no_stranger_s_file_is_shown_as_a_page);
}
