/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "mem.h"
#include "request.h"
#include "strs.h"
#include "testbed.h"

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
	testbed_command(harness_conf(more_conf), &r, "aaaaaaaaaaaa", "/out",
	    &argv, &virt);
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

#define START "autopkgtest|--output-dir=/out|"
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
	    "/opt/adt|--verbose|--output-dir=/out|"
	    "--setup-commands=apt update; true|--setup-commands=x|"
	    "--env=A=b c|--timeout-test=60|--env=ADT_TEST_TRIGGERS=red/2|"
	    "green|--|null");
}
END_TEST

START_TEST(blanks_of_the_virt_server_are_filled_in)
{
	expect("virt-server: [lxc, \"{suite}-{arch}/{package}.{id}\", "
	    "plain]\n", "debci-kali-rolling-arm64:green {}",
	    START "green|--|lxc|--name=adtspool-aaaaaaaaaaaa|"
	    "kali-rolling-arm64/green.aaaaaaaaaaaa|plain");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_request_becomes_options, 0,
	    (int)(sizeof requests / sizeof *requests));
	tcase_add_test(tc, the_configurations_words_come_first);
	tcase_add_test(tc, blanks_of_the_virt_server_are_filled_in);
}
