/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "spool.h"

#define BUCKET "/new/05-20261122T1601/"

static const struct spool *s;
static const struct conf *c;

static void
set_scene(void)
{
	s = harness_spool("amd64 arm64");
	c = harness_conf("");
	harness_write("spool/amd64" BUCKET "hello,aaaaaaaaaaaa,p5,e1,a0",
	    "package: hello\ntriggers: [glibc/2.42-1]\n");
	harness_write("spool/arm64" BUCKET "hello,bbbbbbbbbbbb,p5,e1,a0",
	    "package: hello\nsuite: testing\n");
	harness_write("spool/amd64/cur/bash,cccccccccccc,p5,e1,a0@here",
	    "package: bash\ntriggers: [xz/1, glibc/2.42-1]\n");
	harness_write("spool/amd64" BUCKET "perl,dddddddddddd,p5,e1,a0",
	    "package: perl\n");
	harness_write("spool/amd64/new/hello.yaml", "hello\n");
	harness_write("spool/amd64/done/20261122/"
	    "hello,eeeeeeeeeeee,p5,e1,a0@here", "hello\n");
	harness_write("spool/amd64/bad/hello,ffffffffffff,p5,e1,a0@here",
	    "hello\n");
}

static int
compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return strcmp(x->token.id, y->token.id);
}

/* The first letters of the ids that are chosen. */
static void
chooses(const struct choice *x, const char *want)
{
	struct chosen l;
	char got[16] = "";
	struct fail f;

	ck_assert_msg(choose(c, s, x, &l, &f) == 0, "%s", f.text);
	if (l.n)
		qsort(l.v, l.n, sizeof *l.v, compare);
	for (size_t i = 0; i < l.n && i < sizeof got - 1; i++)
		got[i] = l.v[i].token.id[0];
	ck_assert_str_eq(got, want);
	choose_free(&l);
}

static const struct {
	const char *id, *package, *pattern, *queue, *suite, *want;
	bool waiting, running;
} choices[] = {
	{ .id = "aaaaaaaaaaaa", .want = "a", .waiting = true },
	{ .id = "cccccccccccc", .want = "c", .running = true },
	{ .id = "cccccccccccc", .want = "", .waiting = true },
	{ .id = "eeeeeeeeeeee", .want = "", .waiting = true,
	  .running = true },
	{ .package = "hello", .want = "ab", .waiting = true,
	  .running = true },
	{ .package = "hell", .want = "", .waiting = true, .running = true },
	{ .package = "hello", .queue = "arm64", .want = "b",
	  .waiting = true },
	{ .package = "hello", .suite = "unstable", .want = "a",
	  .waiting = true },
	{ .package = "hello", .suite = "testing", .want = "b",
	  .waiting = true },
	{ .pattern = "^(bash|perl)$", .want = "cd", .waiting = true,
	  .running = true },
	{ .pattern = "^glibc/", .want = "ac", .waiting = true,
	  .running = true },
	{ .pattern = "^glibc/", .want = "c", .running = true },
	{ .pattern = "ell", .suite = "unstable", .want = "a", .waiting = true },
	{ .pattern = ".", .queue = "amd64", .want = "acd", .waiting = true,
	  .running = true },
};

START_TEST(what_is_meant_is_chosen)
{
	struct choice x = { .pattern = choices[_i].pattern,
	    .queue = choices[_i].queue, .suite = choices[_i].suite,
	    .waiting = choices[_i].waiting, .running = choices[_i].running };

	set_scene();
	if (choices[_i].id)
		strs_add(&x.ids, choices[_i].id);
	if (choices[_i].package)
		strs_add(&x.packages, choices[_i].package);
	chooses(&x, choices[_i].want);
	strs_free(&x.ids);
	strs_free(&x.packages);
}
END_TEST

START_TEST(what_is_no_expression_or_no_queue_is_told)
{
	struct choice x = { .pattern = "(", .waiting = true };
	struct chosen l;
	struct fail f;

	set_scene();
	ck_assert_int_eq(choose(c, s, &x, &l, &f), -1);
	ck_assert_int_eq(f.status, EX_USAGE);
	ck_assert_ptr_nonnull(strstr(f.text, "\"(\" is no regular"));
	x.pattern = ".";
	x.queue = "riscv64";
	ck_assert_int_eq(choose(c, s, &x, &l, &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	choose_free(&l);
}
END_TEST

START_TEST(one_that_is_seen_twice_runs)
{
	struct choice x = { .pattern = "perl", .waiting = true,
	    .running = true };
	struct chosen l;
	struct fail f;

	set_scene();
	harness_write("spool/amd64/cur/perl,dddddddddddd,p5,e1,a0@here",
	    "package: perl\n");
	ck_assert_int_eq(choose(c, s, &x, &l, &f), 0);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.v[0].state, FIND_RUNNING);
	choose_free(&l);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, what_is_meant_is_chosen, 0,
	    sizeof choices / sizeof *choices);
	tcase_add_test(tc, what_is_no_expression_or_no_queue_is_told);
	tcase_add_test(tc, one_that_is_seen_twice_runs);
}
