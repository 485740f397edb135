/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to jansson.  Writing streams: calls append to a struct buf, so a
 * caller may flush it to a file at any time; strings are escaped by jansson,
 * and bytes that are not UTF-8 become U+FFFD.  Reading makes a tree.
 */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fail;
struct strs;

enum {
	JSON_DEPTH_MOST = 32,		/* of what is written */
	JSON_TREE_DEPTH_MOST = 16,	/* of what is read */
};

/* { .out = &b } is ready for one value.  Nesting too deep aborts. */
struct json_writer {
	struct buf *out;
	bool pretty;			/* a key a line, two blanks a level */
	int depth;
	bool filled[JSON_DEPTH_MOST];	/* this level has an item already */
};

/* key is NULL inside an array and at the top.  A NULL string writes null. */
void json_put_object(struct json_writer *w, const char *key);
void json_put_object_end(struct json_writer *w);
void json_put_array(struct json_writer *w, const char *key);
void json_put_array_end(struct json_writer *w);
void json_put_string(struct json_writer *w, const char *key,
	const char *value);
void json_put_number(struct json_writer *w, const char *key, int64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
/* A moment in UTC, 2026-11-22T16:01:02Z; null where it is 0, not known. */
void json_put_time(struct json_writer *w, const char *key, int64_t s);
void json_put_strings(struct json_writer *w, const char *key,
	const struct strs *values);

struct json_tree;			/* one value that was read */

enum json_kind {
	JSON_KIND_NONE,			/* of NULL: nothing there */
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_NUMBER,		/* a whole one */
	JSON_KIND_REAL,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
};

/*
 * Reads one value of any kind.  NULL with EX_DATAERR and "name:line: reason"
 * (a key that stands twice and \u0000 are errors).  json_tree_free the tree.
 */
struct json_tree *json_tree_parse(const char *name, const char *p, size_t n,
	struct fail *f);
void json_tree_free(struct json_tree *t);	/* not for a part of a tree */

enum json_kind json_tree_kind(const struct json_tree *t);

/* A tree as a value, indented as the writer does it, keys in their order. */
void json_put_tree(struct json_writer *w, const char *key,
	const struct json_tree *t);

/*
 * Of an object's member: NULL, false or the fallback where it is absent or of
 * another kind.  What is returned belongs to the tree.
 */
const struct json_tree *json_tree_get(const struct json_tree *t,
	const char *key);
const char *json_tree_get_string(const struct json_tree *t, const char *key);
int64_t json_tree_get_number(const struct json_tree *t, const char *key,
	int64_t fallback);
bool json_tree_get_bool(const struct json_tree *t, const char *key,
	bool fallback);

/* Appends copies of an array's strings; items of other kinds are left out. */
void json_tree_get_strings(const struct json_tree *t, const char *key,
	struct strs *out);

/* Of an array; 0 and NULL where it is none.  The items' own text, or NULL. */
size_t json_tree_length(const struct json_tree *array);
const struct json_tree *json_tree_item(const struct json_tree *array,
	size_t i);
const char *json_tree_string(const struct json_tree *t);

#endif
