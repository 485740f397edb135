/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "manifest.h"
#include "role.h"
#include "spool.h"
#include "strs.h"

static const struct spool *s;
static struct role role;

static void
begin(void)
{
	struct role_token t;
	struct fail f;

	if (!s)
		s = harness_spool("amd64");
	ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
	ck_assert_int_eq(fs_remove_tree(s->results, "manifests", &f), 0);
	ck_assert_int_eq(role_make(s, &f), 0);
	ck_assert_int_eq(role_look(s, &t, &f), 1);
	ck_assert_int_eq(role_take(&role, s, "a", &t, &f), 1);
}

static struct notice
run(enum notice_kind kind, unsigned second)
{
	struct notice n = { .kind = kind };
	char name[NOTICE_NAME_MAX];

	(void)snprintf(name, sizeof name, "%s,sid,amd64,hello,"
	    "20261122_16%02u%02u@", kind == NOTICE_NEW ? "new" : "gone",
	    second / 60, second % 60);
	ck_assert_int_eq(notice_parse(&n, name), 0);
	return n;
}

/* Adds a line; the mark moves behind it. */
static int
add(struct manifest_mark *end, enum notice_kind kind, unsigned second,
	struct fail *f)
{
	const struct notice n = run(kind, second);
	struct manifest_writer w;

	if (manifest_begin(&w, &role, end, f) != 0 ||
	    manifest_add(&w, &n, f) != 0) {
		manifest_abandon(&w);
		return -1;
	}
	if (manifest_end(&w, f) != 0)
		return -1;
	*end = w.end;
	return 0;
}

static int
note(void *context, const struct notice *n)
{
	buf_addf(context, "%c%s ", n->kind == NOTICE_NEW ? '+' : '-',
	    n->run_id + 11);
	return 0;
}

/* The lines from a mark on: "+0001@ -0002@ " */
static const char *
lines(struct manifest_mark *from)
{
	static struct buf b;
	struct fail f;

	buf_reset(&b);
	buf_add(&b, "");
	ck_assert_msg(manifest_read(s, from, note, &b, &f) == 0, "%s",
	    f.text);
	return b.s;
}

static const char *
all(void)
{
	struct manifest_mark m = { .offset = 0 };

	return lines(&m);
}

START_TEST(lines_are_read_in_the_order_in_which_they_were_added)
{
	struct manifest_mark end = { .offset = 0 }, m = end;
	struct fail f;

	begin();
	ck_assert_str_eq(all(), "");
	ck_assert_msg(add(&end, NOTICE_NEW, 2, &f) == 0, "%s", f.text);
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	ck_assert_str_eq(lines(&m), "+0002@ +0001@ ");
	ck_assert_str_eq(lines(&m), "");
	ck_assert_int_eq(add(&end, NOTICE_GONE, 2, &f), 0);
	ck_assert_str_eq(lines(&m), "-0002@ ");
	ck_assert_str_eq(m.last, end.last);
	ck_assert_uint_eq(m.offset, end.offset);
	ck_assert_str_eq(m.hour, end.hour);
	ck_assert_str_eq(all(), "+0002@ +0001@ -0002@ ");
	role_leave(&role);
}
END_TEST

START_TEST(a_line_is_a_sign_and_a_path)
{
	struct manifest_mark end = { .offset = 0 };
	char path[64];
	struct fail f;

	begin();
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	ck_assert_int_eq(add(&end, NOTICE_GONE, 1, &f), 0);
	(void)snprintf(path, sizeof path, "results/manifests/%s", end.hour);
	ck_assert_str_eq(harness_read(path),
	    "+ autopkgtest/sid/amd64/h/hello/20261122_160001@\n"
	    "- autopkgtest/sid/amd64/h/hello/20261122_160001@\n");
	role_leave(&role);
}
END_TEST

static int
stop_at_once(void *context, const struct notice *n)
{
	(void)note(context, n);
	return 1;
}

START_TEST(who_stops_goes_on_from_there)
{
	struct manifest_mark end = { .offset = 0 }, m = end;
	struct buf b = { 0 };
	struct fail f;

	begin();
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_int_eq(add(&end, NOTICE_NEW, i, &f), 0);
	ck_assert_int_eq(manifest_read(s, &m, stop_at_once, &b, &f), 0);
	ck_assert_str_eq(b.s, "+0001@ ");
	ck_assert_str_eq(lines(&m), "+0002@ +0003@ ");
	buf_free(&b);
	role_leave(&role);
}
END_TEST

START_TEST(a_mark_is_written_and_read_alike)
{
	struct manifest_mark end = { .offset = 0 }, m = end;
	char text[MANIFEST_MARK_MAX];
	struct fail f;

	begin();
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	manifest_mark_format(text, &end);
	ck_assert_int_eq(manifest_mark_parse(&m, text), 0);
	ck_assert_int_eq(add(&end, NOTICE_NEW, 2, &f), 0);
	ck_assert_str_eq(lines(&m), "+0002@ ");
	ck_assert_int_eq(manifest_mark_parse(&m, ""), -1);
	ck_assert_int_eq(manifest_mark_parse(&m, "20261122T16 7"), -1);
	ck_assert_int_eq(manifest_mark_parse(&m, "x 7 aaaaaaaaaaaa"), -1);
	role_leave(&role);
}
END_TEST

/* A later hour, as the clock went on; an earlier one, as it went back. */
START_TEST(hours_follow_one_another_whatever_the_clock_says)
{
	struct manifest_mark end = { .offset = 0 }, m = end;
	struct strs hours = { 0 };
	struct fail f;

	begin();
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	ck_assert_int_eq(setenv("ADTSPOOL_CLOCK_OFFSET", "7200", 1), 0);
	ck_assert_int_eq(add(&end, NOTICE_NEW, 2, &f), 0);
	ck_assert_int_eq(setenv("ADTSPOOL_CLOCK_OFFSET", "-99999", 1), 0);
	ck_assert_int_eq(add(&end, NOTICE_NEW, 3, &f), 0);
	ck_assert_int_eq(manifest_hours(s, &hours, &f), 0);
	ck_assert_uint_eq(hours.n, 2);
	ck_assert_str_eq(hours.v[1], end.hour);
	ck_assert_str_eq(lines(&m), "+0001@ +0002@ +0003@ ");
	strs_free(&hours);
	role_leave(&role);
}
END_TEST

START_TEST(a_mark_of_another_tree_is_refused)
{
	struct manifest_mark end = { .offset = 0 }, other, m;
	char path[64];
	struct buf b = { 0 };
	struct fail f = { 0 };

	begin();
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	other = end;
	other.last[0] = other.last[0] == 'a' ? 'b' : 'a';
	ck_assert_int_eq(manifest_read(s, &other, note, &b, &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	m = end;
	m.offset++;
	ck_assert_int_eq(manifest_read(s, &m, note, &b, &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	(void)snprintf(path, sizeof path, "manifests/%s", end.hour);
	ck_assert_int_eq(fs_unlink(s->results, path), 0);
	ck_assert_int_eq(manifest_read(s, &end, note, &b, &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	buf_free(&b);
	role_leave(&role);
}
END_TEST

START_TEST(who_does_not_know_all_of_it_adds_nothing)
{
	struct manifest_mark end = { .offset = 0 }, before;
	struct fail f = { 0 };

	begin();
	ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
	before = end;
	ck_assert_int_eq(add(&end, NOTICE_NEW, 2, &f), 0);
	ck_assert_int_eq(add(&before, NOTICE_NEW, 3, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	before = (struct manifest_mark){ .offset = 0 };
	ck_assert_int_eq(add(&before, NOTICE_NEW, 3, &f), -1);
	ck_assert_str_eq(all(), "+0001@ +0002@ ");
	role_leave(&role);
}
END_TEST

START_TEST(strangers_lines_and_files_are_passed_over)
{
	struct strs hours = { 0 };
	struct fail f;

	begin();
	harness_write("results/manifests/README", "+ no\n");
	harness_write("results/manifests/20261122T16",
	    "+ autopkgtest/sid/amd64/h/hello/20261122_160001@\n"
	    "\n+\n+ \nx autopkgtest/sid/amd64/h/hello/20261122_160002@\n"
	    "+ /etc/passwd\n"
	    "+ autopkgtest/sid/amd64/h/hello/20261122_160003@\n"
	    "+ autopkgtest/sid/amd64/h/hello/20261122_160004@");
	ck_assert_str_eq(all(), "+0001@ +0003@ ");
	ck_assert_int_eq(manifest_hours(s, &hours, &f), 0);
	ck_assert_uint_eq(hours.n, 1);
	strs_free(&hours);
	role_leave(&role);
}
END_TEST

START_TEST(old_hours_go_but_never_the_newest)
{
	struct strs hours = { 0 };
	struct fail f;
	int64_t s_;

	begin();
	harness_write("results/manifests/20261122T15", "");
	harness_write("results/manifests/20261122T16", "");
	harness_write("results/manifests/20261122T17", "");
	ck_assert_int_eq(clock_parse("20261122T1600", &s_), 0);
	ck_assert_int_eq(manifest_age_out(s, s_, &f), 0);
	ck_assert_int_eq(manifest_hours(s, &hours, &f), 0);
	ck_assert_uint_eq(hours.n, 2);
	strs_free(&hours);
	ck_assert_int_eq(manifest_age_out(s, s_ + 99999, &f), 0);
	ck_assert_int_eq(manifest_hours(s, &hours, &f), 0);
	ck_assert_uint_eq(hours.n, 1);
	ck_assert_str_eq(hours.v[0], "20261122T17");
	strs_free(&hours);
	role_leave(&role);
}
END_TEST

START_TEST(many_lines_are_copied_and_read_whole)
{
	enum { MANY = 3000 };
	struct manifest_mark end = { .offset = 0 };
	struct manifest_writer w;
	struct fail f;

	begin();
	for (int part = 0; part < 2; part++) {
		ck_assert_int_eq(manifest_begin(&w, &role, &end, &f), 0);
		for (unsigned i = 0; i < MANY; i++) {
			const struct notice n = run(NOTICE_NEW, i);

			ck_assert_int_eq(manifest_add(&w, &n, &f), 0);
		}
		ck_assert_int_eq(manifest_end(&w, &f), 0);
		end = w.end;
	}
	ck_assert_uint_eq(strlen(all()), 2 * MANY * strlen("+0001@ "));
	role_leave(&role);
}
END_TEST

START_TEST(a_large_hour_is_not_copied_again)
{
	enum { MANY = (8 << 20) / 40 };
	struct manifest_mark end = { .offset = 0 }, m = end;
	struct manifest_writer w;
	struct fail f;

	begin();
	ck_assert_int_eq(manifest_begin(&w, &role, &end, &f), 0);
	for (unsigned i = 0; i < MANY; i++) {
		const struct notice n = run(NOTICE_NEW, i % 3600);

		ck_assert_int_eq(manifest_add(&w, &n, &f), 0);
	}
	ck_assert_int_eq(manifest_end(&w, &f), 0);
	end = m = w.end;
	for (unsigned i = 1; i <= 2; i++)
		ck_assert_msg(add(&end, NOTICE_GONE, i, &f) == 0, "%s",
		    f.text);
	ck_assert_str_gt(end.hour, m.hour);
	ck_assert_uint_lt(end.offset, 200);
	ck_assert_str_eq(lines(&m), "-0001@ -0002@ ");
	role_leave(&role);
}
END_TEST

/* What is there stays; without an error the line is there. */
START_TEST(whatever_fails_it_never_gets_shorter)
{
	begin();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct manifest_mark end = { .offset = 0 };
		struct fail f = { 0 };
		const char *is;
		int rc;

		begin();
		ck_assert_int_eq(add(&end, NOTICE_NEW, 1, &f), 0);
		fault_on(&x);
		rc = add(&end, NOTICE_NEW, 2, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		/* A file that seems to be another's is not written to. */
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 0 ||
		    f.err == EEXIST, "%s: %s", x.what, f.text);
		is = all();
		ck_assert_msg(strcmp(is, "+0001@ +0002@ ") == 0 ||
		    (rc != 0 && strcmp(is, "+0001@ ") == 0), "%s: %s",
		    x.what, is);
		/* Who reads on from its mark can go on. */
		(void)lines(&end);
		ck_assert_msg(add(&end, NOTICE_NEW, 3, &f) == 0, "%s: %s",
		    x.what, f.text);
		role_leave(&role);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc,
	    lines_are_read_in_the_order_in_which_they_were_added);
	tcase_add_test(tc, a_line_is_a_sign_and_a_path);
	tcase_add_test(tc, who_stops_goes_on_from_there);
	tcase_add_test(tc, a_mark_is_written_and_read_alike);
	tcase_add_test(tc,
	    hours_follow_one_another_whatever_the_clock_says);
	tcase_add_test(tc, a_mark_of_another_tree_is_refused);
	tcase_add_test(tc, who_does_not_know_all_of_it_adds_nothing);
	tcase_add_test(tc, strangers_lines_and_files_are_passed_over);
	tcase_add_test(tc, old_hours_go_but_never_the_newest);
	tcase_add_test(tc, many_lines_are_copied_and_read_whole);
	tcase_add_test(tc, a_large_hour_is_not_copied_again);
	tcase_add_test(tc, whatever_fails_it_never_gets_shorter);
}
