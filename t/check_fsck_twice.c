/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_fsck.h"
#include "fault.h"
#include "fsck_ids.h"
#include "fsck_set.h"
#include "token.h"

#define NEW "spool/amd64/new/05-20261122T1601/"
#define LATER "spool/amd64/new/05-20261122T1602/"
#define E1 "hello,aaaaaaaaaaaa,p5,e1,a0"
#define E2 "hello,aaaaaaaaaaaa,p5,e2,a1"

/* A worker that lives, so that its claims are no finding. */
static void
live(const char *worker)
{
	char path[128], text[128];

	(void)snprintf(path, sizeof path, "spool/workers/%s", worker);
	(void)snprintf(text, sizeof text, "{\"state\": \"running\", "
	    "\"beat_time\": %lld}", (long long)time(NULL));
	harness_write(path, text);
}

/* The one file of a request in bad that fsck has put there. */
static void
must_be_buried(size_t n)
{
	struct strs names = { 0 };
	size_t files = 0, whys = 0;
	struct fail f;

	ck_assert_int_eq(fs_list(harness_dirfd(), "spool/amd64/bad",
	    SIZE_MAX, &names, &f), 0);
	for (size_t i = 0; i < names.n; i++) {
		struct token t;

		if (strstr(names.v[i], "@fsck.why")) {
			whys++;
		} else if (token_parse(&t, names.v[i]) == 0 &&
		    strcmp(t.worker, "fsck") == 0) {
			files++;
			ck_assert_str_ne(t.id, "aaaaaaaaaaaa");
			ck_assert_str_eq(t.label, "hello");
		}
	}
	strs_free(&names);
	ck_assert_uint_eq(files, n);
	ck_assert_uint_eq(whys, n);
}

START_TEST(a_file_that_waits_beside_its_result_is_moved_to_bad)
{
	set_scene();
	harness_write(NEW E1, "hello\n");
	harness_write("spool/amd64/done/" DAY "/" E1 "@here", "hello\n");
	must_mend(LOOK, "twice-behind amd64/new/05-20261122T1601/" E1);
	must_be_buried(1);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/done/" DAY "/" E1 "@here");
}
END_TEST

/* done is the result, whatever epoch the other is of. */
START_TEST(a_later_epoch_beside_a_result_is_moved_to_bad)
{
	set_scene();
	harness_write(NEW E2, "hello\n");
	harness_write("spool/arm64/done/" DAY "/" E1 "@here", "hello\n");
	must_mend(LOOK, "twice-behind amd64/new/05-20261122T1601/" E2);
	must_be_buried(1);
}
END_TEST

START_TEST(a_claim_beside_a_result_is_moved_to_bad)
{
	set_scene();
	live("there");
	harness_write("spool/amd64/cur/" E2 "@there", "hello\n");
	harness_write("spool/amd64/done/" DAY "/" E1 "@here", "hello\n");
	must_mend(LOOK, "twice-behind amd64/cur/" E2 "@there");
	must_be_buried(1);
}
END_TEST

START_TEST(a_file_of_an_earlier_epoch_is_moved_to_bad)
{
	set_scene();
	harness_write(NEW E1, "hello\n");
	harness_write(LATER E2, "hello\n");
	must_mend(LOOK, "twice-behind amd64/new/05-20261122T1601/" E1);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/new/05-20261122T1602/" E2);
	must_be_buried(1);
}
END_TEST

START_TEST(a_file_that_waits_beside_its_claim_is_moved_to_bad)
{
	set_scene();
	live("there");
	harness_write(NEW E1, "hello\n");
	harness_write("spool/amd64/cur/" E1 "@there", "hello\n");
	must_mend(LOOK, "twice-behind amd64/new/05-20261122T1601/" E1);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/cur/" E1 "@there");
	must_be_buried(1);
}
END_TEST

START_TEST(a_file_that_waits_beside_its_refusal_is_moved_to_bad)
{
	set_scene();
	harness_write(NEW E1, "hello\n");
	harness_write("spool/amd64/bad/" E1 "@here", "hello\n");
	harness_write("spool/amd64/bad/" E1 "@here.why", "no\n");
	must_mend(LOOK, "twice-behind amd64/new/05-20261122T1601/" E1);
	must_be_buried(1);
}
END_TEST

START_TEST(all_that_are_behind_are_moved)
{
	set_scene();
	live("there");
	harness_write(NEW E1, "hello\n");
	harness_write("spool/arm64/new/05-20261122T1601/" E2, "hello\n");
	harness_write("spool/amd64/cur/" E2 "@there", "hello\n");
	harness_write("spool/amd64/done/" DAY
	    "/hello,aaaaaaaaaaaa,p5,e3,a2@here", "hello\n");
	{
		struct fsck_report r = look(REPAIR);

		ck_assert_uint_eq(r.n, 3);
		ck_assert_uint_eq(r.repaired, 3);
		fsck_report_free(&r);
	}
	must_be_clean(LOOK);
	ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 1);
}
END_TEST

START_TEST(two_of_one_name_are_told_and_left)
{
	set_scene();
	harness_write(NEW E1, "hello\n");
	harness_write("spool/arm64/new/05-20261122T1601/" E1, "hello\n");
	{
		struct fsck_report r = look(REPAIR);

		ck_assert_uint_eq(r.n, 1);
		ck_assert_str_eq(r.v[0].words->key, "twice-unclear");
		ck_assert_str_eq(r.v[0].id, "aaaaaaaaaaaa");
		ck_assert_int_eq(r.v[0].state, FSCK_FOUND);
		fsck_report_free(&r);
	}
	ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 2);
}
END_TEST

START_TEST(two_commits_are_told_and_left)
{
	set_scene();
	harness_write("spool/amd64/done/" DAY "/" E1 "@here", "hello\n");
	harness_write("spool/amd64/done/20261123/" E2 "@there", "hello\n");
	{
		struct fsck_report r = look(REPAIR);

		ck_assert_uint_eq(r.n, 1);
		ck_assert_str_eq(r.v[0].words->key, "twice-committed");
		fsck_report_free(&r);
	}
	ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 2);
}
END_TEST

START_TEST(a_refusal_before_a_later_epoch_is_told_and_left)
{
	set_scene();
	harness_write(NEW E2, "hello\n");
	harness_write("spool/amd64/bad/" E1 "@here", "hello\n");
	harness_write("spool/amd64/bad/" E1 "@here.why", "no\n");
	must_leave(LOOK, "twice-unclear amd64/bad/" E1 "@here");
}
END_TEST

/* Names in new itself are no tokens, whatever they look like. */
START_TEST(a_request_that_is_tried_again_is_no_second_one)
{
	set_scene();
	harness_write("spool/amd64/new/" E1 "@here", "hello\n");
	harness_write("spool/amd64/done/" DAY "/" E1 "@here", "hello\n");
	must_be_clean(LOOK);
}
END_TEST

#define SOON "spool/amd64/new/05-29991122T1601/"

static void
claim_it(void)
{
	make_dir("spool/amd64/cur");
	ck_assert_int_eq(rename(harness_path(SOON E1),
	    harness_path("spool/amd64/cur/" E1 "@there")), 0);
}

/* Right before fsck's rename, the sixth change that it makes. */
START_TEST(one_that_moves_on_before_it_is_moved_is_left_alone)
{
	struct fsck_report r;

	set_scene();
	live("there");
	harness_write(SOON E1, "hello\n");
	harness_write("spool/amd64/done/" DAY "/" E1 "@here", "hello\n");
	fault_meddle_at(6, claim_it);
	r = look(REPAIR);
	fault_off();
	ck_assert_uint_eq(r.n, 1);
	ck_assert_int_eq(r.v[0].state, FSCK_GONE);
	ck_assert_int_eq(fsck_status(&r), EX_OK);
	fsck_report_free(&r);
	must_be_buried(0);
	must_mend(LOOK, "twice-behind amd64/cur/" E1 "@there");
}
END_TEST

/* Whatever fails, both files stay files of requests, and the next run mends. */
START_TEST(a_move_that_fails_at_any_call_loses_nothing)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f;
		struct fsck_report r;

		set_scene();
		harness_write(NEW E1, "hello\n");
		harness_write("spool/amd64/done/" DAY "/" E1 "@here",
		    "hello\n");
		fault_on(&x);
		r = look(REPAIR);
		fault_off();
		ck_assert_msg(r.n == 1, "%s", x.what);
		fsck_report_free(&r);
		r = look(REPAIR);
		fsck_report_free(&r);
		ck_assert_msg(harness_tokens("aaaaaaaaaaaa") == 1, "%s",
		    x.what);
		ck_assert_msg(harness_tokens("hello,") == 2, "%s", x.what);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool", &f),
		    0);
	}
}
END_TEST

/* Which of them is listed first is the filesystem's choice. */
START_TEST(a_token_on_its_way_is_no_second_one)
{
	enum { MANY = 300 };
	char a[160], b[160];
	pid_t pid;

	set_scene();
	live("there");
	make_dir(NEW);
	make_dir("spool/amd64/done/" DAY);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(a, sizeof a, NEW "hello,aaaaaaaaa%03d,p5,e1,a0",
		    i);
		harness_write(a, "hello\n");
	}
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < MANY; i++) {
			(void)snprintf(a, sizeof a, NEW
			    "hello,aaaaaaaaa%03d,p5,e1,a0", i);
			(void)snprintf(b, sizeof b, "spool/amd64/cur/hello,"
			    "aaaaaaaaa%03d,p5,e1,a0@there", i);
			(void)renameat(harness_dirfd(), a, harness_dirfd(), b);
			(void)snprintf(a, sizeof a, "spool/amd64/done/" DAY
			    "/hello,aaaaaaaaa%03d,p5,e1,a0@there", i);
			(void)renameat(harness_dirfd(), b, harness_dirfd(), a);
		}
		_exit(0);
	}
	for (int i = 0; i < 20; i++) {
		struct fsck_report r = look(REPAIR);

		for (size_t k = 0; k < r.n; k++)
			ck_assert_str_eq(r.v[k].words->key, "bucket-empty");
		fsck_report_free(&r);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_uint_eq(harness_tokens("hello,"), MANY);
	must_be_clean(LOOK);
}
END_TEST

static void
give_back_and_claim(void)
{
	ck_assert_int_eq(fs_unlink(harness_dirfd(), NEW E1), 0);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "spool/amd64/cur/" E1
	    "@there"), 0);
	harness_write(NEW E2, "hello\n");
	harness_write("spool/amd64/cur/" E2 "@there", "hello\n");
}

/* As two slow listings may show one token, each under two of its names. */
START_TEST(two_looks_that_show_different_pairs_prove_nothing)
{
	set_scene();
	live("there");
	harness_write(NEW E1, "hello\n");
	harness_write("spool/amd64/cur/" E1 "@there", "hello\n");
	between = give_back_and_claim;
	must_say(REPAIR, "");
	ck_assert(!between);
}
END_TEST

static void
count(void *context, uint64_t id, uint64_t path)
{
	uint64_t *sum = context;

	*sum += id * 100 + path;
}

START_TEST(ids_know_who_was_seen_where)
{
	struct fsck_ids ids = { 0 };
	uint64_t sum = 0;

	for (uint64_t i = 1000; i-- > 2; )
		fsck_ids_add(&ids, i, FSCK_WAITING, i);
	fsck_ids_add(&ids, 7, FSCK_WAITING, 7);		/* listed twice */
	fsck_ids_add(&ids, 1, FSCK_DONE, 5);
	fsck_ids_add(&ids, 1, FSCK_WAITING, 6);
	fsck_ids_sort(&ids);
	ck_assert_uint_eq(fsck_ids_places(&ids, 1),
	    1u << FSCK_WAITING | 1u << FSCK_DONE);
	ck_assert_uint_eq(fsck_ids_places(&ids, 999), 1u << FSCK_WAITING);
	ck_assert_uint_eq(fsck_ids_places(&ids, 1000), 0);
	ck_assert(fsck_ids_has(&ids, 1, FSCK_DONE, 5));
	ck_assert(!fsck_ids_has(&ids, 1, FSCK_DONE, 6));
	fsck_ids_twice(&ids, count, &sum);
	ck_assert_uint_eq(sum, 1 * 100 + 5 + 1 * 100 + 6);
	fsck_ids_free(&ids);
}
END_TEST

START_TEST(an_id_is_its_60_bits)
{
	ck_assert_uint_eq(fsck_id_number("000000000000"), 0);
	ck_assert_uint_eq(fsck_id_number("00000000000z"), 31);
	ck_assert_uint_eq(fsck_id_number("000000000010"), 32);
	ck_assert_uint_eq(fsck_id_number("zzzzzzzzzzzz"), (1ULL << 60) - 1);
}
END_TEST

START_TEST(a_set_has_what_was_added)
{
	struct fsck_set set = { 0 };

	ck_assert(!fsck_set_has(&set, 0));
	for (uint64_t i = 1000; i > 0; i--)
		fsck_set_add(&set, i * i);
	fsck_set_sort(&set);
	for (uint64_t i = 1; i <= 1000; i++)
		ck_assert(fsck_set_has(&set, i * i));
	ck_assert(!fsck_set_has(&set, 0));
	ck_assert(!fsck_set_has(&set, 2));
	ck_assert(!fsck_set_has(&set, 1000001));
	ck_assert_uint_eq(fsck_hash(0, "ab"), fsck_hash(fsck_hash(0, "a"),
	    "b"));
	ck_assert_uint_ne(fsck_hash(0, "ab"), fsck_hash(0, "ba"));
	fsck_set_free(&set);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_file_that_waits_beside_its_result_is_moved_to_bad);
	tcase_add_test(tc, a_later_epoch_beside_a_result_is_moved_to_bad);
	tcase_add_test(tc, a_claim_beside_a_result_is_moved_to_bad);
	tcase_add_test(tc, a_file_of_an_earlier_epoch_is_moved_to_bad);
	tcase_add_test(tc, a_file_that_waits_beside_its_claim_is_moved_to_bad);
	tcase_add_test(tc,
	    a_file_that_waits_beside_its_refusal_is_moved_to_bad);
	tcase_add_test(tc, all_that_are_behind_are_moved);
	tcase_add_test(tc, two_of_one_name_are_told_and_left);
	tcase_add_test(tc, two_commits_are_told_and_left);
	tcase_add_test(tc, a_refusal_before_a_later_epoch_is_told_and_left);
	tcase_add_test(tc, a_request_that_is_tried_again_is_no_second_one);
	tcase_add_test(tc, one_that_moves_on_before_it_is_moved_is_left_alone);
	tcase_add_test(tc, a_move_that_fails_at_any_call_loses_nothing);
	tcase_add_test(tc, a_token_on_its_way_is_no_second_one);
	tcase_add_test(tc, two_looks_that_show_different_pairs_prove_nothing);
	tcase_add_test(tc, ids_know_who_was_seen_where);
	tcase_add_test(tc, an_id_is_its_60_bits);
	tcase_add_test(tc, a_set_has_what_was_added);
}
