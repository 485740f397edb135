/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "request.h"
#include "spool.h"

static const struct spool *s;
static const struct conf *c;

static void
set_scene(void)
{
	s = harness_spool("amd64 amd64.huge arm64");
	c = harness_conf("queues: [arm64, amd64]\n");
}

static enum enqueue_outcome
enqueue_text(const char *text, struct enqueue *e, struct fail *f)
{
	enum enqueue_outcome o;
	struct request r;

	*f = (struct fail){ 0 };
	ck_assert_msg(request_parse(&r, "text", text, strlen(text), f) == 0,
	    "%s", f->text);
	o = enqueue(c, s, &r, e, f);
	request_free(&r);
	return o;
}

static struct enqueue
must_queue(const char *text, const char *queue)
{
	struct enqueue e = { 0 };
	struct fail f;

	(void)snprintf(e.queue, sizeof e.queue, "%s", queue);
	ck_assert_msg(enqueue_text(text, &e, &f) == ENQUEUE_QUEUED, "%s",
	    f.text);
	return e;
}

static const struct { const char *text, *asked, *queue; } choices[] = {
	{ "hello", "", "arm64" },
	{ "hello", "amd64.huge", "amd64.huge" },
	{ "{\"package\": \"hello\", \"arch\": \"amd64\"}", "", "amd64" },
	{ "debci-sid-amd64:hello {}", "", "amd64" },
	{ "debci-huge-sid-amd64:hello {}", "", "amd64.huge" },
	{ "debci-huge-sid-arm64:hello {}", "", "arm64" },
	{ "debci-ppa-sid-amd64:hello {}", "", "amd64" },
};

START_TEST(finds_the_queue_by_arch_and_class)
{
	struct enqueue e;

	set_scene();
	e = must_queue(choices[_i].text, choices[_i].asked);
	ck_assert_str_eq(e.queue, choices[_i].queue);
	ck_assert_uint_eq(strcspn(harness_token(e.id), "/"),
	    strlen(choices[_i].queue));
	ck_assert_int_eq(strncmp(harness_token(e.id), choices[_i].queue,
	    strlen(choices[_i].queue)), 0);
}
END_TEST

START_TEST(what_is_not_said_is_filled_in)
{
	struct enqueue e;
	struct request r;
	struct fail f;
	char path[512];
	const char *text;

	set_scene();
	e = must_queue("hello", "amd64");
	(void)snprintf(path, sizeof path, "spool/%s", harness_token(e.id));
	text = harness_read(path);
	ck_assert_msg(request_parse(&r, path, text, strlen(text), &f) == 0,
	    "%s", f.text);
	ck_assert_str_eq(r.suite, "unstable");
	ck_assert_str_eq(r.arch, "amd64");
	ck_assert_int_le(clock_now_s() - r.submit_time_s, 5);
	request_free(&r);
}
END_TEST

START_TEST(without_a_queue_it_is_this_hosts_arch)
{
	char arch[NAME_ARCH_MAX + 1];
	struct enqueue e = { 0 };
	struct fail f;

	set_scene();
	c = harness_conf("");
	enqueue_host_arch(arch);
	if (strcmp(arch, "amd64") == 0 || strcmp(arch, "arm64") == 0)
		ck_assert_str_eq(must_queue("hello", "").queue, arch);
	else
		ck_assert_int_eq(enqueue_text("hello", &e, &f),
		    ENQUEUE_FAILED);
}
END_TEST

static const struct { const char *text, *asked, *reason; int status; }
wrong[] = {
	{ "debci-sid-riscv64:hello {}", "", "no queue", EX_CONFIG },
	{ "hello", "riscv64", "no queue", EX_CONFIG },
	{ "hello", "bad", "no queue", EX_CONFIG },
	{ "debci-sid-arm64:hello {}", "amd64", "arm64", EX_USAGE },
};

START_TEST(what_fits_no_queue_is_told)
{
	struct enqueue e = { 0 };
	struct fail f;

	set_scene();
	(void)snprintf(e.queue, sizeof e.queue, "%s", wrong[_i].asked);
	ck_assert_int_eq(enqueue_text(wrong[_i].text, &e, &f),
	    ENQUEUE_FAILED);
	ck_assert_msg(strstr(f.text, wrong[_i].reason) != NULL, "%s", f.text);
	ck_assert_int_eq(f.status, wrong[_i].status);
	ck_assert_uint_eq(harness_tokens(","), 0);
}
END_TEST

START_TEST(the_same_again_is_pending_as_the_first)
{
	struct enqueue first, again = { 0 };
	struct fail f;

	set_scene();
	first = must_queue("hello", "amd64");
	(void)snprintf(again.queue, sizeof again.queue, "amd64");
	ck_assert_int_eq(enqueue_text("{\"package\": \"hello\", "
	    "\"requester\": \"joe\", \"priority\": 9}", &again, &f),
	    ENQUEUE_PENDING);
	ck_assert_str_eq(again.id, first.id);
	ck_assert_uint_eq(harness_tokens(","), 1);
}
END_TEST

START_TEST(who_insists_is_queued_again)
{
	struct enqueue again = { .insist = true };
	struct fail f;

	set_scene();
	(void)must_queue("hello", "arm64");
	ck_assert_int_eq(enqueue_text("hello", &again, &f), ENQUEUE_QUEUED);
	ck_assert_uint_eq(harness_tokens(","), 2);
}
END_TEST

START_TEST(an_id_that_is_given_is_used)
{
	struct enqueue e = { .id = "aaaaaaaaaaaa" };
	struct fail f;

	set_scene();
	ck_assert_int_eq(enqueue_text("hello", &e, &f), ENQUEUE_QUEUED);
	ck_assert_str_eq(e.id, "aaaaaaaaaaaa");
	ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 1);
}
END_TEST

START_TEST(priority_and_time_choose_the_bucket)
{
	struct enqueue e;

	set_scene();
	e = must_queue("{\"package\": \"hello\", \"priority\": 10, "
	    "\"not-before\": \"2999-01-01T00:00:01Z\"}", "amd64");
	ck_assert_int_eq(strncmp(harness_token(e.id),
	    "amd64/new/00-29990101T0001/hello,", 33), 0);
	e = must_queue("{\"package\": \"other\"}", "amd64");
	ck_assert_int_eq(strncmp(harness_token(e.id), "amd64/new/05-", 13),
	    0);
}
END_TEST

START_TEST(whatever_fails_what_is_queued_is_there_once)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct enqueue e = { .id = "aaaaaaaaaaaa" };
		enum enqueue_outcome o;
		struct fail f;
		size_t n;

		ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool", &f),
		    0);
		set_scene();
		fault_on(&x);
		o = enqueue_text("hello", &e, &f);
		fault_off();
		n = harness_tokens("aaaaaaaaaaaa");
		ck_assert_msg(o == ENQUEUE_QUEUED ? n == 1 : n <= 1, "%s",
		    x.what);
		ck_assert_msg(x.struck || o == ENQUEUE_QUEUED, "%s", f.text);
		ck_assert_msg(o != ENQUEUE_PENDING, "%s", x.what);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, finds_the_queue_by_arch_and_class, 0,
	    (int)(sizeof choices / sizeof *choices));
	tcase_add_test(tc, what_is_not_said_is_filled_in);
	tcase_add_test(tc, without_a_queue_it_is_this_hosts_arch);
	tcase_add_loop_test(tc, what_fits_no_queue_is_told, 0,
	    (int)(sizeof wrong / sizeof *wrong));
	tcase_add_test(tc, the_same_again_is_pending_as_the_first);
	tcase_add_test(tc, who_insists_is_queued_again);
	tcase_add_test(tc, an_id_that_is_given_is_used);
	tcase_add_test(tc, priority_and_time_choose_the_bucket);
	tcase_add_test(tc, whatever_fails_what_is_queued_is_there_once);
}
