/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virt-servers: other ways to have a testbed, by names. */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_key.h"
#include "fail.h"
#include "mem.h"
#include "name.h"
#include "yaml.h"

enum { VIRTS_MOST = 64 };

static int
refuse(const struct conf *c, const struct conf_key *k, const struct yaml *y,
	struct fail *f)
{
	(void)fail_set(f, EX_CONFIG, "%s: write %s", k->name, k->want);
	return yaml_place(f, c->file, y->line);
}

static int
add_word(const struct conf *c, const struct yaml *y, const char *word,
	struct strs *to, struct fail *f)
{
	strs_add(to, word);
	if (conf_template_ok(word))
		return 0;
	(void)fail_set(f, EX_CONFIG, "virt-servers: \"%.80s\" is not a word "
	    "in which only {suite}, {arch}, {package} and {id} are in braces",
	    word);
	return yaml_place(f, c->file, y->line);
}

/* null is a virt server's name. */
static bool
is_word(const struct yaml *y)
{
	return y->kind == YAML_TEXT || (y->kind == YAML_NULL &&
	    strcmp(y->text, "null") == 0);
}

/* A list of words, or one text, which is split at blanks. */
static int
read_words(const struct conf *c, const struct conf_key *k,
	const struct yaml *y, struct strs *to, struct fail *f)
{
	struct strs words = { 0 };
	int rc = 0;

	if (is_word(y)) {
		strs_split(&words, y->text, " \t\r\n");
		for (size_t i = 0; i < words.n && rc == 0; i++)
			rc = add_word(c, y, words.v[i], to, f);
		strs_free(&words);
	} else if (y->kind == YAML_LIST) {
		for (size_t i = 0; i < y->n && rc == 0; i++)
			rc = is_word(&y->items[i]) ? add_word(c,
			    &y->items[i], y->items[i].text, to, f) :
			    refuse(c, k, &y->items[i], f);
	}
	return rc != 0 || to->n ? rc : refuse(c, k, y, f);
}

static int
add(struct conf *c, const struct conf_key *k, const struct yaml *key,
	struct fail *f)
{
	struct conf_virt *v = &c->virt_servers[c->n_virt_servers++];

	v->name = mem_dup(key->text);
	if (name_suite_ok(v->name) &&
	    strcmp(v->name, CONF_VIRT_DEFAULT) != 0)
		return read_words(c, k, key + 1, &v->words, f);
	(void)fail_set(f, EX_CONFIG, "%s: \"%.80s\" is not a name of letters "
	    "and digits, other than " CONF_VIRT_DEFAULT, k->name, v->name);
	return yaml_place(f, c->file, key->line);
}

int
conf_virt_read(struct conf *c, const struct conf_key *k,
	const struct yaml *y, struct fail *f)
{
	int rc = 0;

	if (y->kind != YAML_MAP || y->n > VIRTS_MOST)
		return refuse(c, k, y, f);
	c->virt_servers = mem_alloc((y->n + 1) * sizeof *c->virt_servers);
	for (size_t i = 0; i < y->n && rc == 0; i++)
		rc = add(c, k, &y->items[2 * i], f);
	return rc;
}

const struct strs *
conf_virt_find(const struct conf *c, const char *name, struct fail *f)
{
	const char *known[VIRTS_MOST + 2] = { CONF_VIRT_DEFAULT };

	if (strcmp(name, CONF_VIRT_DEFAULT) == 0)
		return &c->virt_server;
	for (size_t i = 0; i < c->n_virt_servers; i++) {
		if (strcmp(c->virt_servers[i].name, name) == 0)
			return &c->virt_servers[i].words;
		known[i + 1] = c->virt_servers[i].name;
	}
	(void)yaml_unknown(f, "virt server", name, known);
	f->status = EX_CONFIG;
	return NULL;
}

int
conf_virt_check(const struct conf *c, struct fail *f)
{
	const char *const names[][2] = {
	    { "machine-virt-server", c->machine_virt_server },
	    { "big-virt-server", c->big_virt_server } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i][1] && !conf_virt_find(c, names[i][1], f))
			return fail_prefix(f, "%s: %s", c->file, names[i][0]);
	return 0;
}

void
conf_virt_free(struct conf *c)
{
	for (size_t i = 0; i < c->n_virt_servers; i++) {
		free(c->virt_servers[i].name);
		strs_free(&c->virt_servers[i].words);
	}
	free(c->virt_servers);
	free(c->machine_virt_server);
	free(c->big_virt_server);
}
