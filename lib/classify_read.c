/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table as adtspool-failures(5) has it: a list of mappings. */
#include <stdlib.h>
#include <string.h>

#include "classify_inside.h"
#include "fail.h"
#include "mem.h"
#include "yaml.h"

enum { NAME_MOST = 64, TEXT_LEAST = 4, TEXT_MOST = 200, REGEX_MOST = 500 };

/* Where nothing is said of them: what autopkgtest itself calls no test's. */
static const uint32_t exits_of[] = {
	[CLASSIFY_TMPFAIL] = 1 << 12 | 1 << 14 | 1 << 16 | 1 << 20,
	[CLASSIFY_FAIL] = 1 << 16,
};

static int
set_name(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	size_t n = strlen(y->text);

	if (p->name || n < 1 || n > NAME_MOST || strspn(y->text,
	    "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return fail_set(f, EX_DATAERR, "name: \"%.80s\" is not one, "
		    "like no-space; small letters, digits and hyphens",
		    y->text);
	p->name = mem_dup(y->text);
	return 0;
}

static int
set_text(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	size_t n = strlen(y->text);

	if (n < TEXT_LEAST || n > TEXT_MOST || strpbrk(y->text, "\r\n"))
		return fail_set(f, EX_DATAERR, "text: \"%.80s\" is not %d to "
		    "%d bytes of one line", y->text, TEXT_LEAST, TEXT_MOST);
	p->text = mem_dup(y->text);
	return 0;
}

static bool
refers_back(const char *regex)
{
	for (; *regex; regex++)
		if (*regex == '\\' && *++regex >= '1' && *regex <= '9')
			return true;
		else if (!*regex)
			break;
	return false;
}

static int
set_regex(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	char reason[256];
	int rc;

	if (strlen(y->text) > REGEX_MOST || refers_back(y->text))
		return fail_set(f, EX_DATAERR, "regex: \"%.80s\" has more than "
		    "%d bytes, or a back-reference", y->text, REGEX_MOST);
	rc = regcomp(&p->regex, y->text, REG_EXTENDED | REG_NOSUB);
	p->has_regex = rc == 0;
	if (rc == 0)
		return 0;
	(void)regerror(rc, &p->regex, reason, sizeof reason);
	return fail_set(f, EX_DATAERR, "regex: \"%.80s\" is no extended "
	    "regular expression: %s", y->text, reason);
}

static int
set_means(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	if (strcmp(y->text, "tmpfail") == 0)
		p->means = CLASSIFY_TMPFAIL;
	else if (strcmp(y->text, "fail") == 0)
		p->means = CLASSIFY_FAIL;
	else
		return fail_set(f, EX_DATAERR, "means: \"%.80s\" is not "
		    "tmpfail or fail", y->text);
	return 0;
}

static int
add_exit(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	static const struct { const char *text; int code; } known[] = {
	    { "4", 4 }, { "6", 6 }, { "12", 12 }, { "14", 14 }, { "16", 16 },
	    { "20", 20 } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].text, y->text) == 0) {
			p->exits |= UINT32_C(1) << known[i].code;
			return 0;
		}
	return fail_set(f, EX_DATAERR, "exits: \"%.80s\" is not 4, 6, 12, 14, "
	    "16 or 20", y->text);
}

static int
add_package(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	(void)f;
	strs_add(&p->packages, y->text);
	return 0;
}

static int
add_exception(struct classify_pattern *p, const struct yaml *y, struct fail *f)
{
	(void)f;
	strs_add(&p->except, y->text);
	return 0;
}

static const struct key {
	const char *name;
	bool takes_list;
	int (*set)(struct classify_pattern *p, const struct yaml *y,
		struct fail *f);
} keys[] = {
	{ "name", false, set_name },
	{ "text", false, set_text },
	{ "regex", false, set_regex },
	{ "exits", true, add_exit },
	{ "packages", true, add_package },
	{ "except", true, add_exception },
	{ "means", false, set_means },
};

enum { KEYS = sizeof keys / sizeof *keys };

static const struct key *
find_key(const char *word, struct fail *f)
{
	const char *known[KEYS + 1] = { NULL };

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, word) == 0)
			return &keys[i];
		known[i] = keys[i].name;
	}
	(void)yaml_unknown(f, "key", word, known);
	return NULL;
}

static int
read_value(struct classify_pattern *p, const struct key *k,
	const struct yaml *value, struct fail *f)
{
	if (value->kind == YAML_TEXT)
		return k->set(p, value, f);
	if (value->kind != YAML_LIST || !k->takes_list)
		return fail_set(f, EX_DATAERR, "%s: write %s", k->name,
		    k->takes_list ? "a text, or a list of them" : "a text");
	for (size_t i = 0; i < value->n; i++)
		if (value->items[i].kind != YAML_TEXT)
			return fail_set(f, EX_DATAERR, "%s: write a list of "
			    "texts", k->name);
		else if (k->set(p, &value->items[i], f) != 0)
			return -1;
	return 0;
}

static bool
has_name(const struct classify *c, const char *name)
{
	for (size_t i = 0; i + 1 < c->n; i++)
		if (strcmp(c->v[i].name, name) == 0)
			return true;
	return false;
}

static int
complete(const struct classify *c, struct classify_pattern *p, bool has_means,
	struct fail *f)
{
	if (!p->name || !p->text || !has_means)
		return fail_set(f, EX_DATAERR, "a pattern needs name, text and "
		    "means");
	if (has_name(c, p->name))
		return fail_set(f, EX_DATAERR, "name: %s is there already",
		    p->name);
	if (!p->exits)
		p->exits = exits_of[p->means];
	return 0;
}

static int
read_pattern(struct classify *c, const struct yaml *y, struct fail *f)
{
	struct classify_pattern *p = &c->v[c->n++];
	bool has_means = false;

	if (y->kind != YAML_MAP) {
		(void)fail_set(f, EX_DATAERR, "not a mapping; write lines like "
		    "\"- name: no-space\"");
		return yaml_place(f, c->path, y->line);
	}
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *key = &y->items[2 * i];
		const struct key *k = find_key(key->text, f);

		if (!k || read_value(p, k, key + 1, f) != 0)
			return yaml_place(f, c->path, key->line);
		has_means |= k->set == set_means;
	}
	return complete(c, p, has_means, f) == 0 ? 0 :
	    yaml_place(f, c->path, y->line);
}

int
classify_parse(struct classify *c, const char *p, size_t n, struct fail *f)
{
	struct yaml *y = yaml_tree_parse(c->path, p, n, f);
	int rc = 0;

	if (!y)
		return -1;
	if (y->kind != YAML_LIST || y->n > CLASSIFY_PATTERNS_MOST) {
		(void)fail_set(f, EX_DATAERR, "not a list of at most %d "
		    "patterns", CLASSIFY_PATTERNS_MOST);
		rc = yaml_place(f, c->path, y->line);
	} else {
		c->v = mem_alloc((y->n + 1) * sizeof *c->v);
		for (size_t i = 0; i < y->n && rc == 0; i++)
			rc = read_pattern(c, &y->items[i], f);
	}
	yaml_tree_free(y);
	return rc;
}
