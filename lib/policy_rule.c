/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mem.h"
#include "policy.h"
#include "policy_inside.h"

enum { ROOM_FIRST = 16 };

struct policy_rule *
policy_rules_add(struct policy_rules *r, const char *file, unsigned line,
	struct fail *f)
{
	struct policy_rule *new;

	if (r->n == POLICY_RULES_MOST) {
		(void)fail_set(f, EX_CONFIG, "%s:%u: more than %d rules", file,
		    line, POLICY_RULES_MOST);
		return NULL;
	}
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : ROOM_FIRST;
		r->v = mem_grow(r->v, r->room, sizeof *r->v);
	}
	new = &r->v[r->n++];
	*new = (struct policy_rule){ .is_never = POLICY_ANY,
	    .is_big = POLICY_ANY, .is_long = POLICY_ANY,
	    .place = mem_printf("%s:%u", file, line) };
	return new;
}

void
policy_rules_free(struct policy_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		struct policy_rule *r = &rules->v[i];

		free(r->place);
		free(r->never);
		free(r->virt_server);
		strs_free(&r->package);
		strs_free(&r->suite);
		strs_free(&r->arch);
		strs_free(&r->queue);
		strs_free(&r->version);
		strs_free(&r->arguments);
		strs_free(&r->env);
	}
	free(rules->v);
	*rules = (struct policy_rules){ 0 };
}

bool
policy_glob_ok(const char *s)
{
	return *s && *s != '/' && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.:~_-*?[]!^")];
}
