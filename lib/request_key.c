/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "fail.h"
#include "mem.h"
#include "name.h"
#include "request.h"
#include "request_check.h"
#include "request_key.h"
#include "token.h"

#define AT(member) offsetof(struct request, member)
#define TRIGGER "a trigger, like hello/2.10-3"
#define TEST_NAME "the name of a test, like smoke"
#define READER "a name of at most 128 bytes"

/* 9999-12-31, the last day that has four digits of a year. */
static const int64_t time_most_s = 253402300799;

const struct request_key request_keys[] = {
	{ "package", REQUEST_TEXT, REQUEST_WHAT, AT(package), name_source_ok,
	  "a source package, like hello or libfoo2.0" },
	{ "suite", REQUEST_TEXT, REQUEST_WHAT, AT(suite), name_suite_ok,
	  "a suite, like unstable or kali-rolling" },
	{ "arch", REQUEST_TEXT, REQUEST_WHAT, AT(arch), name_arch_ok,
	  "an architecture, like amd64" },
	{ "class", REQUEST_TEXT, REQUEST_WHAT, AT(class), request_class_ok,
	  "a class of workers, like huge" },
	{ "version", REQUEST_TEXT, REQUEST_WHAT, AT(version), name_version_ok,
	  "a version, like 2.10-3" },
	{ "triggers", REQUEST_WORDS, REQUEST_WHAT, AT(triggers),
	  name_trigger_ok, TRIGGER },
	{ "trigger", REQUEST_WORDS, REQUEST_SYNONYM, AT(triggers),
	  name_trigger_ok, TRIGGER },
	{ "pin-packages", REQUEST_PINS, REQUEST_WHAT, AT(pin_packages),
	  request_pin_ok, "a pin, like unstable=src:hello,libc6" },
	{ "extra-apt-sources", REQUEST_LIST, REQUEST_WHAT,
	  AT(extra_apt_sources), request_apt_source_ok,
	  "a line of sources.list, like"
	  " deb https://deb.debian.org/debian sid main" },
	{ "signing-keys", REQUEST_LIST, REQUEST_WHAT, AT(signing_keys),
	  request_signing_key_ok, "an OpenPGP key in base64, on one line" },
	{ "signing-key", REQUEST_LIST, REQUEST_SYNONYM, AT(signing_keys),
	  request_signing_key_ok, "an OpenPGP key in base64, on one line" },
	{ "ppas", REQUEST_LIST, REQUEST_WHAT, AT(ppas), request_ppa_ok,
	  "a PPA, like owner/name or owner/name:FINGERPRINT" },
	{ "env", REQUEST_LIST, REQUEST_WHAT, AT(env), request_env_ok,
	  "NAME=value on one line, without '" },
	{ "test-name", REQUEST_LIST, REQUEST_WHAT, AT(test_names),
	  request_test_name_ok, TEST_NAME },
	{ "testname", REQUEST_LIST, REQUEST_SYNONYM, AT(test_names),
	  request_test_name_ok, TEST_NAME },
	{ "all-proposed", REQUEST_YES_NO, REQUEST_WHAT, AT(all_proposed),
	  NULL, "yes or no" },
	{ "test-git", REQUEST_TEXT, REQUEST_WHAT, AT(test_git),
	  request_git_ok, "a Git URL, like https://host/hello.git#branch" },
	{ "build-git", REQUEST_TEXT, REQUEST_WHAT, AT(build_git),
	  request_git_ok, "a Git URL, like https://host/hello.git#branch" },
	{ "priority", REQUEST_PRIORITY, REQUEST_ABOUT, AT(priority), NULL,
	  "a number from 0 to 10" },
	{ "not-before", REQUEST_TIME, REQUEST_ABOUT, AT(not_before_s), NULL,
	  "a UTC time, like 2026-11-22T16:00:00Z" },
	{ "requester", REQUEST_TEXT, REQUEST_ABOUT, AT(requester),
	  request_person_ok, READER },
	{ "submit-time", REQUEST_TIME, REQUEST_ABOUT, AT(submit_time_s), NULL,
	  "a UTC time, like 2026-11-22T16:00:00Z" },
	{ "read-by", REQUEST_LIST, REQUEST_WHAT, AT(read_by),
	  request_person_ok, READER },
	{ "readable-by", REQUEST_LIST, REQUEST_SYNONYM, AT(read_by),
	  request_person_ok, READER },
	/* It makes a result private, so passing over it would publish one. */
	{ "swiftuser", REQUEST_LIST, REQUEST_SYNONYM, AT(read_by),
	  request_person_ok, READER },
	{ .name = NULL },
};

const struct request_key *
request_key_find(const char *name)
{
	const struct request_key *k;

	for (k = request_keys; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static int
refuse(const struct request_key *k, const char *value, struct fail *f)
{
	return fail_set(f, EX_DATAERR, "%s: \"%.80s\" is not %s", k->name,
	    value, k->want);
}

static int
set_text(char **to, const struct request_key *k, const char *value,
	struct fail *f)
{
	if (!k->ok(value))
		return refuse(k, value, f);
	if (*to)
		return fail_set(f, EX_DATAERR,
		    "%s is said twice, as \"%.80s\" and \"%.80s\"; leave one "
		    "out", k->name, *to, value);
	*to = mem_dup(value);
	return 0;
}

static int
add_item(struct strs *to, const struct request_key *k, const char *value,
	struct fail *f)
{
	if (!k->ok(value))
		return refuse(k, value, f);
	strs_add(to, value);
	return 0;
}

static int
add_words(struct strs *to, const struct request_key *k, const char *value,
	struct fail *f)
{
	struct strs words = { 0 };
	int status = 0;

	strs_split(&words, value, " \t\r\n");
	for (size_t i = 0; i < words.n && status == 0; i++)
		status = add_item(to, k, words.v[i], f);
	strs_free(&words);
	return status;
}

static int
set_yes_no(bool *to, const struct request_key *k, const char *value,
	struct fail *f)
{
	static const char *const words[][2] = { { "no", "yes" },
	    { "false", "true" }, { "0", "1" }, { "off", "on" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		for (int yes = 0; yes <= 1; yes++)
			if (strcasecmp(value, words[i][yes]) == 0) {
				*to = yes;
				return 0;
			}
	return refuse(k, value, f);
}

static int
set_priority(int *to, const struct request_key *k, const char *value,
	struct fail *f)
{
	size_t len = strlen(value);
	int n = atoi(value);

	if (len < 1 || len > 2 || strspn(value, "0123456789") != len ||
	    n > TOKEN_PRIORITY_MOST)
		return refuse(k, value, f);
	*to = n;
	return 0;
}

static int
set_time(int64_t *to, const struct request_key *k, const char *value,
	struct fail *f)
{
	int64_t s;

	if (clock_parse(value, &s) != 0 || s < 0 || s > time_most_s)
		return refuse(k, value, f);
	*to = s;
	return 0;
}

int
request_key_set(struct request *r, const struct request_key *k,
	const char *value, struct fail *f)
{
	void *to = (char *)r + k->at;

	switch (k->shape) {
	case REQUEST_TEXT:
		return set_text(to, k, value, f);
	case REQUEST_WORDS:
		return add_words(to, k, value, f);
	case REQUEST_YES_NO:
		return set_yes_no(to, k, value, f);
	case REQUEST_PRIORITY:
		return set_priority(to, k, value, f);
	case REQUEST_TIME:
		return set_time(to, k, value, f);
	case REQUEST_LIST:
	case REQUEST_PINS:
	default:
		return add_item(to, k, value, f);
	}
}

const struct strs *
request_key_list(const struct request *r, const struct request_key *k)
{
	const void *p = (const char *)r + k->at;

	return k->shape == REQUEST_LIST || k->shape == REQUEST_WORDS ||
	    k->shape == REQUEST_PINS ? p : NULL;
}

void
request_key_clear(struct request *r, const struct request_key *k)
{
	void *p = (char *)r + k->at;

	if (request_key_list(r, k)) {
		strs_free(p);
	} else if (k->shape == REQUEST_TEXT) {
		free(*(char **)p);
		*(char **)p = NULL;
	}
}
