/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "memory.h"
#include "name.h"
#include "oracle.h"
#include "oracle_role.h"
#include "orders.h"

/* The names that tokens have had in buckets and in cur/, as hashes. */
enum { NAMES_MOST = 1 << 14 };

struct asked *asked;
struct order *orders;
struct stage *stages;
size_t orders_open;

static uint64_t *names;
static size_t n_names;

void
orders_init(void)
{
	asked = NULL;
	orders = NULL;
	stages = NULL;
	orders_open = n_names = 0;
	names = world_alloc(NAMES_MOST * sizeof *names);
}

bool
order_is_called(int role, const char *name)
{
	size_t n = strlen(name);

	if (!role_has_tokens(role) || name_is_dropping(name))
		return false;
	return role != ROLE_BAD || n < 4 || strcmp(name + n - 4, ".why");
}

bool
order_is_settled(const struct order *o)
{
	int role = o->file->link ? o->file->link->dir->role : ROLE_NONE;

	if (o->is_void)
		return true;
	return role == ROLE_BAD || (role == ROLE_DAY && o->published);
}

void
order_count(struct order *o)
{
	bool settled = order_is_settled(o);

	if (settled != o->was_settled)
		orders_open += settled ? -1UL : 1UL;
	o->was_settled = settled;
}

struct stage *
stage_find(const char *name)
{
	struct stage *s = stages;

	while (s && strcmp(s->name, name) != 0)
		s = s->next;
	return s;
}

void
stage_check(const struct stage *s, const struct dent *d)
{
	struct node *stage = s->run->link ? s->run->link->dir : NULL;
	struct name plan = name_of("plan", 4);
	struct name result = name_of("result.json", 11);
	const struct dent *p = stage && stage->role == ROLE_STAGE ?
	    disk_find(stage, &plan) : NULL;
	const struct dent *r = disk_find(s->run, &result);

	if (!p || !r || strcmp(stage->link->name, d->name) != 0 ||
	    strcmp(s->run->link->name, "run") != 0)
		oracle_fail("%s: committed, though its stage is gone",
		    d->name);
	else if (p->node->durable != p->node->now || !r->node->durable ||
	    r->node->durable != s->result || s->result->size == 0)
		oracle_fail("%s: committed, though its stage is not on disk",
		    d->name);
}

struct order *
order_find(const char *id)
{
	struct order *o = orders;

	while (o && strcmp(o->token.id, id) != 0)
		o = o->next;
	return o;
}

const char *
order_trigger(const struct version *text)
{
	static const char mark[] = "\"sim/";
	const char *p = text ? memmem(text->data, text->size, mark,
	    sizeof mark - 1) : NULL;
	char *trigger;
	size_t n = 0;

	if (!p)
		return "";
	p++;
	while (p + n < text->data + text->size && p[n] != '"')
		n++;
	trigger = world_alloc(n + 1);
	memcpy(trigger, p, n);
	return trigger;
}

struct order *
order_meet(struct node *file, bool is_dropped)
{
	struct order *o = world_alloc(sizeof *o);

	o->file = file;
	o->trigger = order_trigger(file->now);
	o->is_dropped = is_dropped;
	o->next = orders;
	orders = o;
	file->known = o;
	orders_open++;
	return o;
}

static uint64_t
hash_of(const struct dent *d)
{
	return d->hash ^ (uint64_t)d->dir->role << 56;
}

bool
order_note_name(const struct dent *d)
{
	uint64_t hash = hash_of(d);
	size_t i = hash % NAMES_MOST;

	for (; names[i]; i = (i + 1) % NAMES_MOST)
		if (names[i] == hash)
			return false;
	names[i] = hash;
	if (++n_names == NAMES_MOST / 2)
		oracle_fail("more names than the oracle can remember");
	return true;
}

void
order_forget_name(const struct dent *d)
{
	uint64_t hash = hash_of(d);

	for (size_t i = hash % NAMES_MOST; names[i]; i = (i + 1) % NAMES_MOST)
		if (names[i] == hash)
			names[i] = 1;	/* no name's */
}
