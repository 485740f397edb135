/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adtspool-policy(5)'s file: a list of mappings, each of which says which
 * requests it is for, and what holds for them.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "policy.h"
#include "policy_inside.h"
#include "yaml.h"

enum { KNOWN_MOST = 32 };

static int
place(const struct policy_reader *rd, const struct yaml *y)
{
	return yaml_place(rd->f, rd->file, y->line);
}

static int
take_words(const struct policy_reader *rd, const struct policy_key *k,
	const char *value)
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
read_value(const struct policy_reader *rd, const struct policy_key *k,
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
read_key(const struct policy_reader *rd, const struct yaml *key)
{
	const char *known[KNOWN_MOST] = { NULL };
	const struct yaml *value = key + 1;
	const struct policy_key *k = policy_keys;
	int rc = 0;

	for (size_t i = 0; i < KNOWN_MOST - 1 && policy_keys[i].name; i++)
		known[i] = policy_keys[i].name;
	while (k->name && strcmp(k->name, key->text) != 0)
		k++;
	if (!k->name) {
		(void)yaml_unknown(rd->f, "key", key->text, known);
		return place(rd, key);
	}
	/* An empty list says that there are none. */
	if (k->has)
		*((bool *)(void *)((char *)rd->rule + k->has)) = true;
	/* In a list, words are whole: --setup-commands=apt-get update */
	if (value->kind != YAML_LIST || !k->is_list)
		return read_value(rd, k, value);
	for (size_t i = 0; i < value->n && rc == 0; i++) {
		struct policy_key whole = *k;

		whole.splits = false;
		rc = read_value(rd, &whole, &value->items[i]);
	}
	return rc;
}

static int
check(const struct policy_reader *rd, const struct yaml *y)
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
	struct policy_reader rd = { .conf = c, .file = file, .f = f };
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
