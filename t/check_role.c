/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "role.h"
#include "spool.h"
#include "strs.h"

#define INDEX "results/.index"
#define TARGET "results/britney/sid/debci.json"

static const struct spool *s;

/* How many names in a folder below the harness begin with that. */
static size_t
count(const char *folder, const char *begin)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n = 0;

	if (fs_list(harness_dirfd(), folder, SIZE_MAX, &names, &f) != 0)
		names.n = 0;
	for (size_t i = 0; i < names.n; i++)
		n += strncmp(names.v[i], begin, strlen(begin)) == 0;
	strs_free(&names);
	return n;
}

/* A role that nobody has. */
static void
begin(void)
{
	struct fail f;

	if (!s)
		s = harness_spool("amd64");
	ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
	ck_assert_int_eq(fs_remove_tree(s->results, "britney", &f), 0);
	ck_assert_msg(role_make(s, &f) == 0, "%s", f.text);
}

static struct role_token
look(void)
{
	struct role_token t;
	struct fail f;

	ck_assert_msg(role_look(s, &t, &f) == 1, "%s", f.text);
	return t;
}

static struct role
take(const char *name)
{
	struct role_token t = look();
	struct role r;
	struct fail f;

	ck_assert_msg(role_take(&r, s, name, &t, &f) == 1, "%s", f.text);
	ck_assert_msg(role_clear(&r, &f) == 0, "%s", f.text);
	return r;
}

static int
put(const struct role *r, const char *text, struct fail *f)
{
	if (fs_write_new(r->out, "scratch", text, strlen(text), f) != 0)
		return -1;
	return role_put(r, "scratch", "britney/sid/debci.json", f);
}

START_TEST(the_one_token_is_made_once)
{
	struct role_token t, again;
	struct fail f;

	begin();
	t = look();
	ck_assert_str_eq(t.name, "");
	ck_assert_int_eq(role_make(s, &f), 0);
	again = look();
	ck_assert_str_eq(again.life, t.life);
	ck_assert_uint_eq(count(INDEX "/role", ""), 1);
}
END_TEST

static void
somebody_makes_it(void)
{
	struct fail f;

	fault_off();
	ck_assert_msg(role_make(s, &f) == 0, "%s", f.text);
}

START_TEST(two_that_make_it_make_one)
{
	for (unsigned nth = 1; nth < 12; nth++) {
		struct fail f;

		begin();
		ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
		fault_meddle_at(nth, somebody_makes_it);
		ck_assert_msg(role_make(s, &f) == 0, "%u: %s", nth, f.text);
		fault_off();
		ck_assert_msg(count(INDEX "/role", "e") == 1, "%u", nth);
		ck_assert_msg(count(INDEX, "role.") == 0, "%u", nth);
	}
}
END_TEST

START_TEST(whatever_fails_there_is_one_token_in_the_end)
{
	begin();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f;

		ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
		fault_on(&x);
		(void)role_make(s, &f);
		fault_off();
		ck_assert_msg(role_make(s, &f) == 0, "%s: %s", x.what,
		    f.text);
		ck_assert_msg(count(INDEX "/role", "e") == 1, "%s", x.what);
	}
}
END_TEST

START_TEST(who_takes_it_has_it_and_may_put)
{
	struct role_token t;
	struct role r;
	struct fail f;

	begin();
	r = take("a");
	t = look();
	ck_assert_str_eq(t.name, "a");
	ck_assert_uint_eq(t.epoch, 1);
	ck_assert_int_eq(role_is_shown(&r, &f), 1);
	ck_assert_msg(put(&r, "one", &f) == 0, "%s", f.text);
	ck_assert_msg(put(&r, "two", &f) == 0, "%s", f.text);
	ck_assert_str_eq(harness_read(TARGET), "two");
	ck_assert_int_eq(role_release(&r, &f), 0);
	t = look();
	ck_assert_str_eq(t.name, "");
	ck_assert_uint_eq(count(INDEX, "out."), 0);
}
END_TEST

START_TEST(of_two_one_takes_it)
{
	struct role_token t;
	struct role a, b;
	struct fail f;

	begin();
	t = look();
	ck_assert_int_eq(role_take(&a, s, "a", &t, &f), 1);
	ck_assert_int_eq(role_take(&b, s, "b", &t, &f), 0);
	ck_assert_int_eq(b.out, -1);
	ck_assert_uint_eq(count(INDEX, "out."), 1);
	ck_assert_str_eq(look().name, "a");
	role_leave(&a);
}
END_TEST

/* The heart of it. */
START_TEST(who_was_followed_puts_nothing_any_more)
{
	struct role zombie, next;
	struct fail f;

	begin();
	zombie = take("a");
	ck_assert_int_eq(put(&zombie, "its own", &f), 0);
	ck_assert_int_eq(fs_write_new(zombie.out, "late", "late", 4, &f), 0);
	next = take("b");
	ck_assert_int_eq(put(&next, "the next one's", &f), 0);
	/* What was finished before finds no way, ... */
	ck_assert_int_eq(role_put(&zombie, "late", "britney/sid/debci.json",
	    &f), -1);
	ck_assert_int_eq(f.status, EX_UNAVAILABLE);
	/* ... nor can anything be made; not even in a folder of that name. */
	ck_assert_int_eq(put(&zombie, "late", &f), -1);
	{
		char path[64];

		(void)snprintf(path, sizeof path, ".index/out.e1.%s",
		    zombie.token.life);
		ck_assert_int_eq(fs_mkdir(s->results, path), 0);
	}
	ck_assert_int_eq(put(&zombie, "late", &f), -1);
	ck_assert_str_eq(harness_read(TARGET), "the next one's");
	ck_assert_int_eq(role_is_shown(&zombie, &f), 0);
	ck_assert_int_eq(put(&next, "and again", &f), 0);
	role_leave(&zombie);
	role_leave(&next);
}
END_TEST

static struct role meddled;

static void
somebody_follows(void)
{
	fault_off();
	meddled = take("b");
}

START_TEST(who_is_followed_at_any_call_puts_before_or_never)
{
	for (unsigned nth = 1; nth < 10; nth++) {
		struct role a;
		struct fail f;
		int rc;

		begin();
		a = take("a");
		ck_assert_int_eq(put(&a, "old", &f), 0);
		meddled.out = -1;
		fault_meddle_at(nth, somebody_follows);
		rc = put(&a, "new", &f);
		fault_off();
		ck_assert_str_eq(harness_read(TARGET), rc == 0 ? "new" :
		    "old");
		role_leave(&a);
		role_leave(&meddled);
	}
}
END_TEST

/* Without an error it is ours; and one that fails leaves it to be taken. */
START_TEST(whatever_fails_it_is_ours_or_to_be_taken)
{
	begin();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct role_token t;
		struct role r;
		struct fail f = { 0 };
		int rc;

		begin();
		t = look();
		fault_on(&x);
		rc = role_take(&r, s, "a", &t, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 1, "%s", f.text);
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 1, "%s: %s",
		    x.what, f.text);
		ck_assert_msg(rc != 1 || strcmp(look().life, r.token.life) ==
		    0, "%s", x.what);
		ck_assert_msg(rc == 1 || r.out < 0, "%s", x.what);
		role_leave(&r);
		r = take("b");
		ck_assert_int_eq(put(&r, "b", &f), 0);
		ck_assert_msg(count(INDEX, "out.") == 1, "%s", x.what);
		role_leave(&r);
	}
}
END_TEST

START_TEST(whatever_fails_the_others_are_cleared_or_it_is_told)
{
	begin();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct role_token t;
		struct role a, b;
		struct fail f = { 0 };
		int rc;

		begin();
		a = take("a");
		ck_assert_int_eq(fs_write_new(a.out, "late", "late", 4, &f),
		    0);
		harness_write(INDEX "/gone.x/result.json", "");
		t = look();
		ck_assert_int_eq(role_take(&b, s, "b", &t, &f), 1);
		fault_on(&x);
		rc = role_clear(&b, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_msg(rc != 0 || role_put(&a, "late",
		    "britney/sid/debci.json", &f) != 0, "%s", x.what);
		ck_assert_msg(role_clear(&b, &f) == 0, "%s: %s", x.what,
		    f.text);
		ck_assert_uint_eq(count(INDEX, "out."), 1);
		ck_assert_uint_eq(count(INDEX, "gone."), 0);
		role_leave(&a);
		role_leave(&b);
	}
}
END_TEST

START_TEST(whatever_fails_what_is_put_is_the_old_or_the_new)
{
	begin();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		struct role r;
		int rc;

		begin();
		r = take("a");
		ck_assert_int_eq(put(&r, "old", &f), 0);
		fault_on(&x);
		rc = put(&r, "new", &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_str_eq(harness_read(TARGET), rc == 0 ? "new" :
		    "old");
		role_leave(&r);
	}
}
END_TEST

START_TEST(who_dies_at_any_call_is_followed)
{
	bool died = true;

	begin();
	for (unsigned nth = 1; died; nth++) {
		struct fail f;
		struct role r;
		int status;
		pid_t pid;

		begin();
		pid = fork();
		if (pid == 0) {
			fault_crash_at(nth);
			r = take("a");
			_exit(put(&r, "a", &f) == 0 &&
			    role_release(&r, &f) == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		ck_assert_msg(count(INDEX "/role", "e") == 1, "%u", nth);
		r = take("b");
		ck_assert_msg(count(INDEX, "out.") == 1, "%u", nth);
		ck_assert_msg(put(&r, "b", &f) == 0, "%u: %s", nth, f.text);
		ck_assert_str_eq(harness_read(TARGET), "b");
		role_leave(&r);
	}
}
END_TEST

START_TEST(of_two_tokens_the_later_one_counts)
{
	begin();
	harness_write(INDEX "/role/e7.aaaaaaaaaaaa@later", "");
	harness_write(INDEX "/role/e10.aaaaaaaaaaaa@last", "");
	harness_write(INDEX "/role/e9.aaaaaaaaaaaa@x", "");
	harness_write(INDEX "/role/README", "");
	ck_assert_str_eq(look().name, "last");
}
END_TEST

static const struct { const char *name; bool ok; } names[] = {
	{ "e0.aaaaaaaaaaaa@", true },
	{ "e1.k3f9a2x7m1qd@ci-host1", true },
	{ "e999999999.k3f9a2x7m1qd@a", true },
	{ "e1000000000.k3f9a2x7m1qd@a", false },
	{ "e99999999999999999999.k3f9a2x7m1qd@a", false },
	{ "e01.k3f9a2x7m1qd@a", false },
	{ "e-1.k3f9a2x7m1qd@a", false },
	{ "e1.k3f9a2x7m1q@a", false },
	{ "e1.k3f9a2x7m1qdd@a", false },
	{ "e1.k3f9a2x7m1qd", false },
	{ "e1.k3f9a2x7m1qd@../x", false },
	{ "e1,k3f9a2x7m1qd@a", false },
	{ "", false },
	{ "README", false },
};

START_TEST(a_name_is_read_and_written_alike)
{
	char again[ROLE_NAME_MAX];
	struct role_token t;
	bool ok = role_parse(&t, names[_i].name) == 0;

	ck_assert_msg(ok == names[_i].ok, "%s", names[_i].name);
	if (!ok)
		return;
	role_format(again, &t);
	ck_assert_str_eq(again, names[_i].name);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_one_token_is_made_once);
	tcase_add_test(tc, two_that_make_it_make_one);
	tcase_add_test(tc, whatever_fails_there_is_one_token_in_the_end);
	tcase_add_test(tc, who_takes_it_has_it_and_may_put);
	tcase_add_test(tc, of_two_one_takes_it);
	tcase_add_test(tc, who_was_followed_puts_nothing_any_more);
	tcase_add_test(tc,
	    who_is_followed_at_any_call_puts_before_or_never);
	tcase_add_test(tc, whatever_fails_it_is_ours_or_to_be_taken);
	tcase_add_test(tc,
	    whatever_fails_the_others_are_cleared_or_it_is_told);
	tcase_add_test(tc,
	    whatever_fails_what_is_put_is_the_old_or_the_new);
	tcase_add_test(tc, who_dies_at_any_call_is_followed);
	tcase_add_test(tc, of_two_tokens_the_later_one_counts);
	tcase_add_loop_test(tc, a_name_is_read_and_written_alike, 0,
	    (int)(sizeof names / sizeof *names));
}
