/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "log.h"
#include "mem.h"
#include "policy.h"
#include "request.h"

#define VIRTS "virt-servers: {vm: qemu, box: lxc}\nmachine-virt-server: vm\n"

static struct policy *p;
static struct fail f;

/* What the policy says of a request: its words, as text. */
static const char *
say(const char *package, const char *suite, const char *arch,
	const char *queue, const char *version)
{
	static char text[1024];
	struct request r = { .package = mem_dup(package),
	    .suite = mem_dup(suite), .arch = mem_dup(arch) };
	struct policy_verdict v;
	char *arguments, *env;

	if (version)
		strs_addf(&r.triggers, "%s/%s", package, version);
	policy_judge(p, &r, queue, &v);
	arguments = strs_join(&v.arguments, " ");
	env = strs_join(&v.env, " ");
	(void)snprintf(text, sizeof text, "%s|%s%s|%s|%lld|%g|%s|%s",
	    v.never ? v.never : "", v.big ? "big" : "",
	    v.long_tests ? "long" : "", v.virt_server ? v.virt_server : "",
	    (long long)v.timeout_s, v.timeout_factor, arguments, env);
	free(arguments);
	free(env);
	policy_verdict_free(&v);
	request_free(&r);
	return text;
}

static const char *
of(const char *package)
{
	return say(package, "sid", "amd64", "amd64", NULL);
}

/* The policy of files that are there already, or f says why there is none. */
static void
read_it(const char *keys)
{
	char *text = mem_printf(VIRTS "%s", keys);

	p = policy_open(harness_conf(text), &f);
	free(text);
}

static void
must_read(const char *keys)
{
	read_it(keys);
	ck_assert_msg(p, "%s", f.text);
}

static char *
policy_key(void)
{
	return mem_printf("policy: %s\n", harness_path("policy.yaml"));
}

static void
read_policy(const char *text)
{
	char *key = policy_key();

	harness_write("policy.yaml", text);
	read_it(key);
	free(key);
}

#define NOTHING "|||0|0||"

START_TEST(without_files_nothing_is_said)
{
	must_read("");
	ck_assert_str_eq(of("hello"), NOTHING);
	policy_close(p);
	p = NULL;
	ck_assert_str_eq(of("hello"), NOTHING);
}
END_TEST

START_TEST(all_that_a_rule_says_is_known)
{
	read_policy("- package: hello\n  big: yes\n  long: true\n"
	    "  virt-server: box\n  timeout: 2h\n  timeout-factor: 2.5\n"
	    "  arguments: --a=1 --b\n  env: [A=b c, D=e]\n"
	    "- package: bye\n  never: it says bye\n"
	    "  arguments: [\"--setup-commands=a b\"]\n");
	ck_assert_msg(p, "%s", f.text);
	ck_assert_str_eq(of("hello"),
	    "|biglong|box|7200|2.5|--a=1 --b|A=b c D=e");
	ck_assert_str_eq(of("bye"), "it says bye|||0|0|--setup-commands=a b|");
	ck_assert_str_eq(of("hello2"), NOTHING);
	policy_close(p);
}
END_TEST

START_TEST(each_key_is_decided_by_the_first_rule_that_has_it)
{
	read_policy("- package: linux-base\n  never: no\n  big: no\n"
	    "  env: []\n"
	    "- package: [linux, linux-*]\n  never: kernels\n"
	    "- package: \"*\"\n  never: nothing\n  big: yes\n  env: A=1\n"
	    "- package: \"*\"\n  env: B=2\n  virt-server: default\n");
	ck_assert_msg(p, "%s", f.text);
	ck_assert_str_eq(of("linux-base"), "||default|0|0||");
	ck_assert_str_eq(of("linux-signed"), "kernels|big|default|0|0||A=1");
	ck_assert_str_eq(of("hello"), "nothing|big|default|0|0||A=1");
	policy_close(p);
}
END_TEST

START_TEST(a_rule_is_for_suites_architectures_and_queues)
{
	read_policy("- arch: arm*\n  suite: [s*d, noble]\n  big: yes\n"
	    "- queue: \"*.huge\"\n  long: yes\n");
	ck_assert_msg(p, "%s", f.text);
	ck_assert_str_eq(say("a1", "sid", "arm64", "arm64", NULL),
	    "|big||0|0||");
	ck_assert_str_eq(say("a1", "noble", "armhf", "armhf", NULL),
	    "|big||0|0||");
	ck_assert_str_eq(say("a1", "jammy", "arm64", "arm64", NULL), NOTHING);
	ck_assert_str_eq(say("a1", "sid", "amd64", "amd64", NULL), NOTHING);
	ck_assert_str_eq(say("a1", "sid", "amd64", "amd64.huge", NULL),
	    "|long||0|0||");
	policy_close(p);
}
END_TEST

START_TEST(debcis_reject_list_is_read)
{
	char *key = mem_printf("reject-list: %s\n",
	    harness_path("reject_list"));

	harness_write("reject_list", "# it eats disks,\n#  and more\n"
	    "eater\neaten * arm64\n\n"
	    "plain\npinned sid * 1.0\nlib* jammy # and no more\n");
	must_read(key);
	ck_assert_str_eq(of("eater"), "it eats disks, and more|||0|0||");
	ck_assert_str_eq(of("eaten"), NOTHING);
	ck_assert_str_eq(say("eaten", "sid", "arm64", "arm64", NULL),
	    "it eats disks, and more|||0|0||");
	ck_assert_str_eq(of("plain"), "It is in reject_list|||0|0||");
	ck_assert_str_eq(of("pinned"), NOTHING);
	ck_assert_str_eq(say("pinned", "sid", "amd64", "amd64", "1.0"),
	    "It is in reject_list|||0|0||");
	ck_assert_str_eq(say("pinned", "sid", "amd64", "amd64", "1.1"),
	    NOTHING);
	ck_assert_str_eq(of("libfoo"), NOTHING);
	ck_assert_str_eq(say("libfoo", "jammy", "amd64", "amd64", NULL),
	    "It is in reject_list|||0|0||");
	free(key);
	policy_close(p);
}
END_TEST

START_TEST(autopkgtest_clouds_lists_are_read)
{
	char *never = mem_printf("never-run: %s\nbig-packages: %s\n",
	    harness_path("never_run"), harness_path("big_packages"));
	char *keys = mem_printf("%slong-tests: %s\nvm-packages: %s\n", never,
	    harness_path("long_tests"), harness_path("vm_packages"));

	harness_write("never_run", "# no disks\na1/arm*\nb1/all/jammy\n");
	harness_write("big_packages", "c1\na1/all/all\n");
	harness_write("long_tests", "d*/amd64\n");
	harness_write("vm_packages", "c1/amd64/sid\n");
	must_read(keys);
	ck_assert_str_eq(of("a1"), "|big||0|0||");
	ck_assert_str_eq(say("a1", "sid", "armhf", "armhf", NULL),
	    "no disks|big||0|0||");
	ck_assert_str_eq(of("b1"), NOTHING);
	ck_assert_str_eq(say("b1", "jammy", "amd64", "amd64", NULL),
	    "no disks|||0|0||");
	ck_assert_str_eq(of("c1"), "|big|vm|0|0||");
	ck_assert_str_eq(of("d1"), "|long||0|0||");
	free(never);
	free(keys);
	policy_close(p);
}
END_TEST

START_TEST(the_policy_decides_over_the_lists)
{
	char *keys = mem_printf("policy: %s\nreject-list: %s\n",
	    harness_path("policy.yaml"), harness_path("reject_list"));

	harness_write("policy.yaml", "- package: a1\n  never: no\n");
	harness_write("reject_list", "a*\n");
	must_read(keys);
	ck_assert_str_eq(of("a1"), NOTHING);
	ck_assert_str_eq(of("a2"), "It is in reject_list|||0|0||");
	free(keys);
	policy_close(p);
}
END_TEST

static const struct { const char *text, *want; } bad[] = {
	{ "- pakage: a\n", ":1: unknown key \"pakage\"; did you mean \"pack" },
	{ "- package: a\n  virt-server: boxx\n", ":2: virt-server: unknown "
	  "virt server \"boxx\"; did you mean \"box\"?" },
	{ "- package: a b\n", ":1: package: \"a b\" is not a glob of source" },
	{ "- package: \"{a,b}\"\n", ":1: package: " },
	{ "- arch: [a, [b]]\n", ":1: arch: write a glob of architectures" },
	{ "- big: yes\n", ":1: for which requests?" },
	{ "- package: a\n  big: 2\n", ":2: big: \"2\" is not yes or no" },
	{ "- package: a\n  long: []\n", ":2: long: write yes or no" },
	{ "- package: a\n  never: yes\n", ":2: never: \"yes\" is not why" },
	{ "- package: a\n  never: \"a\\nb\"\n", ":2: never: " },
	{ "- package: a\n  timeout: 31d\n", ":2: timeout: \"31d\" is not" },
	{ "- package: a\n  timeout-factor: 0\n", ":2: timeout-factor: " },
	{ "- package: a\n  timeout-factor: nan\n", ":2: timeout-factor: " },
	{ "- package: a\n  arguments: [x]\n", ":2: arguments: \"x\" is not" },
	{ "- package: a\n  arguments: --a -- --b\n", ":2: arguments: \"--\"" },
	{ "- package: a\n  env: [A]\n", ":2: env: \"A\" is not NAME=value" },
	{ "package: a\n", ":1: not a list of rules; write \"- package:" },
	{ "- package: a\n- b\n", ":2: not a list of rules" },
	{ "", "" },
};

START_TEST(refuses_with_file_line_and_cure)
{
	read_policy(bad[_i].text);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_ptr_nonnull(strstr(f.text, "/policy.yaml"));
	ck_assert_msg(strstr(f.text, bad[_i].want), "%s", f.text);
}
END_TEST

static const struct { const char *key, *text, *want; } bad_lists[] = {
	{ "reject-list", "a\na b c d e\n", ":2: too many words; write PACK" },
	{ "never-run", "\na/b/c/d\n", ":2: too many parts; write PACKAGE[/" },
	{ "long-tests", "a{b}\n", ":1: not a glob" },
};

START_TEST(refuses_a_list_with_its_line)
{
	char *key = mem_printf("%s: %s\n", bad_lists[_i].key,
	    harness_path("list"));

	harness_write("list", bad_lists[_i].text);
	read_it(key);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, bad_lists[_i].want), "%s", f.text);
	free(key);
}
END_TEST

START_TEST(refuses_what_is_not_there_or_too_large)
{
	char *text = mem_alloc(POLICY_FILE_MOST + 3), *key = policy_key();

	read_it(key);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(f.status, EX_CONFIG);
	memset(text, '#', POLICY_FILE_MOST + 2);
	read_policy(text);
	ck_assert_ptr_null(p);
	free(text);
	free(key);
}
END_TEST

START_TEST(reads_a_changed_file_and_keeps_the_old_for_a_broken_one)
{
	FILE *out = tmpfile();
	struct log log = { .out = out, .most = LOG_LEVEL_INFO, .plain = true };
	char said[4096] = "";

	read_policy("- package: a\n  never: first\n");
	ck_assert_msg(p, "%s", f.text);
	policy_look(p, &log);
	ck_assert_int_eq(ftell(out), 0);
	harness_write("policy.yaml", "- package: a\n  never: second\n");
	policy_look(p, &log);
	ck_assert_str_eq(of("a"), "second|||0|0||");
	harness_write("policy.yaml", "- package: a\n  nevr: third\n");
	policy_look(p, &log);
	policy_look(p, &log);
	ck_assert_str_eq(of("a"), "second|||0|0||");
	(void)unlink(harness_path("policy.yaml"));
	policy_look(p, &log);
	ck_assert_str_eq(of("a"), "second|||0|0||");
	harness_write("policy.yaml", "- package: a\n  never: third\n");
	policy_look(p, &log);
	ck_assert_str_eq(of("a"), "third|||0|0||");
	/* Another file of the same size. */
	harness_write("next", "- package: a\n  never: forth\n");
	ck_assert_int_eq(rename(harness_path("next"),
	    harness_path("policy.yaml")), 0);
	policy_look(p, &log);
	ck_assert_str_eq(of("a"), "forth|||0|0||");
	rewind(out);
	ck_assert_uint_gt(fread(said, 1, sizeof said - 1, out), 0);
	ck_assert_ptr_nonnull(strstr(said, "policy.yaml:2: unknown key \"nevr"
	    "\"; did you mean \"never\"?; the policy stays as it was\n"));
	ck_assert_ptr_null(strstr(strstr(said, "nevr") + 1, "\"nevr"));
	ck_assert_ptr_nonnull(strstr(said, "No such file or directory; the "));
	(void)fclose(out);
	policy_close(p);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, without_files_nothing_is_said);
	tcase_add_test(tc, all_that_a_rule_says_is_known);
	tcase_add_test(tc, each_key_is_decided_by_the_first_rule_that_has_it);
	tcase_add_test(tc, a_rule_is_for_suites_architectures_and_queues);
	tcase_add_test(tc, debcis_reject_list_is_read);
	tcase_add_test(tc, autopkgtest_clouds_lists_are_read);
	tcase_add_test(tc, the_policy_decides_over_the_lists);
	tcase_add_loop_test(tc, refuses_with_file_line_and_cure, 0,
	    (int)(sizeof bad / sizeof *bad));
	tcase_add_loop_test(tc, refuses_a_list_with_its_line, 0,
	    (int)(sizeof bad_lists / sizeof *bad_lists));
	tcase_add_test(tc, refuses_what_is_not_there_or_too_large);
	tcase_add_test(tc,
	    reads_a_changed_file_and_keeps_the_old_for_a_broken_one);
}
