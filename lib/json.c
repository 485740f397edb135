/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "json.h"
#include "strs.h"

static int
append(const char *p, size_t n, void *out)
{
	buf_addn(out, p, n);
	return 0;
}

/* The length of the UTF-8 character that s begins with; 0: it is none. */
static size_t
measure(const char *s)
{
	for (size_t n = 1; n <= 4; n++) {
		json_t *j = json_stringn(s, n);

		if (j) {
			json_decref(j);
			return n;
		}
		if (!s[n])
			break;
	}
	return 0;
}

static json_t *
mend(const char *s)
{
	struct buf b = { 0 };
	json_t *j;

	while (*s) {
		size_t n = measure(s);

		if (n)
			buf_addn(&b, s, n);
		else
			buf_add(&b, "\xef\xbf\xbd");
		s += n ? n : 1;
	}
	j = json_string(b.s);
	buf_free(&b);
	return j;
}

/* Most text is itself between quotes; only the rest is worth jansson's time. */
static bool
needs_no_escape(const char *s)
{
	while (*s >= ' ' && *s <= '~' && *s != '"' && *s != '\\')
		s++;
	return !*s;
}

static void
escape(struct buf *out, const char *s)
{
	json_t *j;

	if (needs_no_escape(s)) {
		buf_addn(out, "\"", 1);
		buf_add(out, s);
		buf_addn(out, "\"", 1);
		return;
	}
	j = json_string(s);
	if (!j)
		j = mend(s);
	if (json_dump_callback(j, append, out, JSON_ENCODE_ANY) != 0)
		abort();	/* append never fails: only memory can */
	json_decref(j);
}

static void
indent(struct json_writer *w)
{
	buf_add(w->out, "\n");
	for (int i = 0; i < w->depth; i++)
		buf_add(w->out, "  ");
}

static void
begin(struct json_writer *w, const char *key)
{
	if (w->filled[w->depth])
		buf_add(w->out, w->pretty ? "," : ", ");
	w->filled[w->depth] = true;
	if (w->pretty && w->depth > 0)
		indent(w);
	if (key) {
		escape(w->out, key);
		buf_add(w->out, ": ");
	}
}

static void
open_level(struct json_writer *w, const char *key, const char *bracket)
{
	begin(w, key);
	buf_add(w->out, bracket);
	if (++w->depth >= JSON_DEPTH_MOST)
		abort();	/* the caller's shape, never somebody's data */
	w->filled[w->depth] = false;
}

static void
close_level(struct json_writer *w, const char *bracket)
{
	bool filled = w->filled[w->depth--];

	if (w->pretty && filled)
		indent(w);
	buf_add(w->out, bracket);
}

void
json_put_object(struct json_writer *w, const char *key)
{
	open_level(w, key, "{");
}

void
json_put_object_end(struct json_writer *w)
{
	close_level(w, "}");
}

void
json_put_array(struct json_writer *w, const char *key)
{
	open_level(w, key, "[");
}

void
json_put_array_end(struct json_writer *w)
{
	close_level(w, "]");
}

void
json_put_string(struct json_writer *w, const char *key, const char *value)
{
	begin(w, key);
	if (value)
		escape(w->out, value);
	else
		buf_add(w->out, "null");
}

void
json_put_number(struct json_writer *w, const char *key, int64_t value)
{
	begin(w, key);
	buf_addf(w->out, "%" PRId64, value);
}

void
json_put_bool(struct json_writer *w, const char *key, bool value)
{
	begin(w, key);
	buf_add(w->out, value ? "true" : "false");
}

void
json_put_null(struct json_writer *w, const char *key)
{
	json_put_string(w, key, NULL);
}

void
json_put_time(struct json_writer *w, const char *key, int64_t s)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(text, "%Y-%m-%dT%H:%M:%SZ", s);
	json_put_string(w, key, s ? text : NULL);
}

void
json_put_strings(struct json_writer *w, const char *key,
	const struct strs *values)
{
	json_put_array(w, key);
	for (size_t i = 0; i < values->n; i++)
		json_put_string(w, NULL, values->v[i]);
	json_put_array_end(w);
}

/*
 * A struct json_tree is jansson's json_t under a name that headers can use.
 * jansson's iterators want it without const; nothing here changes a tree.
 */
static json_t *
node(const struct json_tree *t)
{
	return (json_t *)(uintptr_t)t;
}

static bool
is_shallow(json_t *j, int most)
{
	void *at = json_object_iter(j);

	if (most < 0)
		return false;
	for (size_t i = 0; i < json_array_size(j); i++)
		if (!is_shallow(json_array_get(j, i), most - 1))
			return false;
	for (; at; at = json_object_iter_next(j, at))
		if (!is_shallow(json_object_iter_value(at), most - 1))
			return false;
	return true;
}

struct json_tree *
json_tree_parse(const char *name, const char *p, size_t n, struct fail *f)
{
	json_error_t e;
	json_t *j = json_loadb(p, n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (!j) {
		(void)fail_set(f, EX_DATAERR, "%s:%d: %s", name, e.line,
		    e.text);
		return NULL;
	}
	if (!is_shallow(j, JSON_TREE_DEPTH_MOST)) {
		json_decref(j);
		(void)fail_set(f, EX_DATAERR, "%s:1: nested more than %d deep",
		    name, JSON_TREE_DEPTH_MOST);
		return NULL;
	}
	return (struct json_tree *)j;
}

void
json_tree_free(struct json_tree *t)
{
	json_decref(node(t));
}

enum json_kind
json_tree_kind(const struct json_tree *t)
{
	if (!t)
		return JSON_KIND_NONE;
	switch (json_typeof(node(t))) {
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	case JSON_ARRAY:
		return JSON_KIND_ARRAY;
	case JSON_STRING:
		return JSON_KIND_STRING;
	case JSON_INTEGER:
		return JSON_KIND_NUMBER;
	case JSON_REAL:
		return JSON_KIND_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_NULL:
	default:
		return JSON_KIND_NULL;
	}
}

static void
put_node(struct json_writer *w, const char *key, json_t *j)
{
	void *at = json_object_iter(j);

	if (json_is_object(j)) {
		json_put_object(w, key);
		for (; at; at = json_object_iter_next(j, at))
			put_node(w, json_object_iter_key(at),
			    json_object_iter_value(at));
		json_put_object_end(w);
	} else if (json_is_array(j)) {
		json_put_array(w, key);
		for (size_t i = 0; i < json_array_size(j); i++)
			put_node(w, NULL, json_array_get(j, i));
		json_put_array_end(w);
	} else {
		begin(w, key);
		if (json_dump_callback(j, append, w->out,
		    JSON_ENCODE_ANY) != 0)
			abort();	/* as in escape */
	}
}

void
json_put_tree(struct json_writer *w, const char *key,
	const struct json_tree *t)
{
	put_node(w, key, node(t));
}

const struct json_tree *
json_tree_get(const struct json_tree *t, const char *key)
{
	return (const struct json_tree *)json_object_get(node(t), key);
}

const char *
json_tree_string(const struct json_tree *t)
{
	return json_string_value(node(t));
}

const char *
json_tree_get_string(const struct json_tree *t, const char *key)
{
	return json_tree_string(json_tree_get(t, key));
}

int64_t
json_tree_get_number(const struct json_tree *t, const char *key,
	int64_t fallback)
{
	json_t *j = node(json_tree_get(t, key));

	return json_is_integer(j) ? json_integer_value(j) : fallback;
}

bool
json_tree_get_bool(const struct json_tree *t, const char *key, bool fallback)
{
	json_t *j = node(json_tree_get(t, key));

	return json_is_boolean(j) ? json_is_true(j) : fallback;
}

void
json_tree_get_strings(const struct json_tree *t, const char *key,
	struct strs *out)
{
	const struct json_tree *array = json_tree_get(t, key);

	for (size_t i = 0; i < json_tree_length(array); i++) {
		const char *s = json_tree_string(json_tree_item(array, i));

		if (s)
			strs_add(out, s);
	}
}

size_t
json_tree_length(const struct json_tree *array)
{
	return json_array_size(node(array));
}

const struct json_tree *
json_tree_item(const struct json_tree *array, size_t i)
{
	return (const struct json_tree *)json_array_get(node(array), i);
}
