/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "policy.h"
#include "policy_inside.h"
#include "request.h"

enum { SOURCES = 6 };

struct policy {
	const struct conf *conf;
	struct policy_rules rules;
	struct stat seen[SOURCES];	/* of the files, when last read */
	char *warning;
};

/* The policy's own file first: it decides over the lists. */
static const char *
source(const struct conf *c, size_t i)
{
	const char *const files[SOURCES] = { c->policy, c->reject_list,
	    c->never_run, c->long_tests, c->big_packages, c->vm_packages };

	return files[i];
}

static int
read_source(const struct conf *c, size_t i, struct policy_rules *rules,
	struct fail *f)
{
	static const enum policy_list lists[SOURCES] = { [1] = POLICY_REJECT,
	    [2] = POLICY_NEVER, [3] = POLICY_LONG, [4] = POLICY_BIG,
	    [5] = POLICY_VM };
	const char *file = source(c, i);

	if (!file)
		return 0;
	return i == 0 ? policy_read_yaml(c, file, rules, f) :
	    policy_read_list(c, file, lists[i], rules, f);
}

/* Looks at the files; true where one is not what it was. */
static bool
have_changed(struct policy *p)
{
	bool changed = false;

	for (size_t i = 0; i < SOURCES; i++) {
		const char *file = source(p->conf, i);
		struct stat st = { 0 };

		if (file && fstatat(AT_FDCWD, file, &st, 0) != 0)
			st = (struct stat){ .st_size = -1 };
		changed |= !fs_is_same(&st, &p->seen[i]);
		p->seen[i] = st;
	}
	return changed;
}

static int
read_all(struct policy *p, struct fail *f)
{
	struct policy_rules rules = { 0 };
	int rc = 0;

	for (size_t i = 0; i < SOURCES && rc == 0; i++)
		rc = read_source(p->conf, i, &rules, f);
	if (rc != 0) {
		policy_rules_free(&rules);
		f->status = EX_CONFIG;
		return -1;
	}
	policy_rules_free(&p->rules);
	p->rules = rules;
	return 0;
}

struct policy *
policy_open(const struct conf *c, struct fail *f)
{
	struct policy *p = mem_alloc(sizeof *p);

	p->conf = c;
	/* First: what is written meanwhile is then seen as a change. */
	(void)have_changed(p);
	if (read_all(p, f) == 0)
		return p;
	policy_close(p);
	return NULL;
}

void
policy_look(struct policy *p, const struct log *log)
{
	struct fail f;

	if (!have_changed(p))
		return;
	free(p->warning);
	p->warning = NULL;
	if (read_all(p, &f) == 0) {
		log_say(log, LOG_LEVEL_INFO, "the policy was read anew: %zu "
		    "rules", p->rules.n);
		return;
	}
	p->warning = mem_printf("%s; the policy stays as it was", f.text);
	log_say(log, LOG_LEVEL_ERROR, "%s", p->warning);
}

const char *
policy_warning(const struct policy *p)
{
	return p->warning;
}

static bool
one_matches(const struct strs *globs, const char *name)
{
	for (size_t i = 0; i < globs->n; i++)
		if (name && fnmatch(globs->v[i], name, 0) == 0)
			return true;
	return globs->n == 0;
}

/* What is to be tested, as far as the request tells. */
static const char *
version_of(const struct request *r)
{
	size_t n = strlen(r->package);

	for (size_t i = 0; i < r->triggers.n && !r->version; i++)
		if (strncmp(r->triggers.v[i], r->package, n) == 0 &&
		    r->triggers.v[i][n] == '/')
			return r->triggers.v[i] + n + 1;
	return r->version;
}

static void
set(char **to, const char *value)
{
	if (!*to && value)
		*to = mem_dup(value);
}

/* Adds to the verdict what no rule before has said. */
static void
apply(const struct policy_rule *rule, struct policy_rule *said,
	struct policy_verdict *v)
{
	if (said->is_never == POLICY_ANY && rule->is_never != POLICY_ANY) {
		said->is_never = rule->is_never;
		set(&v->never, rule->never);
		set(&v->never_place, rule->never ? rule->place : NULL);
	}
	if (said->is_big == POLICY_ANY)
		said->is_big = rule->is_big;
	if (said->is_long == POLICY_ANY)
		said->is_long = rule->is_long;
	set(&v->virt_server, rule->virt_server);
	if (!v->timeout_s)
		v->timeout_s = rule->timeout_s;
	if (v->timeout_factor <= 0)
		v->timeout_factor = rule->timeout_factor;
	if (!said->has_arguments && rule->has_arguments)
		strs_add_all(&v->arguments, &rule->arguments);
	said->has_arguments |= rule->has_arguments;
	if (!said->has_env && rule->has_env)
		strs_add_all(&v->env, &rule->env);
	said->has_env |= rule->has_env;
}

void
policy_judge(const struct policy *p, const struct request *r,
	const char *queue, struct policy_verdict *v)
{
	struct policy_rule said = { .is_never = POLICY_ANY,
	    .is_big = POLICY_ANY, .is_long = POLICY_ANY };

	*v = (struct policy_verdict){ 0 };
	for (size_t i = 0; p && i < p->rules.n; i++) {
		const struct policy_rule *rule = &p->rules.v[i];

		if (one_matches(&rule->package, r->package) &&
		    one_matches(&rule->suite, r->suite) &&
		    one_matches(&rule->arch, r->arch) &&
		    one_matches(&rule->queue, queue) &&
		    one_matches(&rule->version, version_of(r)))
			apply(rule, &said, v);
	}
	v->big = said.is_big == POLICY_YES;
	v->long_tests = said.is_long == POLICY_YES;
}

void
policy_verdict_free(struct policy_verdict *v)
{
	free(v->never);
	free(v->never_place);
	free(v->virt_server);
	strs_free(&v->arguments);
	strs_free(&v->env);
	*v = (struct policy_verdict){ 0 };
}

void
policy_close(struct policy *p)
{
	if (!p)
		return;
	policy_rules_free(&p->rules);
	free(p->warning);
	free(p);
}
