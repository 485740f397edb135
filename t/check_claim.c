/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bucket.h"
#include "buf.h"
#include "claim.h"
#include "clock.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "recover.h"
#include "spool.h"
#include "strs.h"
#include "submit.h"

int64_t __real_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void);

static int64_t now_ms;		/* where it is not 0 */

int64_t
__wrap_clock_boot_ms(void)
{
	return now_ms ? now_ms : __real_clock_boot_ms();
}

#define MINUTE_1 1795363260	/* 2026-11-22T16:01Z */

static char hello_text[] = "hello\n";
static const struct buf hello = { .s = hello_text, .len = 6 };
static const struct queue *q;

static void
set_scene(void)
{
	(void)harness_spool("amd64");
	q = harness_queue("amd64");
}

/* Puts a request; its id is 12 times the letter. */
static void
put(char letter, unsigned priority, int64_t due_s)
{
	struct token t;
	struct fail f;

	token_new(&t, "hello", priority);
	memset(t.id, letter, sizeof t.id - 1);
	ck_assert_msg(submit_put(q, &t, due_s, &hello, &f) == 0, "%s",
	    f.text);
}

static enum claim_outcome
claim_one(struct claim *won, struct fail *f)
{
	struct claimer c;
	enum claim_outcome o;

	claim_init(&c, q, "here");
	o = claim_next(&c, won, f);
	claim_free(&c);
	return o;
}

static bool
is_dropped(const struct claim *won)
{
	return won->token.epoch == TOKEN_EPOCH_DROPPED;
}

static struct claim
must_claim(void)
{
	struct claim won;
	struct fail f = { 0 };

	ck_assert_msg(claim_one(&won, &f) == CLAIM_WON, "%s", f.text);
	return won;
}

static void
finds_nothing(void)
{
	struct claim won;
	struct fail f;

	ck_assert_int_eq(claim_one(&won, &f), CLAIM_NONE);
}

START_TEST(finds_nothing_in_an_empty_queue)
{
	set_scene();
	finds_nothing();
}
END_TEST

START_TEST(moves_a_token_to_cur_under_its_own_name)
{
	struct claim won;

	set_scene();
	put('a', 5, MINUTE_1);
	won = must_claim();
	ck_assert(!is_dropped(&won));
	ck_assert_str_eq(won.name, "hello,aaaaaaaaaaaa,p5,e1,a0@here");
	ck_assert_str_eq(won.token.worker, "here");
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/cur/hello,aaaaaaaaaaaa,p5,e1,a0@here");
	finds_nothing();
}
END_TEST

START_TEST(serves_priority_first_and_then_age)
{
	set_scene();
	put('a', 0, MINUTE_1);
	put('b', 5, MINUTE_1 + 60);
	put('c', 5, MINUTE_1);
	put('d', 10, MINUTE_1 + 120);
	for (const char *p = "dcba"; *p; p++)
		ck_assert_int_eq(must_claim().token.id[0], *p);
}
END_TEST

START_TEST(leaves_what_is_due_later_and_tells_when)
{
	int64_t later_s = (clock_now_s() + 3600) / 60 * 60;
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	put('a', 10, later_s + 60);
	put('b', 10, later_s);
	claim_init(&c, q, "here");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_int_eq(c.next_due_s, later_s);
	put('c', 0, MINUTE_1);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'c');
	claim_free(&c);
}
END_TEST

START_TEST(a_dropped_file_gets_a_fresh_token)
{
	struct claim won;

	set_scene();
	harness_write("spool/amd64/new/my hello.yaml", "hello\n");
	won = must_claim();
	ck_assert(is_dropped(&won));
	ck_assert_str_eq(won.token.label, "my-hello.yaml");
	ck_assert_uint_eq(won.token.attempt, 0);
	ck_assert_str_eq(strrchr(harness_token(won.token.id), '/') + 1,
	    won.name);
}
END_TEST

START_TEST(a_token_that_is_moved_back_by_hand_is_a_new_request)
{
	struct claim won;

	set_scene();
	harness_write("spool/amd64/new/hello,aaaaaaaaaaaa,p5,e3,a2@here",
	    "hello\n");
	won = must_claim();
	ck_assert(is_dropped(&won));
	ck_assert_str_eq(won.token.label, "hello");
	ck_assert_str_ne(won.token.id, "aaaaaaaaaaaa");
	ck_assert_uint_eq(won.token.attempt, 0);
}
END_TEST

START_TEST(a_strangers_file_in_a_bucket_counts_as_dropped)
{
	struct claim won;

	set_scene();
	harness_write("spool/amd64/new/05-20261122T1601/hello", "hello\n");
	won = must_claim();
	ck_assert(is_dropped(&won));
	ck_assert_str_eq(won.token.label, "hello");
}
END_TEST

START_TEST(droppings_of_editors_and_directories_stay)
{
	static const char *const stay[] = { ".hello.swp", "hello~", "4913",
	    "hello.part", "README", "folder/hello" };

	set_scene();
	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) {
		char path[128];

		(void)snprintf(path, sizeof path, "spool/amd64/new/%s",
		    stay[i]);
		harness_write(path, "");
	}
	finds_nothing();
	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) {
		char path[128];

		(void)snprintf(path, sizeof path, "spool/amd64/new/%s",
		    stay[i]);
		ck_assert_msg(harness_exists(path), "%s", path);
	}
}
END_TEST

START_TEST(a_symlink_is_moved_not_followed)
{
	struct claim won;
	char path[TOKEN_NAME_MAX + 16], target[32];

	set_scene();
	harness_write("victim", "hello\n");
	ck_assert_int_eq(fs_symlink("../../../victim", q->fresh, "link"), 0);
	won = must_claim();
	(void)snprintf(path, sizeof path, "spool/amd64/cur/%s", won.name);
	ck_assert_int_eq(readlinkat(harness_dirfd(), path, target,
	    sizeof target), (int)strlen("../../../victim"));
	ck_assert(harness_exists("victim"));
}
END_TEST

START_TEST(empty_buckets_are_removed_on_the_way)
{
	set_scene();
	ck_assert_int_eq(fs_mkdir(q->fresh, "00-20261122T1601"), 0);
	ck_assert_int_eq(fs_mkdir(q->fresh, "04-20261122T1601"), 0);
	put('a', 5, MINUTE_1);
	ck_assert_int_eq(must_claim().token.id[0], 'a');
	ck_assert(!harness_exists("spool/amd64/new/00-20261122T1601"));
	ck_assert(!harness_exists("spool/amd64/new/04-20261122T1601"));
	finds_nothing();
	ck_assert(!harness_exists("spool/amd64/new/05-20261122T1601"));
}
END_TEST

START_TEST(a_bucket_without_a_request_does_not_hide_the_later_ones)
{
	set_scene();
	harness_write("spool/amd64/new/00-20261122T1601/.hello.swp", "");
	harness_write("spool/amd64/new/01-20261122T1601/folder/hello", "");
	put('a', 5, MINUTE_1);
	ck_assert_int_eq(must_claim().token.id[0], 'a');
	finds_nothing();
	ck_assert(harness_exists("spool/amd64/new/00-20261122T1601/"
	    ".hello.swp"));
	ck_assert(harness_exists("spool/amd64/new/01-20261122T1601/folder/"
	    "hello"));
}
END_TEST

START_TEST(without_dropped_files_the_buckets_alone_are_served)
{
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	harness_write("spool/amd64/new/one", "hello\n");
	harness_write("spool/amd64/new/two", "hello\n");
	put('a', 5, MINUTE_1);
	claim_init(&c, q, "here");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert(is_dropped(&won));
	c.no_dropped = true;	/* the other one is in the window */
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'a');
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	c.no_dropped = false;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert(is_dropped(&won));
	claim_free(&c);
}
END_TEST

static bool
is_name(const void *holder, const char *name)
{
	return strcmp(holder, name) == 0;
}

START_TEST(a_forged_name_of_a_held_claim_counts_as_dropped)
{
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e1,a0@here",
	    "the real one");
	put('a', 5, MINUTE_1);
	put('b', 0, MINUTE_1);
	claim_init(&c, q, "here");
	c.is_held = is_name;
	c.holder = "hello,aaaaaaaaaaaa,p5,e1,a0@here";
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert(is_dropped(&won));
	ck_assert_str_eq(won.token.label, "hello");
	ck_assert_str_ne(won.token.id, "aaaaaaaaaaaa");
	ck_assert_str_eq(harness_read("spool/amd64/cur/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0@here"), "the real one");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert(!is_dropped(&won));
	ck_assert_int_eq(won.token.id[0], 'b');
	claim_free(&c);
}
END_TEST

START_TEST(a_token_of_epoch_0_in_a_bucket_gets_a_fresh_id)
{
	struct claim won;

	set_scene();
	harness_write("spool/amd64/new/05-20261122T1601/"
	    "hello,aaaaaaaaaaaa,p9,e0,a7", "hello\n");
	won = must_claim();
	ck_assert(is_dropped(&won));
	ck_assert_str_ne(won.token.id, "aaaaaaaaaaaa");
	ck_assert_uint_eq(won.token.attempt, 0);
	ck_assert_uint_eq(won.token.priority, TOKEN_PRIORITY_DEFAULT);
}
END_TEST

START_TEST(a_bucket_that_was_just_made_stays_though_empty)
{
	char bucket[BUCKET_NAME_MAX];

	set_scene();
	bucket_format(bucket, 10, clock_now_s());
	ck_assert_int_eq(fs_mkdir(q->fresh, bucket), 0);
	put('a', 5, MINUTE_1);
	ck_assert_int_eq(must_claim().token.id[0], 'a');
	ck_assert(fs_is_dir(q->fresh, bucket));
	finds_nothing();
	ck_assert(fs_is_dir(q->fresh, bucket));
}
END_TEST

START_TEST(a_bucket_of_the_future_stays_though_empty)
{
	set_scene();
	ck_assert_int_eq(fs_mkdir(q->fresh, "00-99991122T1601"), 0);
	finds_nothing();
	ck_assert(harness_exists("spool/amd64/new/00-99991122T1601"));
}
END_TEST

START_TEST(takes_all_of_a_bucket_that_is_larger_than_its_window)
{
	enum { MANY = 2 * CLAIM_WINDOW_MOST };
	struct claimer c;
	struct claim won;
	struct fail f;
	int n = 0;

	set_scene();
	for (int i = 0; i < MANY; i++) {
		char path[128];

		(void)snprintf(path, sizeof path, "spool/amd64/new/"
		    "05-20261122T1601/hello,a%011d,p5,e1,a0", i);
		harness_write(path, "hello\n");
	}
	claim_init(&c, q, "here");
	while (claim_next(&c, &won, &f) == CLAIM_WON) {
		n++;
		ck_assert_uint_lt(c.window.n, CLAIM_WINDOW_MOST);
	}
	claim_free(&c);
	ck_assert_int_eq(n, MANY);
}
END_TEST

START_TEST(what_is_urgent_does_not_wait_for_the_end_of_the_window)
{
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	for (char letter = 'a'; letter < 'e'; letter++)
		put(letter, 5, MINUTE_1);
	claim_init(&c, q, "here");
	now_ms = 1;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	put('z', 10, MINUTE_1);
	now_ms += CLAIM_FRESH_MS - 1;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_int_ne(won.token.id[0], 'z');
	now_ms += 1;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'z');
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	now_ms = 0;
	claim_free(&c);
}
END_TEST

START_TEST(who_comes_back_at_once_remembers_more_each_time)
{
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	put('a', 5, MINUTE_1);
	claim_init(&c, q, "here");
	now_ms = 1;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_uint_eq(c.window_most, CLAIM_WINDOW_LEAST);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_uint_eq(c.window_most, 2 * CLAIM_WINDOW_LEAST);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_uint_eq(c.window_most, CLAIM_WINDOW_MOST);
	now_ms += CLAIM_FRESH_MS;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_uint_eq(c.window_most, CLAIM_WINDOW_LEAST);
	now_ms = 0;
	claim_free(&c);
}
END_TEST

START_TEST(gives_the_token_to_exactly_one_of_many_claimers)
{
	enum { CLAIMERS = 8, TOKENS = 64 };
	int sum = 0;

	set_scene();
	for (int i = 0; i < TOKENS; i++) {
		struct token t;
		struct fail f;

		token_new(&t, "hello", 5);
		ck_assert_int_eq(submit_put(q, &t, MINUTE_1, &hello,
		    &f), 0);
	}
	for (int i = 0; i < CLAIMERS; i++) {
		pid_t pid = fork();
		char worker[16];
		struct claimer c;
		struct claim won;
		struct fail f;
		int n = 0;

		ck_assert_int_ge(pid, 0);
		if (pid > 0)
			continue;
		(void)snprintf(worker, sizeof worker, "w%d", i);
		claim_init(&c, q, worker);
		while (claim_next(&c, &won, &f) == CLAIM_WON)
			n++;
		_exit(n);
	}
	for (int i = 0; i < CLAIMERS; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	ck_assert_int_eq(sum, TOKENS);
	ck_assert_uint_eq(harness_tokens(","), TOKENS);
	finds_nothing();
}
END_TEST

static bool meddled;

static void
note_that_it_goes_on(void)
{
	meddled = true;
}

/* One rename fails, and the next one takes what was put there meanwhile. */
START_TEST(at_the_first_loss_after_a_win_it_looks_afresh)
{
	char path[128], id[TOKEN_ID_MAX] = "";
	struct claimer c;
	struct claim won;
	struct fail f;

	set_scene();
	for (char letter = 'a'; letter < 'f'; letter++)
		put(letter, 5, MINUTE_1);
	claim_init(&c, q, "here");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	for (char letter = 'a'; letter < 'f'; letter++) {
		memset(id, letter, sizeof id - 1);
		(void)snprintf(path, sizeof path, "05-20261122T1601/hello,"
		    "%s,p5,e1,a0", id);
		(void)fs_unlink(q->fresh, path);
	}
	put('z', 5, MINUTE_1);
	meddled = false;
	fault_meddle_at(3, note_that_it_goes_on);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	fault_off();
	ck_assert_int_eq(won.token.id[0], 'z');
	ck_assert(!meddled);
	claim_free(&c);
}
END_TEST

static void
somebody_takes_a(void)
{
	ck_assert_int_eq(fs_rename(q->fresh,
	    "05-20261122T1601/hello,aaaaaaaaaaaa,p5,e1,a0", q->cur,
	    "hello,aaaaaaaaaaaa,p5,e1,a0@other"), 0);
}

#define BUCKET_1 "05-20261122T1601"

/* Somebody puts a link in the place of a bucket that was looked into. */
START_TEST(a_link_in_the_place_of_a_bucket_leads_nowhere)
{
	static const char *const names[] = { "hello,aaaaaaaaaaaa,p5,e1,a0",
	    "hello,bbbbbbbbbbbb,p5,e1,a0" };
	struct claimer c;
	struct claim won;
	struct fail f = { 0 };
	char path[128];

	set_scene();
	put('a', 5, MINUTE_1);
	put('b', 5, MINUTE_1);
	claim_init(&c, q, "here");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof path, "spool/amd64/done/x/%s",
		    names[i]);
		harness_write(path, "committed");
	}
	ck_assert_int_eq(fs_rename(q->fresh, BUCKET_1, q->tmp, "away"), 0);
	ck_assert_int_eq(fs_symlink("../done/x", q->fresh, BUCKET_1), 0);
	/* What is in the bucket itself may be taken, wherever that is now. */
	while (claim_next(&c, &won, &f) == CLAIM_WON)
		;
	claim_free(&c);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof path, "spool/amd64/done/x/%s",
		    names[i]);
		ck_assert(harness_exists(path));
	}
}
END_TEST

START_TEST(a_thousand_buckets_with_nothing_in_them_hide_no_later_one)
{
	enum { BUCKETS = 1100 };
	struct claimer c;
	struct claim won;
	struct fail f = { 0 };
	char path[128];

	set_scene();
	for (int i = 0; i < BUCKETS; i++) {
		(void)snprintf(path, sizeof path,
		    "spool/amd64/new/00-20260101T0000.%d/.swp", i);
		harness_write(path, "");
	}
	put('a', 5, MINUTE_1);
	claim_init(&c, q, "here");
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	claim_free(&c);
}
END_TEST

START_TEST(losing_a_race_is_no_error)
{
	struct claim won;
	struct fail f;
	enum claim_outcome o;

	set_scene();
	put('a', 5, MINUTE_1);
	fault_meddle_at(1, somebody_takes_a);
	o = claim_one(&won, &f);
	fault_off();
	ck_assert_int_eq(o, CLAIM_NONE);
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/cur/hello,aaaaaaaaaaaa,p5,e1,a0@other");
}
END_TEST

START_TEST(after_a_lost_race_it_takes_the_next)
{
	struct claim won = { .name = "" };
	struct fail f;
	enum claim_outcome o;

	set_scene();
	put('a', 5, MINUTE_1);
	put('b', 5, MINUTE_1 + 60);
	fault_meddle_at(1, somebody_takes_a);
	o = claim_one(&won, &f);
	fault_off();
	ck_assert_int_eq(o, CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'b');
}
END_TEST

START_TEST(a_dropped_file_that_cannot_be_moved_does_not_hold_up_the_rest)
{
	struct fault x = { .kind = FAULT_EIO, .nth = 1 };
	struct claimer c;
	struct claim won;
	struct fail f;
	enum claim_outcome first;

	set_scene();
	harness_write("spool/amd64/new/stuck", "hello\n");
	put('a', 5, MINUTE_1);
	claim_init(&c, q, "here");
	fault_on(&x);
	first = claim_next(&c, &won, &f);
	fault_off();
	ck_assert_int_eq(first, CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'a');
	claim_free(&c);
}
END_TEST

START_TEST(a_token_that_cannot_be_moved_does_not_hide_later_buckets)
{
	struct fault x = { .kind = FAULT_EIO, .nth = 1 };
	struct claimer c;
	struct claim won;
	struct fail f;
	enum claim_outcome first;

	set_scene();
	put('a', 9, MINUTE_1);
	put('b', 5, MINUTE_1);
	claim_init(&c, q, "here");
	fault_on(&x);
	first = claim_next(&c, &won, &f);
	fault_off();
	ck_assert_int_eq(first, CLAIM_WON);
	ck_assert_int_eq(won.token.id[0], 'b');
	claim_free(&c);
}
END_TEST

START_TEST(what_cannot_be_moved_is_told_when_there_is_nothing_else)
{
	struct fault x = { .kind = FAULT_EIO, .nth = 1 };
	struct claimer c;
	struct claim won;
	struct fail f;
	enum claim_outcome first;

	set_scene();
	harness_write("spool/amd64/new/stuck", "hello\n");
	claim_init(&c, q, "here");
	fault_on(&x);
	first = claim_next(&c, &won, &f);
	fault_off();
	ck_assert_int_eq(first, CLAIM_FAILED);
	ck_assert_msg(strstr(f.text, "amd64/new/stuck: ") == f.text, "%s",
	    f.text);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	claim_free(&c);
}
END_TEST

/*
 * At every call, each fault: one token, in new/ or claimed by us.  What a
 * lost reply leaves in cur/ comes back by recover().
 */
START_TEST(whatever_fails_there_is_one_token_and_it_is_found_again)
{
	const struct conf *conf;
	const struct spool *s = harness_spool("amd64");
	unsigned lost = 0;

	q = harness_queue("amd64");
	conf = harness_conf("attempts: 100\nbackoff: 0s\n");
	ck_assert_int_eq(fs_mkdir(q->fresh, "00-20261122T1601"), 0);
	put('a', 5, MINUTE_1);
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct claim won;
		struct fail f = { 0 };
		struct strs left = { 0 };
		enum claim_outcome o;

		(void)fs_mkdir(q->fresh, "00-20261122T1601");
		fault_on(&x);
		o = claim_one(&won, &f);
		fault_off();
		ck_assert_msg(harness_tokens("aaaaaaaaaaaa") == 1, "%s",
		    x.what);
		ck_assert_msg(x.struck || o == CLAIM_WON, "%s", f.text);
		if (o != CLAIM_WON && strstr(harness_token("aaaaaaaaaaaa"),
		    "/cur/")) {
			lost++;
			ck_assert_msg(x.kind == FAULT_LOST_REPLY, "%s",
			    x.what);
		}
		ck_assert_msg(recover(conf, s, NULL, &left, &f) == 0,
		    "%s: %s", x.what, f.text);
		ck_assert_uint_eq(left.n, 0);
		ck_assert_msg(strncmp(harness_token("aaaaaaaaaaaa"),
		    "amd64/new/", 10) == 0, "%s", x.what);
	}
	ck_assert_uint_eq(lost, 1);
}
END_TEST

START_TEST(a_claimer_that_dies_at_any_call_leaves_one_token)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		int status;
		pid_t pid;

		(void)fs_mkdir(q->fresh, "00-20261122T1601");
		if (harness_tokens("aaaaaaaaaaaa") == 0)
			put('a', 5, MINUTE_1);
		pid = fork();
		if (pid == 0) {
			struct claim won;
			struct fail f;

			fault_crash_at(nth);
			_exit(claim_one(&won, &f) == CLAIM_WON ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"),
		    died ? "amd64/new" : "amd64/cur", 9), 0);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, finds_nothing_in_an_empty_queue);
	tcase_add_test(tc, moves_a_token_to_cur_under_its_own_name);
	tcase_add_test(tc, serves_priority_first_and_then_age);
	tcase_add_test(tc, leaves_what_is_due_later_and_tells_when);
	tcase_add_test(tc, a_dropped_file_gets_a_fresh_token);
	tcase_add_test(tc,
	    a_token_that_is_moved_back_by_hand_is_a_new_request);
	tcase_add_test(tc, a_strangers_file_in_a_bucket_counts_as_dropped);
	tcase_add_test(tc, droppings_of_editors_and_directories_stay);
	tcase_add_test(tc, a_symlink_is_moved_not_followed);
	tcase_add_test(tc, empty_buckets_are_removed_on_the_way);
	tcase_add_test(tc,
	    a_bucket_without_a_request_does_not_hide_the_later_ones);
	tcase_add_test(tc,
	    without_dropped_files_the_buckets_alone_are_served);
	tcase_add_test(tc, a_forged_name_of_a_held_claim_counts_as_dropped);
	tcase_add_test(tc, a_token_of_epoch_0_in_a_bucket_gets_a_fresh_id);
	tcase_add_test(tc, a_bucket_that_was_just_made_stays_though_empty);
	tcase_add_test(tc, a_bucket_of_the_future_stays_though_empty);
	tcase_add_test(tc,
	    takes_all_of_a_bucket_that_is_larger_than_its_window);
	tcase_add_test(tc,
	    what_is_urgent_does_not_wait_for_the_end_of_the_window);
	tcase_add_test(tc, who_comes_back_at_once_remembers_more_each_time);
	tcase_add_test(tc, at_the_first_loss_after_a_win_it_looks_afresh);
	tcase_add_test(tc, gives_the_token_to_exactly_one_of_many_claimers);
	tcase_add_test(tc, a_link_in_the_place_of_a_bucket_leads_nowhere);
	tcase_add_test(tc,
	    a_thousand_buckets_with_nothing_in_them_hide_no_later_one);
	tcase_add_test(tc, losing_a_race_is_no_error);
	tcase_add_test(tc, after_a_lost_race_it_takes_the_next);
	tcase_add_test(tc,
	    a_token_that_cannot_be_moved_does_not_hide_later_buckets);
	tcase_add_test(tc,
	    what_cannot_be_moved_is_told_when_there_is_nothing_else);
	tcase_add_test(tc,
	    a_dropped_file_that_cannot_be_moved_does_not_hold_up_the_rest);
	tcase_add_test(tc,
	    whatever_fails_there_is_one_token_and_it_is_found_again);
	tcase_add_test(tc,
	    a_claimer_that_dies_at_any_call_leaves_one_token);
}
