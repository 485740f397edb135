/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "fail.h"
#include "mem.h"
#include "yaml.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;	/* the one being read */
	const char *name, *text;
	unsigned nodes;
	struct fail *f;
};

static int read_node(struct reader *r, struct yaml *y, unsigned depth);

static unsigned
line_at(const char *text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static unsigned
line_of(const struct reader *r)
{
	return (unsigned)r->event.start_mark.line + 1;
}

static int
refuse(struct reader *r, unsigned line, const char *why)
{
	(void)fail_set(r->f, EX_DATAERR, "%s", why);
	return yaml_place(r->f, r->name, line);
}

/* What to do about it, where libyaml's words alone do not tell. */
static const char *
cure_for(const char *problem)
{
	static const char *const cures[][2] = {
		{ "mapping values are not allowed",
		  "; one key a line, and a value with \": \" in quotes" },
		{ "could not find expected ':'",
		  "; a line is \"key: value\"" },
		{ "expected <document start>",
		  "; something follows where the text had ended" },
		{ "cannot start any token",
		  "; indent with blanks, not tabs, and quote a value that"
		  " begins with @, ` or %" },
		{ "tab character", "; indent with blanks" },
	};

	for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
		if (strstr(problem, cures[i][0]))
			return cures[i][1];
	return "";
}

static int
refuse_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "out of memory";
	unsigned line = (unsigned)p->problem_mark.line + 1;

	if (p->error == YAML_READER_ERROR)
		line = line_at(r->text, p->problem_offset);
	(void)fail_set(r->f, EX_DATAERR, "not YAML: %s%s%s%s%s", problem,
	    p->context ? " (" : "", p->context ? p->context : "",
	    p->context ? ")" : "", cure_for(problem));
	return yaml_place(r->f, r->name, line);
}

static int
advance(struct reader *r)
{
	yaml_event_delete(&r->event);
	return yaml_parser_parse(&r->parser, &r->event) ? 0 : refuse_syntax(r);
}

static bool
is_null(const yaml_event_t *e)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
		if (strcmp((char *)e->data.scalar.value, nulls[i]) == 0)
			return true;
	return false;
}

static int
read_scalar(struct reader *r, struct yaml *y)
{
	const char *s = (const char *)r->event.data.scalar.value;
	size_t n = r->event.data.scalar.length;

	if (memchr(s, '\0', n))
		return refuse(r, y->line, "a NUL byte in a value");
	y->kind = is_null(&r->event) ? YAML_NULL : YAML_TEXT;
	y->text = mem_dupn(s, n);
	return 0;
}

/* Room for `more` nodes behind the `used` ones, all of them YAML_NULL. */
static void
grow(struct yaml *y, size_t used, size_t more)
{
	/* The room is a power of two, and full whenever used is one. */
	if ((used & (used - 1)) == 0)
		y->items = mem_grow(y->items, used ? 2 * used : more,
		    sizeof *y->items);
	memset(y->items + used, 0, more * sizeof *y->items);
}

static int
read_list(struct reader *r, struct yaml *y, unsigned depth)
{
	y->kind = YAML_LIST;
	for (;;) {
		if (advance(r) != 0)
			return -1;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		grow(y, y->n, 1);
		if (read_node(r, &y->items[y->n++], depth + 1) != 0)
			return -1;
	}
}

static int
by_text_and_line(const void *a, const void *b)
{
	const struct yaml *x = *(const struct yaml *const *)a;
	const struct yaml *y = *(const struct yaml *const *)b;
	int c = strcmp(x->text, y->text);

	return c ? c : (x->line > y->line) - (x->line < y->line);
}

/* Sorted, so that a mapping of very many keys costs n log n. */
static int
refuse_doubles(struct reader *r, const struct yaml *map)
{
	const struct yaml **keys = mem_alloc(map->n * sizeof *keys);
	int status = 0;

	for (size_t i = 0; i < map->n; i++)
		keys[i] = &map->items[2 * i];
	qsort(keys, map->n, sizeof *keys, by_text_and_line);
	for (size_t i = 1; i < map->n && status == 0; i++) {
		if (strcmp(keys[i - 1]->text, keys[i]->text) != 0)
			continue;
		(void)fail_set(r->f, EX_DATAERR, "\"%.60s\" is said twice, "
		    "first on line %u; leave one out", keys[i]->text,
		    keys[i - 1]->line);
		status = yaml_place(r->f, r->name, keys[i]->line);
	}
	free(keys);
	return status;
}

static int
read_map(struct reader *r, struct yaml *y, unsigned depth)
{
	y->kind = YAML_MAP;
	for (;;) {
		struct yaml *key;

		if (advance(r) != 0)
			return -1;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return refuse_doubles(r, y);
		grow(y, 2 * y->n, 2);
		key = &y->items[2 * y->n++];
		if (read_node(r, key, depth + 1) != 0)
			return -1;
		if (key->kind != YAML_TEXT)
			return refuse(r, key->line, "a key that is no word");
		if (advance(r) != 0 || read_node(r, key + 1, depth + 1) != 0)
			return -1;
	}
}

/* The event to be read is a node's first. */
static int
read_node(struct reader *r, struct yaml *y, unsigned depth)
{
	const yaml_event_t *e = &r->event;
	unsigned line = line_of(r);

	y->line = line;
	if (++r->nodes > YAML_NODES_MOST)
		return refuse(r, line, "too many keys and values");
	if (depth > YAML_DEPTH_MOST)
		return refuse(r, line, "lists and mappings too deep in others");
	if (e->type == YAML_ALIAS_EVENT)
		return refuse(r, line, "an alias (*); write the value out, or "
		    "quote it");
	/* The three kinds of node begin with anchor and tag alike. */
	if (e->data.scalar.anchor)
		return refuse(r, line, "an anchor (&); write values out, or "
		    "quote them");
	if (e->data.scalar.tag)
		return refuse(r, line, "a tag (!); leave it out, or quote the "
		    "value");
	switch (e->type) {
	case YAML_SEQUENCE_START_EVENT:
		return read_list(r, y, depth);
	case YAML_MAPPING_START_EVENT:
		return read_map(r, y, depth);
	default:
		return read_scalar(r, y);
	}
}

static int
read_document(struct reader *r, struct yaml *y)
{
	/* The start of the stream, then of a document. */
	if (advance(r) != 0 || advance(r) != 0)
		return -1;
	if (r->event.type != YAML_DOCUMENT_START_EVENT)
		return refuse(r, 1, "nothing in it");
	if (advance(r) != 0 || read_node(r, y, 1) != 0)
		return -1;
	if (advance(r) != 0 || advance(r) != 0)
		return -1;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return refuse(r, line_of(r), "a second document; one is all "
		    "that is read");
	return 0;
}

struct yaml *
yaml_tree_parse(const char *name, const char *p, size_t n, struct fail *f)
{
	size_t bom = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct reader r = { .name = name, .text = p + bom, .f = f };
	struct yaml *y = mem_alloc(sizeof *y);

	if (!yaml_parser_initialize(&r.parser)) {
		(void)fail_set(f, EX_OSERR, "%s: out of memory", name);
		yaml_tree_free(y);
		return NULL;
	}
	/* Or another byte order mark would choose UTF-16. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser,
	    (const unsigned char *)r.text, n - bom);
	if (read_document(&r, y) != 0) {
		yaml_tree_free(y);
		y = NULL;
	}
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return y;
}

static void
clear(struct yaml *y)
{
	size_t n = y->kind == YAML_MAP ? 2 * y->n : y->n;

	free(y->text);
	for (size_t i = 0; i < n; i++)
		clear(&y->items[i]);
	free(y->items);
}

void
yaml_tree_free(struct yaml *y)
{
	if (y)
		clear(y);
	free(y);
}
