/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the module policy share. */
#ifndef POLICY_INSIDE_H
#define POLICY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strs.h"

struct conf;
struct fail;

enum { POLICY_ANY = -1, POLICY_NO, POLICY_YES };

struct policy_rule {
	char *place;			/* "file:line" */
	/* It matches where each of these is empty, or has a glob that does. */
	struct strs package, suite, arch, queue, version;
	/* What it says: NULL, 0, empty or POLICY_ANY where it does not. */
	int is_never, is_big, is_long;
	char *never;			/* the reason, with POLICY_YES */
	char *virt_server;
	int64_t timeout_s;
	double timeout_factor;
	bool has_arguments, has_env;
	struct strs arguments, env;
};

struct policy_rules {
	struct policy_rule *v;
	size_t n, room;
};

/* A new rule at the end, which says nothing; NULL where there are too many. */
struct policy_rule *policy_rules_add(struct policy_rules *r, const char *file,
	unsigned line, struct fail *f);
void policy_rules_free(struct policy_rules *r);

/* Whether a glob could match a name. */
bool policy_glob_ok(const char *s);

/* Adds the rules of a file of adtspool-policy(5). */
int policy_read_yaml(const struct conf *c, const char *file,
	struct policy_rules *r, struct fail *f);

/* What the lines of a list say of the packages that they name. */
enum policy_list {
	POLICY_REJECT,	/* debci's: PACKAGE [SUITE [ARCH [VERSION]]] */
	POLICY_NEVER,	/* autopkgtest-cloud's: PACKAGE[/ARCH[/RELEASE]] */
	POLICY_BIG,
	POLICY_LONG,
	POLICY_VM,
};

int policy_read_list(const struct conf *c, const char *file,
	enum policy_list what, struct policy_rules *r, struct fail *f);

#endif
