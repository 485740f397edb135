/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "mem.h"
#include "policy.h"
#include "request.h"
#include "strs.h"
#include "testbed.h"

static struct policy_verdict verdict;	/* zero, but where a test sets it */
static bool machine;

/* The words of argv with | between: exact, blanks and all. */
static void
expect(const char *more_conf, const char *text, const char *want)
{
	struct strs argv = { 0 }, virt = { 0 };
	struct request r;
	struct fail f;
	char *got;

	ck_assert_msg(request_parse(&r, "text", text, strlen(text), &f) == 0,
	    "%s", f.text);
	r.suite = r.suite ? r.suite : mem_dup("sid");
	r.arch = r.arch ? r.arch : mem_dup("amd64");
	testbed_command(&(struct testbed){ .conf = harness_conf(more_conf),
	    .request = &r, .id = "aaaaaaaaaaaa", .scratch = "/s",
	    .verdict = &verdict, .machine = machine }, &argv, &virt);
	got = strs_join(&argv, "|");
	ck_assert_str_eq(got, want);
	free(got);
	got = strs_join(&virt, "|");
	ck_assert_str_eq(got, strstr(want, "|--|") + 4);
	free(got);
	strs_free(&argv);
	strs_free(&virt);
	request_free(&r);
}

#define START "autopkgtest|--output-dir=/s/output|"
#define END "|--|unshare|--release|sid|--arch|amd64"

static const struct { const char *text, *want; } requests[] = {
	{ "hello", START "hello" END },
	{ "hello/2.10-3", START "hello" END },
	{ "debci-sid-amd64:green {\"triggers\": [\"red/2\", \"blue/1\"]}",
	  START "--env=ADT_TEST_TRIGGERS=red/2 blue/1|green" END },
	{ "{\"package\": \"hello\", \"env\": [\"A=b c\", \"D=$(id)\"]}",
	  START "--env=A=b c|--env=D=$(id)|hello" END },
	{ "{\"package\": \"hello\", \"pin-packages\": "
	  "[\"unstable=src:a,src:b\", \"unstable=src:c\", "
	  "\"experimental=d\"]}",
	  START "--add-apt-release=unstable|--add-apt-release=experimental|"
	  "--pin-packages=unstable=src:a,src:b|"
	  "--pin-packages=unstable=src:c|--pin-packages=experimental=d|"
	  "hello" END },
	{ "{\"package\": \"hello\", \"pin-packages\": [\"unstable=src:a"
	  "\"], \"extra-apt-sources\": [\"deb http://host/debian unsta"
	  "ble main\"]}",
	  START "--add-apt-source=deb http://host/debian unstable main|"
	  "--pin-packages=unstable=src:a|hello" END },
	{ "{\"package\": \"hello\", \"ppas\": [\"joe/foo\", \"ann/bar\"]}",
	  START "--add-apt-source=ppa:joe/foo|--add-apt-source=ppa:ann/bar|"
	  "hello" END },
	{ "{\"package\": \"hello\", \"all-proposed\": \"1\"}",
	  START "--apt-pocket=proposed|hello" END },
	{ "{\"package\": \"hello\", \"test-name\": [\"smoke\", \"full\"]}",
	  START "--test-name=smoke|--test-name=full|hello" END },
	{ "{\"package\": \"hello\", \"test-git\": "
	  "\"https://host/hello.git#branch\"}",
	  START "--no-built-binaries|https://host/hello.git#branch" END },
	{ "{\"package\": \"hello\", \"build-git\": "
	  "\"https://host/hello.git\"}",
	  START "https://host/hello.git" END },
};

START_TEST(a_request_becomes_options)
{
	expect("", requests[_i].text, requests[_i].want);
}
END_TEST

START_TEST(the_configurations_words_come_first)
{
	expect("autopkgtest: [/opt/adt, --verbose]\n"
	    "arguments: [\"--timeout-test=60\"]\n"
	    "setup-commands: [\"apt update; true\", \"x\"]\n"
	    "env: [\"A=b c\"]\n"
	    "virt-server: [\"null\"]\n",
	    "debci-sid-amd64:green {\"triggers\": [\"red/2\"]}",
	    "/opt/adt|--verbose|--output-dir=/s/output|"
	    "--setup-commands=apt update; true|--setup-commands=x|"
	    "--env=A=b c|--timeout-test=60|--env=ADT_TEST_TRIGGERS=red/2|"
	    "green|--|null");
}
END_TEST

START_TEST(blanks_of_the_virt_server_are_filled_in)
{
	expect("virt-server: [lxc, \"{suite}-{arch}/{package}.{id}\", "
	    "plain]\n", "debci-kali-rolling-arm64:green {}",
	    START "green|--|lxc|--name=adtspool-aaaaaaaaaaaa-0|"
	    "kali-rolling-arm64/green.aaaaaaaaaaaa|plain");
}
END_TEST

#define VIRTS "virt-server: [\"null\"]\n" \
	"virt-servers:\n  vm: [qemu, \"/srv/{suite} {arch}.img\"]\n" \
	"  roomy: ssh big\nmachine-virt-server: vm\n" \
	"big-virt-server: roomy\n"

START_TEST(the_policy_chooses_among_virt_servers)
{
	expect(VIRTS, "hello", START "hello|--|null");
	machine = true;
	expect(VIRTS, "hello", START "hello|--|qemu|/srv/sid amd64.img");
	machine = false;
	verdict.virt_server = mem_dup("vm");
	expect(VIRTS, "hello", START "hello|--|qemu|/srv/sid amd64.img");
	verdict.big = true;
	expect(VIRTS, "hello", START "--timeout-test=20000|"
	    "hello|--|qemu|/srv/sid amd64.img");
	policy_verdict_free(&verdict);
	verdict.big = true;
	expect(VIRTS, "hello", START "--timeout-test=20000|"
	    "hello|--|ssh|big");
}
END_TEST

START_TEST(timeouts_are_options_and_grow_with_the_policy)
{
	const char *conf = "timeout-short: 5m\ntimeout-test: 10m\n"
	    "timeout: 1h\n";
	struct testbed t = { .conf = harness_conf(conf), .verdict = &verdict };

	ck_assert_int_eq(testbed_timeout_s(&t), 3600);
	expect(conf, "hello", START "--timeout-short=300|--timeout-test=600|"
	    "hello" END);
	verdict.big = true;
	expect(conf, "hello", START "--timeout-short=300|--timeout-test=1200|"
	    "hello" END);
	verdict.long_tests = true;
	t.conf = harness_conf(conf);
	ck_assert_int_eq(testbed_timeout_s(&t), 4 * 3600);
	expect(conf, "hello", START "--timeout-short=300|--timeout-test=2400|"
	    "--timeout-build=200000|hello" END);
	verdict.timeout_factor = 1.5;
	verdict.timeout_s = 77;
	expect(conf, "hello", START "--timeout-short=450|--timeout-copy=450|"
	    "--timeout-install=4500|--timeout-test=3600|"
	    "--timeout-build=300000|hello" END);
	t.conf = harness_conf(conf);
	ck_assert_int_eq(testbed_timeout_s(&t), 77);
}
END_TEST

START_TEST(a_ppa_becomes_a_line_of_apt_sources)
{
	expect("ppa-source: \"deb [trusted=yes] http://x/{owner}/{name} "
	    "{suite}/{arch} main\"\n", "{\"package\": \"hello\", "
	    "\"ppas\": [\"joe/foo\", \"ann/b-r:0123456789ABCDEF0123456789ABC"
	    "DEF01234567\"]}", START
	    "--add-apt-source=deb [trusted=yes] http://x/joe/foo sid/amd64 "
	    "main|--add-apt-source=deb [trusted=yes] http://x/ann/b-r "
	    "sid/amd64 main|hello" END);
}
END_TEST

START_TEST(the_policys_options_come_behind_the_configurations)
{
	strs_add(&verdict.arguments, "--timeout-test=7");
	strs_add(&verdict.env, "E=1 2");
	expect("arguments: [--apt-upgrade]\ntimeout-test: 5\n",
	    "{\"package\": \"hello\", \"env\": [\"E=3\"]}",
	    START "--apt-upgrade|--timeout-test=5|--env=E=1 2|"
	    "--timeout-test=7|--env=E=3|hello" END);
}
END_TEST

static const struct { const char *text, *want; } pockets[] = {
	{ "hello", "hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"red/2\", \"blue/1\"]}",
	  "--env=ADT_TEST_TRIGGERS=red/2 blue/1|"
	  "--apt-pocket=edge=src:red,src:blue|hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"migration-reference/0\"]}",
	  "--env=ADT_TEST_TRIGGERS=migration-reference/0|hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"red/2\"], "
	  "\"all-proposed\": \"1\"}",
	  "--env=ADT_TEST_TRIGGERS=red/2|--apt-pocket=edge|hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"red/2\"], "
	  "\"ppas\": [\"a/b\"]}",
	  "--env=ADT_TEST_TRIGGERS=red/2|--add-apt-source=ppa:a/b|hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"red/2\"], "
	  "\"ppas\": [\"a/b\"], \"all-proposed\": \"1\"}",
	  "--env=ADT_TEST_TRIGGERS=red/2|--add-apt-source=ppa:a/b|"
	  "--apt-pocket=edge|hello" },
	{ "debci-sid-amd64:hello {\"triggers\": [\"red/2\"], "
	  "\"test-git\": \"https://host/hello.git\"}",
	  "--env=ADT_TEST_TRIGGERS=red/2|--no-built-binaries|"
	  "https://host/hello.git" },
};

START_TEST(triggers_are_taken_from_the_pocket)
{
	char *want = mem_printf(START "%s" END, pockets[_i].want);

	expect("apt-pocket: edge\n", pockets[_i].text, want);
	free(want);
}
END_TEST

static const struct { const char *summary; bool wants; } summaries[] = {
	{ "one  PASS\ntwo  SKIP Test restriction \"isolation-machine\" "
	  "requires testbed capability \"isolation-machine\"\n", true },
	{ "two  SKIP Test restriction \"isolation-container\" requires "
	  "testbed capability \"isolation-container\" and/or "
	  "\"isolation-machine\"\n", true },
	{ "one  PASS\n", false }, { "", false },
	{ "two  SKIP Test restriction \"needs-reboot\" requires testbed "
	  "capability \"reboot\"\n", false },
	{ "two  FAIL stderr: \"isolation-machine\"\n", false },
};

START_TEST(what_wants_a_machine_is_told_from_the_summary)
{
	struct testbed t = { .conf = harness_conf(VIRTS),
	    .verdict = &verdict };
	const char *summary = summaries[_i].summary;

	ck_assert_int_eq(testbed_wants_machine(&t, summary),
	    summaries[_i].wants);
	t.machine = true;		/* it is one */
	ck_assert(!testbed_wants_machine(&t, summary));
	t.machine = false;
	verdict.virt_server = mem_dup("vm");
	ck_assert(!testbed_wants_machine(&t, summary));
	policy_verdict_free(&verdict);
}
END_TEST

START_TEST(keys_are_copied_to_where_apt_looks)
{
	struct request r = { 0 };
	struct fail f;

	expect("", "{\"package\": \"hello\", \"signing-keys\": "
	    "[\"LS0tLS1CRUdJTiBLRVktLS0tLQ==\", \"mQENAP8=\"]}",
	    START "--copy=/s/key-0.asc:/etc/apt/trusted.gpg.d/adtspool-key-0."
	    "asc|--copy=/s/key-1.gpg:/etc/apt/trusted.gpg.d/adtspool-key-1."
	    "gpg|hello" END);
	strs_add(&r.signing_keys, "LS0tLS1CRUdJTiBLRVktLS0tLQ==");
	strs_add(&r.signing_keys, "QUJDREU=");
	strs_add(&r.signing_keys, "QUI/+w==");
	strs_add(&r.signing_keys, "QUJD");
	ck_assert_int_eq(testbed_write_keys(&r, harness_dirfd(), &f), 0);
	ck_assert_str_eq(harness_read("key-0.asc"), "-----BEGIN KEY-----");
	ck_assert_str_eq(harness_read("key-1.gpg"), "ABCDE");
	ck_assert_str_eq(harness_read("key-2.gpg"), "AB?\xfb");
	ck_assert_str_eq(harness_read("key-3.gpg"), "ABC");
	strs_free(&r.signing_keys);
}
END_TEST

START_TEST(nothing_wants_a_machine_where_there_is_none)
{
	struct testbed t = { .conf = harness_conf("") };

	ck_assert(!testbed_wants_machine(&t, summaries[0].summary));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_policy_chooses_among_virt_servers);
	tcase_add_test(tc, timeouts_are_options_and_grow_with_the_policy);
	tcase_add_test(tc, a_ppa_becomes_a_line_of_apt_sources);
	tcase_add_test(tc,
	    the_policys_options_come_behind_the_configurations);
	tcase_add_loop_test(tc, triggers_are_taken_from_the_pocket, 0,
	    (int)(sizeof pockets / sizeof *pockets));
	tcase_add_loop_test(tc,
	    what_wants_a_machine_is_told_from_the_summary, 0,
	    (int)(sizeof summaries / sizeof *summaries));
	tcase_add_test(tc, keys_are_copied_to_where_apt_looks);
	tcase_add_test(tc, nothing_wants_a_machine_where_there_is_none);
	tcase_add_loop_test(tc, a_request_becomes_options, 0,
	    (int)(sizeof requests / sizeof *requests));
	tcase_add_test(tc, the_configurations_words_come_first);
	tcase_add_test(tc, blanks_of_the_virt_server_are_filled_in);
}
