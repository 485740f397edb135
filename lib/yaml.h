/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to libyaml: reads one YAML 1.1 document (so JSON, too) into a small
 * tree that remembers lines.  Made for text from strangers: anchors, aliases
 * and tags are refused, a key may stand once in a mapping and is a scalar, and
 * depth and number of nodes are bounded (size is the caller's to bound).
 * (libyaml exports a yaml_free of its own: do not name anything so.)
 */
#ifndef YAML_TREE_H
#define YAML_TREE_H

#include <stddef.h>

struct fail;

enum {
	YAML_DEPTH_MOST = 8,
	YAML_NODES_MOST = 20000,
};

/* YAML_NULL: nothing, ~ or null without quotes. */
enum yaml_kind { YAML_NULL, YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	unsigned line;		/* counted from 1 */
	char *text;		/* YAML_TEXT, YAML_NULL: UTF-8, no NUL in it */
	size_t n;		/* YAML_LIST: items; YAML_MAP: pairs */
	struct yaml *items;	/* YAML_LIST: n; YAML_MAP: 2n, key, value */
};

/*
 * Reads n bytes; name stands in messages, as in yaml_place.  Returns the tree
 * (yaml_tree_free it), or NULL with EX_DATAERR.  Empty text is an error.
 */
struct yaml *yaml_tree_parse(const char *name, const char *p, size_t n,
	struct fail *f);

void yaml_tree_free(struct yaml *y);

/*
 * Puts "name:line: " before what f says, and '?' for every control byte in
 * it, since messages quote strangers.  A name that ends with a line already
 * ("requests:17") gets no second one.  Returns -1.
 */
int yaml_place(struct fail *f, const char *name, unsigned line);

/*
 * Fills f with EX_DATAERR for a word that is not one of known (which ends
 * with NULL): unknown key "trigers"; did you mean "triggers"?  Returns -1.
 */
int yaml_unknown(struct fail *f, const char *what, const char *word,
	const char *const *known);

/*
 * The known word nearest to an unknown one, or NULL where none is near: more
 * than a third of its letters differ (two swapped ones count once).
 */
const char *yaml_nearest(const char *word, const char *const *known);

#endif
