/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a rule, and what each of them takes. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "policy.h"
#include "policy_inside.h"
#include "request_check.h"

enum { TIMEOUT_MOST_S = 30 * 86400, ARGUMENT_MOST = 4096 };
static const double factor_most = 1000;

static int
refuse(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
{
	return fail_set(rd->f, EX_CONFIG, "%s: \"%.80s\" is not %s", k->name,
	    value, k->want);
}

static int
take_glob(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
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
take_never(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
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
take_yes_or_no(const struct policy_reader *rd, const struct policy_key *k,
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
take_virt(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
{
	if (!conf_virt_find(rd->conf, value, rd->f))
		return fail_prefix(rd->f, "%s", k->name);
	rd->rule->virt_server = mem_dup(value);
	return 0;
}

static int
take_timeout(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
{
	int64_t s;

	if (clock_parse_span(value, &s) != 0 || s < 1 || s > TIMEOUT_MOST_S)
		return refuse(rd, k, value);
	rd->rule->timeout_s = s;
	return 0;
}

static int
take_factor(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
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
take_argument(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
{
	if (value[0] != '-' || strcmp(value, "--") == 0 ||
	    strlen(value) > ARGUMENT_MOST)
		return refuse(rd, k, value);
	strs_add(&rd->rule->arguments, value);
	return 0;
}

static int
take_env(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
{
	if (!request_env_ok(value))
		return refuse(rd, k, value);
	strs_add(&rd->rule->env, value);
	return 0;
}

#define AT(member) offsetof(struct policy_rule, member)
#define GLOB(key, member, example) { .name = key, .take = take_glob, \
	.at = AT(member), .is_list = true, .want = example }

const struct policy_key policy_keys[] = {
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
	{ .name = "arguments", .take = take_argument,
	  .has = AT(has_arguments), .is_list = true, .splits = true,
	  .want = "an option in one word, like --needs-internet=skip" },
	{ .name = "env", .take = take_env, .has = AT(has_env), .is_list = true,
	  .want = "NAME=value on one line, without '" },
	{ .name = NULL },
};
