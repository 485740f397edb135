/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that are mappings, and the mapping behind britney's lines. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
#include "request.h"
#include "request_key.h"
#include "request_read.h"
#include "yaml.h"

enum { KNOWN_MOST = 32 };

struct reader {
	struct request *r;
	const char *name;
	struct fail *f;
};

static int
refuse_key(const struct reader *rd, const struct yaml *key)
{
	const char *known[KNOWN_MOST] = { NULL };
	const struct request_key *k;
	size_t n = 0;

	for (k = request_keys; k->name && n < KNOWN_MOST - 1; k++)
		if (k->role != REQUEST_SYNONYM)
			known[n++] = k->name;
	(void)yaml_unknown(rd->f, "key", key->text, known);
	return yaml_place(rd->f, rd->name, key->line);
}

static bool
is_pair(const struct yaml *y)
{
	return y->kind == YAML_LIST && y->n == 2 &&
	    y->items[0].kind == YAML_TEXT && y->items[1].kind == YAML_TEXT;
}

static int
read_value(const struct reader *rd, const struct request_key *k,
	const struct yaml *y)
{
	char *pair = NULL;
	int status;

	/* debci's ["src:a,src:b", "unstable"] */
	if (k->shape == REQUEST_PINS && is_pair(y))
		pair = mem_printf("%s=%s", y->items[1].text, y->items[0].text);
	if (pair || y->kind == YAML_TEXT)
		status = request_key_set(rd->r, k, pair ? pair : y->text,
		    rd->f);
	else
		status = fail_set(rd->f, EX_DATAERR, "%s: write %s", k->name,
		    k->want);
	free(pair);
	return status ? yaml_place(rd->f, rd->name, y->line) : 0;
}

static int
read_key(const struct reader *rd, const struct yaml *key)
{
	const struct request_key *k = request_key_find(key->text);
	const struct yaml *value = key + 1;
	int status = 0;

	if (!k)
		return refuse_key(rd, key);
	if (value->kind == YAML_NULL)
		return 0;
	if (value->kind != YAML_LIST || !request_key_list(rd->r, k))
		return read_value(rd, k, value);
	for (size_t i = 0; i < value->n && status == 0; i++)
		status = read_value(rd, k, &value->items[i]);
	return status;
}

int
request_read_map(struct request *r, const char *name, const char *text,
	struct fail *f)
{
	struct reader rd = { .r = r, .name = name, .f = f };
	struct yaml *y = yaml_tree_parse(name, text, strlen(text), f);
	int status = 0;

	if (!y)
		return -1;
	if (y->kind != YAML_MAP) {
		(void)fail_set(f, EX_DATAERR, "%s; write a mapping, like "
		    "\"package: hello\"", y->kind == YAML_LIST ?
		    "a list, but a file is one request" : "not a request");
		status = yaml_place(f, name, y->line);
	}
	for (size_t i = 0; y->kind == YAML_MAP && i < y->n && status == 0; i++)
		status = read_key(&rd, &y->items[2 * i]);
	yaml_tree_free(y);
	return status;
}
