/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adtspool-policy(5)'s file: a list of mappings, each of which says which
 * requests it is for, and what holds for them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "policy.h"
#include "policy_inside.h"
#include "request_check.h"
#include "yaml.h"

enum { TIMEOUT_MOST_S = 30 * 86400, ARGUMENT_MOST = 4096 };
static const double factor_most = 1000;

struct reader {
	const struct conf *conf;
	const char *file;
	struct policy_rule *rule;
	struct fail *f;
};

struct key {
	const char *name;
	/* Takes one text of the value; -1 where it is not what is wanted. */
	int (*take)(const struct reader *rd, const struct key *k,
		const char *value);
	size_t at;		/* of the list it adds to */
	const char *want;
	bool is_list;
	bool splits;		/* one text is split at blanks */
};

static int
refuse(const struct reader *rd, const struct key *k, const char *value)
{
	return fail_set(rd->f, EX_CONFIG, "%s: \"%.80s\" is not %s", k->name,
	    value, k->want);
}

static int
take_glob(const struct reader *rd, const struct key *k, const char *value)
{
	void *to = (char *)rd->rule + k->at;

	if (!policy_glob_ok(value))
		return refuse(rd, k, value);
	strs_add(to, value);
	return 0;
}

/* 1 or 0 for the words of YAML, or else -1. */
static int
yes_or_no(const char *value)
{
	static const char *const words[][2] = { { "no", "yes" },
	    { "false", "true" }, { "off", "on" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		for (int yes = 0; yes <= 1; yes++)
			if (strcasecmp(value, words[i][yes]) == 0)
				return yes ? POLICY_YES : POLICY_NO;
	return -1;
}

static bool
is_reason(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return *s && strlen(s) <= POLICY_REASON_MOST;
}

/* "no" is for what another rule, or a list, would not let run. */
static int
take_never(const struct reader *rd, const struct key *k, const char *value)
{
	if (yes_or_no(value) == POLICY_NO) {
		rd->rule->is_never = POLICY_NO;
		return 0;
	}
	if (yes_or_no(value) == POLICY_YES || !is_reason(value))
		return refuse(rd, k, value);
	rd->rule->is_never = POLICY_YES;
	rd->rule->never = mem_dup(value);
	return 0;
}

static int
take_yes_or_no(const struct reader *rd, const struct key *k,
	const char *value)
{
	void *to = (char *)rd->rule + k->at;
	int yes = yes_or_no(value);

	if (yes < 0)
		return refuse(rd, k, value);
	*(int *)to = yes;
	return 0;
}

static int
take_virt(const struct reader *rd, const struct key *k, const char *value)
{
	if (!conf_virt_find(rd->conf, value, rd->f))
		return fail_prefix(rd->f, "%s", k->name);
	rd->rule->virt_server = mem_dup(value);
	return 0;
}

static int
take_timeout(const struct reader *rd, const struct key *k, const char *value)
{
	int64_t s;

	if (clock_parse_span(value, &s) != 0 || s < 1 || s > TIMEOUT_MOST_S)
		return refuse(rd, k, value);
	rd->rule->timeout_s = s;
	return 0;
}

static int
take_factor(const struct reader *rd, const struct key *k, const char *value)
{
	char *end;
	double n = strtod(value, &end);

	if (value[strspn(value, "0123456789.")] || *end || end == value ||
	    !(n > 0 && n <= factor_most))
		return refuse(rd, k, value);
	rd->rule->timeout_factor = n;
	return 0;
}

/* More would be a package, or the end of autopkgtest's own. */
static int
take_argument(const struct reader *rd, const struct key *k,
	const char *value)
{
	if (value[0] != '-' || strcmp(value, "--") == 0 ||
	    strlen(value) > ARGUMENT_MOST)
		return refuse(rd, k, value);
	rd->rule->has_arguments = true;
	strs_add(&rd->rule->arguments, value);
	return 0;
}

static int
take_env(const struct reader *rd, const struct key *k, const char *value)
{
	if (!request_env_ok(value))
		return refuse(rd, k, value);
	rd->rule->has_env = true;
	strs_add(&rd->rule->env, value);
	return 0;
}

#define AT(member) offsetof(struct policy_rule, member)
#define GLOB(key, member, example) { .name = key, .take = take_glob, \
	.at = AT(member), .is_list = true, .want = example }

static const struct key keys[] = {
	GLOB("package", package, "a glob of source packages, like linux*"),
	GLOB("suite", suite, "a glob of suites, like noble*"),
	GLOB("arch", arch, "a glob of architectures, like arm*"),
	GLOB("queue", queue, "a glob of queues, like *.huge"),
	{ .name = "never", .take = take_never, .want = "why it is not to be "
	  "run, in one line; or no" },
	{ .name = "big", .take = take_yes_or_no, .at = AT(is_big),
	  .want = "yes or no" },
	{ .name = "long", .take = take_yes_or_no, .at = AT(is_long),
	  .want = "yes or no" },
	{ .name = "virt-server", .take = take_virt,
	  .want = "one of the configuration's virt-servers" },
	{ .name = "timeout", .take = take_timeout,
	  .want = "a time from 1s to 30d, like 12h" },
	{ .name = "timeout-factor", .take = take_factor,
	  .want = "a number above 0, at most 1000, like 2.5" },
	{ .name = "arguments", .take = take_argument, .is_list = true,
	  .splits = true, .want = "an option in one word, like "
	  "--needs-internet=skip" },
	{ .name = "env", .take = take_env, .is_list = true,
	  .want = "NAME=value on one line, without '" },
	{ .name = NULL },
};

enum { KEYS = sizeof keys / sizeof *keys };

static int
place(const struct reader *rd, const struct yaml *y)
{
	return yaml_place(rd->f, rd->file, y->line);
}

static int
take_words(const struct reader *rd, const struct key *k, const char *value)
{
	struct strs words = { 0 };
	int rc = 0;

	strs_split(&words, value, " \t\r\n");
	for (size_t i = 0; i < words.n && rc == 0; i++)
		rc = k->take(rd, k, words.v[i]);
	strs_free(&words);
	return rc;
}

static int
read_value(const struct reader *rd, const struct key *k,
	const struct yaml *y)
{
	int rc;

	if (y->kind != YAML_TEXT)
		rc = fail_set(rd->f, EX_CONFIG, "%s: write %s", k->name,
		    k->want);
	else
		rc = k->splits ? take_words(rd, k, y->text) :
		    k->take(rd, k, y->text);
	return rc ? place(rd, y) : 0;
}

static int
read_key(const struct reader *rd, const struct yaml *key)
{
	const char *known[KEYS];
	const struct yaml *value = key + 1;
	const struct key *k = keys;
	int rc = 0;

	for (size_t i = 0; i < KEYS; i++)
		known[i] = keys[i].name;
	while (k->name && strcmp(k->name, key->text) != 0)
		k++;
	if (!k->name) {
		(void)yaml_unknown(rd->f, "key", key->text, known);
		return place(rd, key);
	}
	/* In a list, words are whole: --setup-commands=apt-get update */
	if (value->kind != YAML_LIST || !k->is_list)
		return read_value(rd, k, value);
	/* An empty list says that there are none. */
	rd->rule->has_arguments |= k->take == take_argument;
	rd->rule->has_env |= k->take == take_env;
	for (size_t i = 0; i < value->n && rc == 0; i++) {
		struct key whole = *k;

		whole.splits = false;
		rc = read_value(rd, &whole, &value->items[i]);
	}
	return rc;
}

static int
check(const struct reader *rd, const struct yaml *y)
{
	const struct policy_rule *r = rd->rule;

	if (r->package.n + r->suite.n + r->arch.n + r->queue.n == 0) {
		(void)fail_set(rd->f, EX_CONFIG, "for which requests? write "
		    "package, suite, arch or queue; package: \"*\" is all");
		return place(rd, y);
	}
	return 0;
}

static int
read_rules(const struct conf *c, const char *file, const struct yaml *y,
	struct policy_rules *rules, struct fail *f)
{
	struct reader rd = { .conf = c, .file = file, .f = f };
	int rc = 0;

	if (y->kind == YAML_NULL)
		return 0;
	for (size_t i = 0; y->kind == YAML_LIST && i < y->n; i++) {
		const struct yaml *item = &y->items[i];

		if (item->kind != YAML_MAP) {
			y = item;
			break;
		}
		rd.rule = policy_rules_add(rules, file, item->line, f);
		for (size_t k = 0; rd.rule && rc == 0 && k < item->n; k++)
			rc = read_key(&rd, &item->items[2 * k]);
		if (!rd.rule || rc != 0 || check(&rd, item) != 0)
			return -1;
	}
	if (y->kind == YAML_LIST)
		return 0;
	(void)fail_set(f, EX_CONFIG, "not a list of rules; write \"- package: "
	    "hello\", and what holds for it in the lines below");
	return yaml_place(f, file, y->line);
}

int
policy_read_yaml(const struct conf *c, const char *file,
	struct policy_rules *rules, struct fail *f)
{
	struct buf b = { 0 };
	struct yaml *y = NULL;
	int rc = -1;

	if (fs_read(AT_FDCWD, file, POLICY_FILE_MOST, &b, f) == 0)
		y = yaml_tree_parse(file, b.s ? b.s : "", b.len, f);
	if (y)
		rc = read_rules(c, file, y, rules, f);
	yaml_tree_free(y);
	buf_free(&b);
	return rc;
}
