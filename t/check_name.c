/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "harness.h"
#include "name.h"

/* Words divided by blanks: all of them pass, or none does. */
static void
all(bool (*ok)(const char *), const char *words, bool want)
{
	char word[256];

	while (*(words += strspn(words, " "))) {
		size_t n = strcspn(words, " ");

		ck_assert_uint_lt(n, sizeof word);
		memcpy(word, words, n);
		word[n] = '\0';
		ck_assert_msg(ok(word) == want, "%s", word);
		words += n;
	}
}

/* What no name may be, whatever it names. */
static void
refuses_the_dangerous(bool (*ok)(const char *))
{
	char long_name[400];

	all(ok, ". .. ../x a/b /etc -rf .hidden a%s a\n a\t $(id) `id` a;b "
	    "a|b a\\b a'b a\"b \xc3\xa4", false);
	ck_assert(!ok(""));
	ck_assert(!ok("a b"));
	memset(long_name, '1', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	ck_assert(!ok(long_name));
}

START_TEST(no_kind_of_name_lets_a_dangerous_one_through)
{
	refuses_the_dangerous(name_source_ok);
	refuses_the_dangerous(name_version_ok);
	refuses_the_dangerous(name_suite_ok);
	refuses_the_dangerous(name_arch_ok);
	refuses_the_dangerous(name_queue_ok);
	refuses_the_dangerous(name_worker_ok);
}
END_TEST

START_TEST(sources_are_those_of_debian_policy)
{
	all(name_source_ok, "hello libc6 gtk+3.0 0ad a2ps x-y", true);
	all(name_source_ok, "h Hello +x hello_2 hello:amd64 hello~", false);
}
END_TEST

START_TEST(versions_are_those_of_debian_policy)
{
	all(name_version_ok, "0 1:2.10-3 2.10~rc1+dfsg-1~bpo12+1 1.0A", true);
	all(name_version_ok, "a1 1_0 v1 ~1", false);
}
END_TEST

START_TEST(suites_may_have_hyphens_and_capitals)
{
	all(name_suite_ok, "sid kali-rolling noble-proposed UNRELEASED 12.1",
	    true);
	all(name_suite_ok, "-sid a:b a,b a@b", false);
}
END_TEST

START_TEST(a_queue_is_an_arch_or_an_arch_and_a_class)
{
	all(name_queue_ok, "amd64 kfreebsd-amd64 amd64.huge arm64.no-kvm",
	    true);
	all(name_queue_ok, "amd64. .huge amd64.huge.more AMD64 amd64.Huge "
	    "amd64_huge", false);
	all(name_arch_ok, "amd64.huge", false);
}
END_TEST

START_TEST(a_trigger_is_a_source_and_a_version)
{
	all(name_trigger_ok, "hello/2.10-3 migration-reference/0", true);
	all(name_trigger_ok, "hello hello/ /1 hello/1/2 Hello/1 ../1", false);
}
END_TEST

START_TEST(workers_are_host_names)
{
	all(name_worker_ok, "ci-host1 a.example.org CI", true);
	all(name_worker_ok, "a@b a,b a_b", false);
}
END_TEST

START_TEST(no_worker_is_named_like_a_reason)
{
	all(name_worker_ok, "why a.whys a.why.org awhy", true);
	all(name_worker_ok, "a.why a.example.why .why", false);
}
END_TEST

START_TEST(the_pool_prefix_is_that_of_the_archive)
{
	char h[5];

	name_pool_prefix(h, "hello");
	ck_assert_str_eq(h, "h");
	name_pool_prefix(h, "libxyz");
	ck_assert_str_eq(h, "libx");
	name_pool_prefix(h, "lib");
	ck_assert_str_eq(h, "l");
}
END_TEST

START_TEST(droppings_of_editors_and_transfers_are_known)
{
	all(name_is_dropping, ".hello.swp hello~ #hello# hello.swp 4913 "
	    ".goutputstream-X hello.part .hello.AbCdEf .bell README "
	    ".nfs0001 ## ~ hello.swa .part hello.filepart hello.tmp", true);
	all(name_is_dropping, "hello hello.yaml 49130 swp part # #hello "
	    "hello# hello.sw hello.swq hello.sw9 READMEs tmp "
	    "5-20261122T1601", false);
}
END_TEST

START_TEST(a_shape_is_digits_and_what_stands_between)
{
	static const char *const others[] = { "", "2", "20", "20-", "2x-3",
	    "20_3", "-20-3", "2:-3", "2/-3" };

	ck_assert(name_begins_as("20-3", "dd-d"));
	ck_assert(name_begins_as("09-0.what follows", "dd-d"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(!name_begins_as(others[i], "dd-d"), "%s",
		    others[i]);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, no_kind_of_name_lets_a_dangerous_one_through);
	tcase_add_test(tc, sources_are_those_of_debian_policy);
	tcase_add_test(tc, versions_are_those_of_debian_policy);
	tcase_add_test(tc, suites_may_have_hyphens_and_capitals);
	tcase_add_test(tc, a_queue_is_an_arch_or_an_arch_and_a_class);
	tcase_add_test(tc, a_trigger_is_a_source_and_a_version);
	tcase_add_test(tc, workers_are_host_names);
	tcase_add_test(tc, no_worker_is_named_like_a_reason);
	tcase_add_test(tc, the_pool_prefix_is_that_of_the_archive);
	tcase_add_test(tc, droppings_of_editors_and_transfers_are_known);
	tcase_add_test(tc, a_shape_is_digits_and_what_stands_between);
}
