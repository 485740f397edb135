/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "export.h"
#include "export_pending.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "json.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

#define ATTEMPT "green,aaaaaaaaaaaa,p5,e1,a0@here"
#define TEXT "{\"package\": \"green\", \"suite\": \"sid\", " \
	"\"triggers\": [\"red/2\"]}"

static const struct spool *s;
static struct export_pending *p;

static void
start(void)
{
	s = harness_spool("amd64 arm64");
	p = export_pending_new();
}

/* The suites in which something is new, until the next look. */
static const char *
look(void)
{
	static char *last;
	struct strs changed = { 0 };
	struct fail f;

	ck_assert_msg(export_pending_refresh(p, harness_conf(""), s,
	    &changed, &f) == 0, "%s", f.text);
	strs_sort(&changed);
	free(last);
	last = strs_join(&changed, " ");
	strs_free(&changed);
	return last;
}

/* The packages of a list, each with a blank before it. */
static void
tells(const char *suite, const char *ppa, const char *expected)
{
	struct export_query q = { .suite = suite, .ppa = ppa };
	struct buf out = { 0 }, got = { 0 };
	const struct json_tree *all;
	struct json_tree *t;
	bool filled = false;
	struct fail f;

	export_list_begin(&out, 0);
	export_pending_put(p, &q, &out, &filled);
	export_list_end(&out);
	t = json_tree_parse("list", out.s, out.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	all = json_tree_get(t, "results");
	buf_add(&got, "");
	for (size_t i = 0; i < json_tree_length(all); i++)
		buf_addf(&got, " %s", json_tree_get_string(
		    json_tree_item(all, i), "package"));
	ck_assert_str_eq(got.s, expected);
	json_tree_free(t);
	buf_free(&out);
	buf_free(&got);
}

static void
move(const char *from, const char *to)
{
	struct fail f;

	ck_assert_msg(fs_mkdirs(harness_dirfd(), "spool/amd64/done/20261122",
	    &f) == 0, "%s", f.text);
	ck_assert_int_eq(fs_rename(harness_dirfd(), from, harness_dirfd(), to),
	    0);
}

static void
remove_file(const char *path)
{
	ck_assert_int_eq(fs_unlink(harness_dirfd(), path), 0);
}

START_TEST(a_request_stays_pending_until_it_is_published)
{
	static const char cur[] = "spool/amd64/cur/" ATTEMPT;
	static const char done[] = "spool/amd64/done/20261122/" ATTEMPT;
	struct plan plan = { .queue = "amd64", .day = "20261122",
	    .suite = "sid", .arch = "amd64", .source = "green" };
	struct fail f;

	start();
	harness_write(cur, TEXT);
	ck_assert_int_eq(stage_make(s, ATTEMPT, &f), 0);
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	move(cur, done);
	/* As one sees it who starts just now. */
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", " green");
	ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_PUBLISHED, &f), 0);
	ck_assert_str_eq(look(), "");
	tells("sid", "", " green");
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", "");
	export_pending_free(p);
}
END_TEST

START_TEST(a_stage_of_what_was_not_committed_tells_nothing)
{
	struct plan plan = { .queue = "amd64", .day = "20261122",
	    .suite = "sid", .arch = "amd64", .source = "green" };
	struct fail f;

	start();
	harness_write("spool/amd64/bad/" ATTEMPT, TEXT);
	ck_assert_int_eq(stage_make(s, ATTEMPT, &f), 0);
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	ck_assert_str_eq(look(), "");
	tells("sid", "", "");
	export_pending_free(p);
}
END_TEST

START_TEST(what_is_missed_once_is_still_there)
{
	static const char fresh[] =
	    "spool/amd64/new/05-20261122T1601/green,aaaaaaaaaaaa,p5,e1,a0";

	start();
	harness_write(fresh, TEXT);
	ck_assert_str_eq(look(), "sid");
	ck_assert_str_eq(look(), "");
	remove_file(fresh);
	ck_assert_str_eq(look(), "");
	tells("sid", "", " green");
	harness_write("spool/amd64/cur/" ATTEMPT, TEXT);
	ck_assert_str_eq(look(), "");
	remove_file("spool/amd64/cur/" ATTEMPT);
	ck_assert_str_eq(look(), "");
	tells("sid", "", " green");
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", "");
	ck_assert_uint_eq(export_pending_count(p), 0);
	export_pending_free(p);
}
END_TEST

START_TEST(what_is_seen_in_two_places_is_told_once)
{
	start();
	harness_write("spool/amd64/new/05-20261122T1601/"
	    "green,aaaaaaaaaaaa,p5,e2,a0", TEXT);
	harness_write("spool/amd64/cur/" ATTEMPT, TEXT);
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", " green");
	export_pending_free(p);
}
END_TEST

START_TEST(a_dropped_file_is_read_again_each_time)
{
	start();
	harness_write("spool/amd64/new/a", TEXT);
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", " green");
	harness_write("spool/amd64/new/a", "package: blue\nsuite: sid\n");
	(void)look();
	tells("sid", "", " blue");
	remove_file("spool/amd64/new/a");
	(void)look();
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", "");
	export_pending_free(p);
}
END_TEST

START_TEST(suites_and_ppas_are_told_apart)
{
	struct strs suites = { 0 }, ppas = { 0 };

	start();
	harness_write("spool/amd64/new/a", "package: green\nsuite: sid\n");
	harness_write("spool/amd64/new/b", "package: blue\n");
	harness_write("spool/arm64/new/c", "debci-ppa-noble-arm64:red "
	    "{\"triggers\": [\"red/2\"], \"ppas\": [\"x/y\", \"joe/me:"
	    "0123456789ABCDEF0123456789ABCDEF01234567\"]}\n");
	ck_assert_str_eq(look(), "noble sid unstable");
	harness_write("spool/arm64/new/d", "package: grey\nsuite: sid\n");
	ck_assert_str_eq(look(), "sid");
	tells("sid", "", " green grey");
	tells("unstable", "", " blue");
	tells("noble", "", "");
	tells("noble", "x/y", "");
	tells("noble", "joe/me", " red");
	export_pending_suites(p, &suites);
	strs_sort(&suites);
	ck_assert_uint_eq(suites.n, 3);
	ck_assert_str_eq(suites.v[0], "noble");
	ck_assert_str_eq(suites.v[2], "unstable");
	export_pending_ppas(p, "noble", &ppas);
	export_pending_ppas(p, "sid", &ppas);
	ck_assert_uint_eq(ppas.n, 1);
	ck_assert_str_eq(ppas.v[0], "joe/me");
	strs_free(&suites);
	strs_free(&ppas);
	export_pending_free(p);
}
END_TEST

START_TEST(what_is_pinned_says_so_as_debci_does)
{
	struct export_query q = { .suite = "sid", .ppa = "" };
	struct buf out = { 0 };
	bool filled = false;

	start();
	harness_write("spool/amd64/new/a", "{\"package\": \"green\", "
	    "\"suite\": \"sid\", \"pin-packages\": "
	    "[\"unstable=src:a,src:b\"]}");
	ck_assert_str_eq(look(), "sid");
	export_pending_put(p, &q, &out, &filled);
	ck_assert_msg(strstr(out.s, "\"pin_packages\": "
	    "[[\"src:a,src:b\", \"unstable\"]]") != NULL, "%s", out.s);
	buf_free(&out);
	export_pending_free(p);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_request_stays_pending_until_it_is_published);
	tcase_add_test(tc, a_stage_of_what_was_not_committed_tells_nothing);
	tcase_add_test(tc, what_is_missed_once_is_still_there);
	tcase_add_test(tc, what_is_seen_in_two_places_is_told_once);
	tcase_add_test(tc, a_dropped_file_is_read_again_each_time);
	tcase_add_test(tc, suites_and_ppas_are_told_apart);
	tcase_add_test(tc, what_is_pinned_says_so_as_debci_does);
}
