/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that are lines:
 *
 *	hello			hello/2.10-3		test hello_2.10-3
 *	debci-[CLASS-]SUITE-ARCH:hello [{"triggers": ...}]
 *	hello {"triggers": ...}
 *
 * The mapping may also stand on the next line.
 */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
#include "request.h"
#include "request_key.h"
#include "request_read.h"
#include "strs.h"
#include "yaml.h"

#define BLANKS " \t\r\n"

static const char queue_prefix[] = "debci-";

const char *
request_first_line(const char *text)
{
	for (;;) {
		text += strspn(text, BLANKS);
		if (*text != '#')
			return text;
		text += strcspn(text, "\n");
	}
}

/* A mapping's first word is a key, or something that only YAML begins with. */
bool
request_is_map(const char *text)
{
	const char *line = request_first_line(text);
	size_t word = strcspn(line, BLANKS);

	if (strchr("{[\"'-%?!&*|>", line[0]))
		return true;
	if (line[word - 1] == ':')
		return true;
	return line[word + strspn(line + word, " \t")] == ':';
}

static int
set(struct request *r, const char *key, const char *value, struct fail *f)
{
	return request_key_set(r, request_key_find(key), value, f);
}

static int
setn(struct request *r, const char *key, const char *value, size_t n,
	struct fail *f)
{
	char *s = mem_dupn(value, n);
	int status = set(r, key, s, f);

	free(s);
	return status;
}

/* hello, hello/2.10-3, hello_2.10-3 */
static int
read_source(struct request *r, const char *word, struct fail *f)
{
	size_t n = strcspn(word, "/_");

	if (setn(r, "package", word, n, f) != 0)
		return -1;
	return word[n] ? set(r, "version", word + n + 1, f) : 0;
}

static bool
ends_with(const char *s, size_t n, const char *end)
{
	return n > strlen(end) && strncmp(s + n - strlen(end), end,
	    strlen(end)) == 0;
}

/*
 * How much of SUITE-ARCH is the suite, 0 where it is no such thing.  Suites
 * have hyphens (kali-rolling), architectures only where a kernel is named.
 */
static size_t
measure_suite(const char *s, size_t n)
{
	static const char *const kernels[] = { "-hurd", "-kfreebsd",
	    "-musl-linux" };
	const char *hyphen = memrchr(s, '-', n);
	size_t suite = hyphen ? (size_t)(hyphen - s) : 0;

	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
		if (ends_with(s, suite, kernels[i]))
			return suite - strlen(kernels[i]);
	return suite;
}

static size_t
measure_class(const char *s, size_t n)
{
	static const char *const classes[] = { "huge", "ppa", "upstream" };

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		size_t len = strlen(classes[i]);

		/* debci-ppa-amd64 would be a suite of that name. */
		if (n > len && strncmp(s, classes[i], len) == 0 &&
		    s[len] == '-' &&
		    measure_suite(s + len + 1, n - len - 1) > 0)
			return len;
	}
	return 0;
}

/* s is [CLASS-]SUITE-ARCH:SOURCE, its first n bytes before the colon. */
static int
read_queue(struct request *r, const char *s, size_t n, struct fail *f)
{
	const char *source = s + n + 1;
	size_t class = measure_class(s, n), suite;

	if (class) {
		if (setn(r, "class", s, class, f) != 0)
			return -1;
		s += class + 1;
		n -= class + 1;
	}
	suite = measure_suite(s, n);
	if (suite == 0)
		return fail_set(f, EX_DATAERR, "\"%s%.*s\" names no suite and "
		    "architecture; write debci-SUITE-ARCH:SOURCE {...}",
		    queue_prefix, (int)(n < 80 ? n : 80), s);
	if (setn(r, "suite", s, suite, f) != 0 ||
	    setn(r, "arch", s + suite + 1, n - suite - 1, f) != 0)
		return -1;
	return read_source(r, source, f);
}

/* package:hello, from somebody who wants a mapping. */
static bool
lacks_blank(const char *word)
{
	char *key = mem_dupn(word, strcspn(word, ":"));
	bool lacks = word[strlen(key)] && request_key_find(key);

	free(key);
	return lacks;
}

static int
read_word(struct request *r, const char *word, struct fail *f)
{
	size_t prefix = strlen(queue_prefix), colon = strcspn(word, ":/_");

	if (strncmp(word, queue_prefix, prefix) == 0 && word[colon] == ':')
		return read_queue(r, word + prefix, colon - prefix, f);
	if (lacks_blank(word))
		return fail_set(f, EX_DATAERR, "\"%.80s\" lacks a blank behind "
		    "its colon", word);
	return read_source(r, word, f);
}

static int
read_head(struct request *r, const char *head, struct fail *f)
{
	struct strs words = { 0 };
	int status;

	strs_split(&words, head, BLANKS);
	if (words.n == 1)
		status = read_word(r, words.v[0], f);
	else if (words.n == 2 && strcmp(words.v[0], "test") == 0)
		status = read_source(r, words.v[1], f);
	else
		status = fail_set(f, EX_DATAERR, "\"%.80s\" is not a request; "
		    "write \"hello\", \"hello/2.10-3\", \"test hello_2.10-3\", "
		    "\"debci-testing-amd64:hello {...}\", or a mapping, "
		    "\"package: hello\"", head);
	strs_free(&words);
	return status;
}

static unsigned
line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* So that libyaml counts the lines before it. */
static void
blank_out(char *text, const char *end)
{
	for (; text < end; text++)
		if (*text != '\n')
			*text = ' ';
}

int
request_read_line(struct request *r, const char *name, char *text,
	struct fail *f)
{
	const char *line = request_first_line(text);
	size_t n = strcspn(line, "{\r\n");
	const char *more = request_first_line(line + n);
	char *head = mem_dupn(line, n);
	int status = read_head(r, head, f);

	free(head);
	if (status != 0)
		return yaml_place(f, name, line_of(text, line));
	if (*more == '{') {
		blank_out(text, more);
		return request_read_map(r, name, text, f);
	}
	if (!*more)
		return 0;
	(void)fail_set(f, EX_DATAERR, "more behind a line that is a whole "
	    "request; one file is one request, and says more as a mapping, "
	    "\"package: hello\"");
	return yaml_place(f, name, line_of(text, more));
}
