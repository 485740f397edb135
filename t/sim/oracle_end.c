/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold after a power cut, and in the end. */
#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "oracle.h"
#include "oracle_role.h"
#include "orders.h"

static void
undo_request(struct order *o, const struct dent *to)
{
	const struct dent *d = o->file->link;
	struct token t;

	if (to && (to->dir->role == ROLE_BUCKET || to->dir->role == ROLE_CUR))
		order_forget_name(to);
	if (o->stage && to && to->dir->role == ROLE_DAY) {
		o->stage->is_committed = false;
		o->stage = NULL;
	}
	if (d && order_is_called(d->dir->role, d->name)) {
		if (token_parse(&t, d->name) == 0)
			o->token = t;
	} else {
		o->is_void = true;
		o->file->known = NULL;
		o->token.id[0] = '\0';
		if (o->is_acknowledged)
			oracle_fail("%s: acknowledged, and lost by a power "
			    "cut", to ? to->name : node_name(o->file));
	}
	order_count(o);
}

/* A bucket that came as a whole. */
static void
undo_bucket(struct node *n)
{
	for (struct dent *d = n->entries; d; d = d->next)
		order_forget_name(d);
	n->role = (int)role_of(n);
	if (n->role == ROLE_BUCKET)
		return;
	for (struct dent *d = n->entries; d; d = d->next)
		if (d->node->known)
			undo_request(d->node->known, NULL);
}

static void
undo_published(struct node *n)
{
	for (struct stage *s = stages; s; s = s->next)
		if (s->run == n)
			s->is_published = false;
	for (struct order *o = orders; o; o = o->next)
		if (o->stage && o->stage->run == n) {
			o->published--;
			order_count(o);
		}
	n->whole = false;
	for (struct dent *d = n->entries; d; d = d->next)
		d->node->whole = false;
}

void
oracle_undone(struct node *n, const struct dent *to)
{
	if (n->known)
		undo_request(n->known, to);
	else if (n->role == ROLE_PUBLISHED)
		undo_published(n);
	else if (n->role == ROLE_BUCKET)
		undo_bucket(n);
	if (n->kind == NODE_DIR)
		n->role = (int)role_of(n);
}

void
oracle_after_power_cut(void)
{
	for (struct order *o = orders; o; o = o->next) {
		const struct dent *d = o->file->link;

		if (!o->is_void && o->stage && !o->published)
			stage_check(o->stage, d);
	}
}

static const struct node *
find_staging(void)
{
	struct name results = name_of("results", 7);
	struct name staging = name_of(".staging", 8);
	const struct node *root = shared[n_shared - 1]->root;
	const struct dent *d = n_shared > 1 ? NULL : disk_find(root, &results);

	d = disk_find(d ? d->node : root, &staging);
	return d ? d->node : NULL;
}

/*
 * An attempt's stage; NULL: there is none.  One whose request was given another
 * id after a power cut may stay: nobody can see what became of it.
 */
static const char *
any_stage(void)
{
	const struct node *staging = find_staging();
	const struct dent *d = staging ? staging->entries : NULL;
	struct token t;

	while (d && (token_parse(&t, d->name) != 0 || !order_find(t.id)))
		d = d->next;
	return d ? d->name : NULL;
}

/* How many requests a line has become. */
static unsigned
times(const struct asked *a)
{
	unsigned n = 0;

	for (const struct order *o = orders; o; o = o->next)
		n += !o->is_void && strcmp(o->trigger, a->trigger) == 0;
	return n;
}

bool
oracle_is_settled(void)
{
	return orders_open == 0;
}

bool
oracle_is_clean(void)
{
	return orders_open == 0 && !any_stage();
}

void
oracle_finish(void)
{
	const char *stage = any_stage();

	for (const struct asked *a = asked; a; a = a->next)
		if (times(a) != 1)
			oracle_fail("%s: imported %u times", a->trigger,
			    times(a));
	for (const struct order *o = orders; o; o = o->next)
		if (!order_is_settled(o))
			oracle_fail("%s/%s: has not come to its end",
			    o->file->link ? node_name(o->file->link->dir) :
			    "?", node_name(o->file));
	if (stage)
		oracle_fail(".staging/%s: left", stage);
}

void
oracle_print(void)
{
	for (const struct order *o = orders; o; o = o->next) {
		const struct dent *d = o->file->link;

		(void)printf("# %s %s/%s%s%s\n", o->trigger, d && d->dir->link ?
		    d->dir->link->name : "?", node_name(o->file), o->stage ?
		    " committed" : "", o->published ? " published" : "");
	}
}
