/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "harness.h"
#include "request.h"

#define NAME "amd64/new/foo.yaml"

static struct request r;
static struct fail f;

static void
must_parse(const char *text)
{
	f = (struct fail){ 0 };
	ck_assert_msg(request_parse(&r, NAME, text, strlen(text), &f) == 0,
	    "%s", f.text);
}

static void
must_refuse(const char *text, size_t n, const char *reason)
{
	f = (struct fail){ 0 };
	ck_assert_int_eq(request_parse(&r, NAME, text, n, &f), -1);
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_msg(strncmp(f.text, reason, strlen(reason)) == 0,
	    "%s\nnot %s", f.text, reason);
	ck_assert_ptr_null(r.package);
}

static const char *
join(const struct strs *l)
{
	static char *s;

	free(s);
	s = strs_join(l, " | ");
	return s;
}

START_TEST(reads_every_key)
{
	must_parse("package: libfoo2.0\nsuite: kali-rolling\narch: arm64\n"
	    "version: 1:2.10-3~exp1\nclass: huge\n"
	    "triggers: [hello/2.10-3, libfoo2.0/1.0]\n"
	    "pin-packages: ['unstable=src:hello,libc6']\n"
	    "extra-apt-sources: [deb https://deb.debian.org/debian sid main]\n"
	    "ppas: [me/mine]\nenv: [A=b, _C=]\ntest-name: [smoke, up-1.0]\n"
	    "all-proposed: yes\ntest-git: https://host/a.git#branch\n"
	    "build-git: git://host/b\npriority: 10\n"
	    "not-before: 2026-11-22T16:00:00Z\nrequester: J\xc3\xa9r\n"
	    "submit-time: '2024-04-28 06:10:41+0000'\nread-by: team\n");
	ck_assert_str_eq(r.package, "libfoo2.0");
	ck_assert_str_eq(r.suite, "kali-rolling");
	ck_assert_str_eq(r.arch, "arm64");
	ck_assert_str_eq(r.version, "1:2.10-3~exp1");
	ck_assert_str_eq(r.class, "huge");
	ck_assert_str_eq(join(&r.triggers), "hello/2.10-3 | libfoo2.0/1.0");
	ck_assert_str_eq(join(&r.pin_packages), "unstable=src:hello,libc6");
	ck_assert_str_eq(join(&r.extra_apt_sources),
	    "deb https://deb.debian.org/debian sid main");
	ck_assert_str_eq(join(&r.ppas), "me/mine");
	ck_assert_str_eq(join(&r.env), "A=b | _C=");
	ck_assert_str_eq(join(&r.test_names), "smoke | up-1.0");
	ck_assert(r.all_proposed);
	ck_assert_str_eq(r.test_git, "https://host/a.git#branch");
	ck_assert_str_eq(r.build_git, "git://host/b");
	ck_assert_int_eq(r.priority, 10);
	ck_assert_int_eq(r.not_before_s, 1795363200);
	ck_assert_str_eq(r.requester, "J\xc3\xa9r");
	ck_assert_int_eq(r.submit_time_s, 1714284641);
	ck_assert_str_eq(join(&r.read_by), "team");
	request_free(&r);
}
END_TEST

START_TEST(leaves_what_is_not_said_empty)
{
	must_parse("package: hello\nsuite:\nversion: null\ntriggers: []\n");
	ck_assert_ptr_null(r.suite);
	ck_assert_ptr_null(r.version);
	ck_assert_uint_eq(r.triggers.n, 0);
	ck_assert_int_eq(r.priority, -1);
	ck_assert(!r.all_proposed);
	request_free(&r);
}
END_TEST

/* suite, arch, class, version, triggers; "-": not said */
static const struct {
	const char *text, *said;
} lines[] = {
	{ "hello", "- - - -" },
	{ "hello\n", "- - - -" },
	{ "  hello\r\n\r\n", "- - - -" },
	{ "# by hand\n\nhello\n# really\n", "- - - -" },
	{ "hello/2.10-3", "- - - 2.10-3" },
	{ "hello/1:2.10-3", "- - - 1:2.10-3" },
	{ "test hello_2.10-3", "- - - 2.10-3" },
	{ "test hello", "- - - -" },
	{ "debci-testing-amd64:hello", "testing amd64 - -" },
	{ "debci-testing-amd64:hello {}", "testing amd64 - -" },
	{ "debci-kali-rolling-arm64:hello {}", "kali-rolling arm64 - -" },
	{ "debci-huge-testing-amd64:hello {}", "testing amd64 huge -" },
	{ "debci-ppa-noble-amd64:hello {}", "noble amd64 ppa -" },
	{ "debci-upstream-noble-i386:hello {}", "noble i386 upstream -" },
	{ "debci-huge-amd64:hello {}", "huge amd64 - -" },
	{ "debci-sid-hurd-i386:hello {}", "sid hurd-i386 - -" },
	{ "debci-sid-kfreebsd-amd64:hello {}", "sid kfreebsd-amd64 - -" },
	{ "debci-sid-musl-linux-amd64:hello {}", "sid musl-linux-amd64 - -" },
	{ "hello {\"version\": \"2.10-3\"}", "- - - 2.10-3" },
	{ "hello\n{\"arch\": \"arm64\"}", "- arm64 - -" },
	{ "hello/1.0\n\n{\n\"arch\":\n\"arm64\"}\n", "- arm64 - 1.0" },
	{ "package: hello", "- - - -" },
	{ "package : hello", "- - - -" },
	{ "\"package\": hello\n", "- - - -" },
	{ "{package: hello}", "- - - -" },
	{ "---\npackage: hello\r\nsuite: sid\r\n...\n", "sid - - -" },
	{ "\xef\xbb\xbfpackage: hello\nsuite: sid\n", "sid - - -" },
	{ "%YAML 1.1\n---\npackage: hello\n", "- - - -" },
};

static const char *
or_dash(const char *s)
{
	return s ? s : "-";
}

START_TEST(reads_every_form)
{
	struct buf b = { 0 };

	must_parse(lines[_i].text);
	ck_assert_str_eq(r.package, "hello");
	buf_addf(&b, "%s %s %s %s", or_dash(r.suite), or_dash(r.arch),
	    or_dash(r.class), or_dash(r.version));
	ck_assert_str_eq(b.s, lines[_i].said);
	buf_free(&b);
	request_free(&r);
}
END_TEST

START_TEST(reads_what_britneys_send)
{
	must_parse("debci-testing-amd64:green {\"triggers\": "
	    "[\"red/2 blue/1:3-1\"]}");
	ck_assert_str_eq(join(&r.triggers), "red/2 | blue/1:3-1");
	request_free(&r);
	must_parse("debci-kali-rolling-amd64:green {\"triggers\": [\"red/2\"],"
	    " \"submit-time\": \"2024-04-28 06:10:41+0000\"}");
	ck_assert_int_eq(r.submit_time_s, 1714284641);
	request_free(&r);
	must_parse("green\n{\"triggers\": [\"migration-reference/0\"]}");
	ck_assert_str_eq(join(&r.triggers), "migration-reference/0");
	request_free(&r);
}
END_TEST

START_TEST(reads_words_of_debci_and_of_ubuntu)
{
	must_parse("{\"package\": \"hello\", \"trigger\": \"a1/1 b1/2\","
	    "\"pin-packages\": [[\"src:a1,src:b1\", \"unstable\"]]}");
	ck_assert_str_eq(join(&r.triggers), "a1/1 | b1/2");
	ck_assert_str_eq(join(&r.pin_packages), "unstable=src:a1,src:b1");
	request_free(&r);
	must_parse("hello {\"testname\": \"smoke\", \"all-proposed\": \"1\","
	    "\"ppas\": [\"me/my.ppa:0123456789ABCDEF\"],"
	    "\"readable-by\": [\"a\"], \"swiftuser\": \"b\"}");
	ck_assert_str_eq(join(&r.test_names), "smoke");
	ck_assert(r.all_proposed);
	ck_assert_str_eq(join(&r.ppas), "me/my.ppa:0123456789ABCDEF");
	ck_assert_str_eq(join(&r.read_by), "a | b");
	request_free(&r);
}
END_TEST

static const struct {
	const char *text, *reason;
} bad[] = {
	{ "", NAME ":1: nothing in it" },
	{ "\n \n# hello\n", NAME ":1: nothing in it" },
	{ "package: hello\n\ntrigers: [a1/1]\n",
	  NAME ":3: unknown key \"trigers\"; did you mean \"triggers\"?" },
	{ "package: hello\nxyzzy: 1\n", NAME ":2: unknown key \"xyzzy\"" },
	{ "suite: sid\n", NAME ":1: no package; " },
	{ "package: hello\npackage: hi\n", NAME ":2: \"package\" is said" },
	{ "hello {\"package\": \"hi\"}", NAME ":1: package is said twice" },
	{ "hello\n\n{\"arch\":\n\"x/y\"}\n", NAME ":4: arch: \"x/y\" is not" },
	{ "foo bar baz", NAME ":1: \"foo bar baz\" is not a request; write" },
	{ "hello\nworld\n", NAME ":2: more behind a line" },
	{ "\nhello\nsuite: sid\n", NAME ":3: more behind a line" },
	{ "package:hello", NAME ":1: \"package:hello\" lacks a blank" },
	{ "Hello", NAME ":1: package: \"Hello\" is not a source package" },
	{ "debci-testing:hello {}", NAME ":1: \"debci-testing\" names no" },
	{ "debci--amd64:hello", NAME ":1: \"debci--amd64\" names no suite" },
	{ "debci-a-b:hello {\"triggers\": [\"x\"]}\n"
	  "debci-a-b:hello {}\n", NAME ":2: not YAML: " },
	{ "- hello\n- world\n", NAME ":1: a list, but a file is one" },
	{ "'hello'", NAME ":1: not a request; write a mapping" },
	{ "package: ../../etc\n", NAME ":1: package: \"../../etc\" is not" },
	{ "../../etc/passwd", NAME ":1: package: \"..\" is not" },
	{ "package: [hello]\n", NAME ":1: package: write a source package" },
	{ "package: --help\n", NAME ":1: package: \"--help\" is not" },
	{ "package: hello\nsuite: ../x\n", NAME ":2: suite: " },
	{ "package: hello\nclass: a/b\n", NAME ":2: class: " },
	{ "package: hello\nclass: -a\n", NAME ":2: class: " },
	{ "package: hello\nversion: -1\n", NAME ":2: version: " },
	{ "package: hello\ntriggers:\n- a1/1\n- b1\n",
	  NAME ":4: triggers: \"b1\" is not a trigger" },
	{ "package: hello\ntriggers: {a: b}\n", NAME ":2: triggers: write a" },
	{ "package: hello\ntriggers: [[a1/1]]\n", NAME ":2: triggers: write" },
	{ "package: hello\ntriggers: [~]\n", NAME ":2: triggers: write a" },
	{ "package: hello\npriority: 11\n",
	  NAME ":2: priority: \"11\" is not a number from 0 to 10" },
	{ "package: hello\npriority: -1\n", NAME ":2: priority: " },
	{ "package: hello\npriority: 1x\n", NAME ":2: priority: " },
	{ "package: hello\npriority: ''\n", NAME ":2: priority: " },
	{ "package: hello\nall-proposed: maybe\n", NAME ":2: all-proposed: " },
	{ "package: hello\nnot-before: soon\n", NAME ":2: not-before: " },
	{ "package: hello\nnot-before: 999999999999\n",
	  NAME ":2: not-before: " },
	{ "package: hello\nrequester: \"a\\u001b[2J\"\n",
	  NAME ":2: requester: \"a?[2J\" is not" },
	{ "package: hello\nrequester: \"a\\u009b2J\"\n",
	  NAME ":2: requester: " },
	{ "package: hello\nrequester: \"a\\u2028b\"\n",
	  NAME ":2: requester: " },
	{ "package: &a hello\nsuite: *a\n", NAME ":1: an anchor" },
	{ "package: !!str hello\n", NAME ":1: a tag" },
	{ "package: hello\n--- \npackage: hi\n", NAME ":2: a second" },
	{ "\x1f\x8b\x08", NAME ":1: byte 0x1f, which no text has" },
	{ "package: hello\n\x7f", NAME ":2: byte 0x7f" },
};

START_TEST(refuses_with_a_line_a_reason_and_a_cure)
{
	must_refuse(bad[_i].text, strlen(bad[_i].text), bad[_i].reason);
}
END_TEST

static const struct {
	const char *key, *value;
	int ok;
} values[] = {
	{ "env", "A=b c \xc3\xa9 $(x) \"", 1 },
	{ "env", "A_1=x=y", 1 },
	{ "env", "1A=b", 0 },
	{ "env", "A", 0 },
	{ "env", "=b", 0 },
	{ "env", "A-B=c", 0 },
	{ "env", "--help=x", 0 },
	{ "env", "A=it's", 0 },
	{ "ppas", "me/mine", 1 },
	{ "ppas", "me/mine:0123456789abcdef", 1 },
	{ "ppas", "u:t@me/mine", 0 },
	{ "ppas", "me", 0 },
	{ "ppas", "me/", 0 },
	{ "ppas", "/mine", 0 },
	{ "ppas", "me/mine/more", 0 },
	{ "ppas", "me/mine:xyz", 0 },
	{ "ppas", "me/mine:0123456", 0 },
	{ "ppas", "-me/mine", 0 },
	{ "ppas", "u@me/mine", 0 },
	{ "ppas", "u:@me/mine", 0 },
	{ "ppas", "u:t;x@me/mine", 0 },
	{ "ppas", "me/$(x)", 0 },
	{ "extra-apt-sources", "deb [trusted=yes] http://x/ sid main", 1 },
	{ "extra-apt-sources", "deb-src http://x/ sid main", 1 },
	{ "extra-apt-sources", "http://x/ sid main", 0 },
	{ "extra-apt-sources", "deb\thttp://x/ sid main", 0 },
	{ "extra-apt-sources", "deb http://x/\\nsid main", 0 },
	{ "extra-apt-sources", "deb http://\xc3\xa9/ sid main", 0 },
	{ "extra-apt-sources", "-deb http://x/ sid main", 0 },
	{ "signing-keys", "QUJDREU=", 1 },
	{ "signing-keys", "QUI/+w==", 1 },
	{ "signing-keys", "QUJDREU", 0 },
	{ "signing-keys", "QUJDRA===", 0 },
	{ "signing-keys", "====", 0 },
	{ "signing-keys", "QUI=QUI=", 0 },
	{ "signing-keys", "QUJ DRE=", 0 },
	{ "signing-keys", "-----BEGIN", 0 },
	{ "test-git", "https://salsa.debian.org/a/b.git", 1 },
	{ "test-git", "https://host:8080/a~b#refs/pull/1/head", 1 },
	{ "test-git", "git://host/a", 1 },
	{ "test-git", "ext::sh -c id", 0 },
	{ "test-git", "ssh://host/a", 0 },
	{ "test-git", "file:///etc", 0 },
	{ "test-git", "--upload-pack=x", 0 },
	{ "test-git", "https://-x/", 0 },
	{ "test-git", "https://host/a b", 0 },
	{ "test-git", "https://host/a';id;'", 0 },
	{ "test-git", "https://host/a#", 0 },
	{ "test-git", "https://host/a#-x", 0 },
	{ "test-git", "https://host/a#b#c", 0 },
	{ "test-name", "smoke", 1 },
	{ "test-name", "-smoke", 0 },
	{ "test-name", "a/b", 0 },
	{ "test-name", "", 0 },
	{ "pin-packages", "unstable=src:a,b", 1 },
	{ "pin-packages", "unstable=", 0 },
	{ "pin-packages", "unstable=a,", 0 },
	{ "pin-packages", "unstable=a,,b", 0 },
	{ "pin-packages", "unstable=src:", 0 },
	{ "pin-packages", "unstable=src:-a", 0 },
	{ "pin-packages", "unstable=a b", 0 },
	{ "pin-packages", "unstable", 0 },
	{ "pin-packages", "=a", 0 },
	{ "pin-packages", "-x=a", 0 },
	{ "pin-packages", "../x=a", 0 },
};

START_TEST(checks_every_value)
{
	struct buf b = { 0 };
	int status;

	buf_addf(&b, "package: hello\n%s: |-\n  %s\n", values[_i].key,
	    values[_i].value);
	status = request_parse(&r, NAME, b.s, b.len, &f);
	ck_assert_msg(status == (values[_i].ok ? 0 : -1), "%s: %s",
	    values[_i].key, values[_i].value);
	buf_free(&b);
	request_free(&r);
}
END_TEST

START_TEST(refuses_a_newline_in_a_value)
{
	static const char text[] = "package: hello\nenv: \"A=b\\nc\"\n";

	must_refuse(text, strlen(text), NAME ":2: env: \"A=b?c\" is not");
}
END_TEST

START_TEST(refuses_nul_bytes_and_bad_utf8)
{
	must_refuse("package: hello\n\0\0\0", 18, NAME ":2: a NUL byte");
	must_refuse("hello\0world", 11, NAME ":1: a NUL byte");
	must_refuse("package: hello\nenv: A=\xff\n", 24,
	    NAME ":2: not YAML: invalid");
	must_refuse("h\xe9llo", 5, NAME ":1: package: ");
}
END_TEST

START_TEST(refuses_a_text_that_is_too_large)
{
	size_t n = REQUEST_SIZE_MOST;
	char *s = malloc(n + 1);

	memset(s, '\n', n + 1);
	memcpy(s, "hello", 5);
	ck_assert_int_eq(request_parse(&r, NAME, s, n, &f), 0);
	request_free(&r);
	must_refuse(s, n + 1, NAME ":1: 262145 bytes; a request has at most");
	free(s);
}
END_TEST

START_TEST(refuses_lists_that_no_command_line_holds)
{
	struct buf b = { 0 };

	buf_add(&b, "hello {triggers: [\"");
	for (int i = 0; i < 15000; i++)
		buf_add(&b, "ab/1.2-3 ");
	buf_add(&b, "\"]}");
	must_refuse(b.s, b.len, NAME ":1: triggers: 135000 bytes, but");
	buf_free(&b);
}
END_TEST

START_TEST(refuses_twenty_thousand_keys)
{
	struct buf b = { 0 };

	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "k%d: 1\n", i);
	must_refuse(b.s, b.len, NAME ":10000: too many keys");
	buf_free(&b);
}
END_TEST

START_TEST(names_a_line_once_for_an_importer)
{
	ck_assert_int_eq(request_parse(&r, "requests:17", "a b c", 5, &f), -1);
	ck_assert_ptr_eq(strstr(f.text, "requests:17: \"a b c\""), f.text);
}
END_TEST

static void
digest(char out[DIGEST_ID_MAX], const char *text)
{
	must_parse(text);
	request_digest(&r, out);
	request_free(&r);
}

START_TEST(writes_what_it_can_read_again)
{
	static const char text[] = "{package: hello, suite: sid, arch: amd64,"
	    "class: huge, version: 2.10-3, triggers: [a1/1, b1/2],"
	    "pin-packages: [unstable=src:a1], ppas: [a/b],"
	    "extra-apt-sources: ['deb http://x/ sid main'],"
	    "signing-keys: [QUJD, QUJDREU=],"
	    "env: [\"A=\\\"\\\\ \\u00e9\"], test-name: [smoke], priority: 0,"
	    "all-proposed: on, test-git: 'https://x/y', build-git: "
	    "'https://x/z#b', not-before: 86400, submit-time: 86401,"
	    "requester: \"J \\\"x\\\" {y}\", read-by: [a, b]}";
	struct buf first = { 0 }, second = { 0 };

	must_parse(text);
	request_write(&r, &first);
	request_free(&r);
	must_parse(first.s);
	ck_assert_int_eq(r.priority, 0);
	ck_assert_int_eq(r.not_before_s, 86400);
	ck_assert_str_eq(join(&r.env), "A=\"\\ \xc3\xa9");
	request_write(&r, &second);
	ck_assert_str_eq(first.s, second.s);
	ck_assert_ptr_nonnull(strstr(first.s, "\n  \"suite\": \"sid\",\n"));
	ck_assert_ptr_null(strstr(first.s, "swiftuser"));
	request_free(&r);
	buf_free(&first);
	buf_free(&second);
}
END_TEST

START_TEST(writes_only_what_was_said)
{
	struct buf b = { 0 };

	must_parse("hello");
	request_write(&r, &b);
	ck_assert_str_eq(b.s, "{\n  \"package\": \"hello\"\n}\n");
	buf_free(&b);
	request_free(&r);
}
END_TEST

START_TEST(digests_alike_whoever_asks_and_in_whatever_form)
{
	static const char *const same[] = {
	    "debci-sid-amd64:hello {\"triggers\": [\"a1/1 b1/2\"]}",
	    "package: hello\nsuite: sid\narch: amd64\ntriggers: [a1/1, b1/2]",
	    "arch: amd64\nsuite: sid\npackage: hello\ntrigger: a1/1 b1/2\n"
	    "requester: me\nsubmit-time: 1\nnot-before: 2\npriority: 9\n"
	    "all-proposed: no\n" };
	char first[DIGEST_ID_MAX], other[DIGEST_ID_MAX];

	digest(first, same[0]);
	for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
		digest(other, same[i]);
		ck_assert_str_eq(first, other);
	}
}
END_TEST

START_TEST(digests_differently_for_every_difference)
{
	static const char *const different[] = { "hello", "hello2", "hello/1",
	    "hello {read-by: you}",
	    "hello {suite: a}", "hello {arch: a}", "hello {class: a}",
	    "hello {triggers: [ab/1]}", "hello {triggers: [ab/1, cd/2]}",
	    "hello {triggers: [cd/2, ab/1]}", "hello {env: [A=b]}",
	    "hello {env: ['A=b\", \"C=d']}", "hello {env: [A=b, C=d]}",
	    "hello {test-name: a}", "hello {all-proposed: 1}",
	    "hello {test-git: 'https://a/'}", "hello {build-git: 'https://a/'}",
	    "hello {ppas: a/b}", "hello {pin-packages: a=b}",
	    "hello {extra-apt-sources: 'deb x'}" };
	enum { N = sizeof different / sizeof *different };
	char ids[N][DIGEST_ID_MAX];

	for (size_t i = 0; i < N; i++) {
		digest(ids[i], different[i]);
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(strcmp(ids[i], ids[j]) != 0, "%s = %s",
			    different[i], different[j]);
	}
}
END_TEST

START_TEST(frees_a_zeroed_request)
{
	r = (struct request){ 0 };
	request_free(&r);
	request_free(&r);
	ck_assert_ptr_null(r.package);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, reads_every_key);
	tcase_add_test(tc, leaves_what_is_not_said_empty);
	tcase_add_loop_test(tc, reads_every_form, 0,
	    sizeof lines / sizeof *lines);
	tcase_add_test(tc, reads_what_britneys_send);
	tcase_add_test(tc, reads_words_of_debci_and_of_ubuntu);
	tcase_add_loop_test(tc, refuses_with_a_line_a_reason_and_a_cure, 0,
	    sizeof bad / sizeof *bad);
	tcase_add_loop_test(tc, checks_every_value, 0,
	    sizeof values / sizeof *values);
	tcase_add_test(tc, refuses_a_newline_in_a_value);
	tcase_add_test(tc, refuses_nul_bytes_and_bad_utf8);
	tcase_add_test(tc, refuses_a_text_that_is_too_large);
	tcase_add_test(tc, refuses_lists_that_no_command_line_holds);
	tcase_add_test(tc, refuses_twenty_thousand_keys);
	tcase_add_test(tc, names_a_line_once_for_an_importer);
	tcase_add_test(tc, writes_what_it_can_read_again);
	tcase_add_test(tc, writes_only_what_was_said);
	tcase_add_test(tc, digests_alike_whoever_asks_and_in_whatever_form);
	tcase_add_test(tc, digests_differently_for_every_difference);
	tcase_add_test(tc, frees_a_zeroed_request);
}
