/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "disk.h"
#include "host.h"
#include "memory.h"
#include "oracle.h"
#include "oracle_role.h"
#include "orders.h"
#include "proc.h"
#include "sched.h"

char oracle_found[2048];

static unsigned attempts_most;

void
oracle_init(unsigned attempts)
{
	orders_init();
	attempts_most = attempts;
	oracle_found[0] = '\0';
}

void
oracle_fail(const char *fmt, ...)
{
	size_t n;
	va_list ap;

	sched_stop();
	if (oracle_found[0])
		return;
	(void)snprintf(oracle_found, sizeof oracle_found, "%.6f %s %s[%d]: ",
	    (double)sched_now / 1e9, proc_now ? proc_now->host->name : "-",
	    proc_now ? proc_now->name : "-", proc_now ? proc_now->pid : 0);
	n = strlen(oracle_found);
	va_start(ap, fmt);
	(void)vsnprintf(oracle_found + n, sizeof oracle_found - n, fmt, ap);
	va_end(ap);
}

static void
check_one(struct order *o, const struct token *t)
{
	if (strcmp(o->token.id, t->id) != 0) {
		const struct order *other = order_find(t->id);

		if (other)
			oracle_fail("%s: two files have this id: %s and %s",
			    t->id, node_name(other->file),
			    node_name(o->file));
	}
	o->token = *t;
	if (o->file->link->dir->role != ROLE_BAD &&
	    t->attempt >= attempts_most)
		oracle_fail("%s: attempt %u of %u", node_name(o->file),
		    t->attempt + 1, attempts_most);
}

static void
check_committed(struct order *o, const struct dent *d)
{
	struct stage *s = stage_find(d->name);

	if (o->stage)
		oracle_fail("%s: committed again, after %s", d->name,
		    o->stage->name);
	if (!s) {
		oracle_fail("%s: committed, though it was not sealed",
		    d->name);
		return;
	}
	stage_check(s, d);
	s->is_committed = true;
	o->stage = s;
}

/*
 * Whether the text is all there: a drop that nobody has synced may lose some
 * of it in a power cut.
 */
static bool
is_whole_request(const struct order *o)
{
	const struct version *v = o->file->now;

	return o->trigger[0] && v->size && v->data[v->size - 1] == '\n' &&
	    (!o->is_dropped || o->is_complete);
}

/* In bad/, beside its reason. */
static void
check_refused(const struct order *o, const struct dent *d)
{
	char why[TOKEN_NAME_MAX + 4];
	struct name n;
	const struct dent *w;
	const struct version *v;

	(void)snprintf(why, sizeof why, "%s.why", d->name);
	n = name_of(why, strlen(why));
	w = disk_find(d->dir, &n);
	v = w ? w->node->now : NULL;
	if (!v || v->size == 0) {
		oracle_fail("%s: refused without a reason", d->name);
		return;
	}
	if (is_whole_request(o) &&
	    !memmem(v->data, v->size, " times", 6) &&
	    !memmem(v->data, v->size, "used up", 7) &&
	    !(o->is_cancelled &&
	    memmem(v->data, v->size, "cancelled by ", 13)) &&
	    !memmem(v->data, v->size, "waits or runs already", 21))
		oracle_fail("%s: refused though it is a request: %.*s",
		    d->name, (int)v->size, v->data);
}

static void
came_request(struct node *n, const struct dent *from)
{
	const struct dent *d = n->link;
	int role = d->dir->role;
	struct order *o = n->known;
	struct token t;

	if (!o)
		o = order_meet(n, role == ROLE_NEW);
	if (from && from->dir->role == ROLE_DAY)
		oracle_fail("%s: taken out of done/", d->name);
	if ((role == ROLE_BUCKET || role == ROLE_CUR) && !order_note_name(d))
		oracle_fail("%s/%s: the name was used before",
		    d->dir->link->name, d->name);
	if (token_parse(&t, d->name) == 0)
		check_one(o, &t);
	else if (role != ROLE_NEW && role != ROLE_BUCKET)
		oracle_fail("%s: no token's name", d->name);
	if (role == ROLE_DAY)
		check_committed(o, d);
	if (role == ROLE_BAD)
		check_refused(o, d);
	order_count(o);
}

static void
check_published(struct node *n, const struct dent *from)
{
	const char *attempt = from->dir->link ? from->dir->link->name : "?";
	struct stage *s = stage_find(attempt);
	struct token t;
	struct order *o;

	if (!s || s->run != n || !s->is_committed) {
		oracle_fail("%s: published, though it was not %s", attempt,
		    s ? "committed" : "sealed");
		return;
	}
	s->is_published = true;
	o = token_parse(&t, attempt) == 0 ? order_find(t.id) : NULL;
	if (!o || o->stage != s)
		oracle_fail("%s: published, though not the request's result",
		    attempt);
	else if (o->published++)
		oracle_fail("%s: published for the second time", attempt);
	else if (strcmp(o->trigger, s->trigger) != 0)
		oracle_fail("%s: published the result of %s, not of %s",
		    attempt, s->trigger, o->trigger);
	if (o)
		order_count(o);
	n->role = ROLE_PUBLISHED;
	n->whole = true;
	for (struct dent *d = n->entries; d; d = d->next)
		d->node->whole = true;
}

static void
check_whole(const struct node *n, const struct node *dir)
{
	if (n->whole || (dir && dir->whole))
		oracle_fail("%s/%s: changed after it was published",
		    dir ? node_name(dir) : "", node_name(n));
}

static void
check_unneeded(const char *attempt, const char *what)
{
	const struct stage *s = stage_find(attempt);

	if (s && s->is_committed && !s->is_published)
		oracle_fail("%s: committed, not published, and its %s removed",
		    s->name, what);
}

void
oracle_came(struct node *n, const struct dent *from)
{
	const struct dent *d = n->link;
	int role = d->dir->role;

	if (!n->disk->shared)
		return;
	check_whole(n, d->dir);
	if (from)
		check_whole(n, from->dir);
	if (n->kind == NODE_DIR) {
		if (from && n->role == ROLE_STAGE)
			check_unneeded(from->name, "stage");
		if (role == ROLE_PACKAGE && from &&
		    from->dir->role == ROLE_STAGE)
			check_published(n, from);
		else
			n->role = (int)role_of(n);
		if (n->role == ROLE_BUCKET)
			for (struct dent *in = n->entries; in; in = in->next)
				came_request(in->node, NULL);
		return;
	}
	if (order_is_called(role, d->name))
		came_request(n, from);
	else if (n->known)
		oracle_fail("%s: a request was moved to %s/%s",
		    from ? from->name : "", node_name(d->dir), d->name);
}

void
oracle_went(struct node *n, const struct dent *from)
{
	if (!n->disk->shared)
		return;
	check_whole(n, from->dir);
	if (n->known)
		oracle_fail("%s/%s: a request was removed",
		    node_name(from->dir), from->name);
	if (from->dir->role == ROLE_RUN && from->dir->link &&
	    from->dir->link->dir->link)
		check_unneeded(from->dir->link->dir->link->name, from->name);
	else if (from->dir->role == ROLE_STAGE && from->dir->link &&
	    (strcmp(from->name, "plan") == 0 ||
	    strcmp(from->name, "run") == 0))
		check_unneeded(from->dir->link->name, from->name);
}

/* What was asked for a request stays until that has ended. */
void
oracle_removed(const struct dent *d)
{
	static const char verb[] = "cancel,";
	const struct order *o;
	int role;

	if (d->dir->role != ROLE_CONTROL ||
	    strncmp(d->name, verb, strlen(verb)) != 0)
		return;
	o = order_find(d->name + strlen(verb));
	role = o && o->file->link ? o->file->link->dir->role : ROLE_NONE;
	if (o && role != ROLE_BAD && role != ROLE_DAY)
		oracle_fail("%s: removed, though the request is in %s", d->name,
		    node_name(o->file->link->dir));
}

void
oracle_cancelled(const char *id)
{
	struct order *o = order_find(id);

	if (o)
		o->is_cancelled = true;
}

void
oracle_changed(struct node *n)
{
	struct order *o = n->known;

	if (!n->disk->shared)
		return;
	if (o && !o->is_dropped)
		oracle_fail("%s: its text was changed", node_name(n));
	check_whole(n, NULL);
	if (!o || n->now->size == 0)
		return;
	o->trigger = order_trigger(n->now);
}

void
oracle_shunned(const struct host *h, const struct place *p)
{
	oracle_fail("%s: looks up %.*s, the target of a rename that found "
	    "nothing", h->name, (int)p->name.len, p->name.s);
}

void
oracle_started(const char *attempt, const char *trigger)
{
	struct token t;
	const struct order *o = token_parse(&t, attempt) == 0 ?
	    order_find(t.id) : NULL;

	if (!o)
		oracle_fail("%s: runs, though there is no such request",
		    attempt);
	else if (strcmp(o->trigger, trigger) != 0)
		oracle_fail("%s: runs %s, though it is %s", attempt, trigger,
		    o->trigger);
}

void
oracle_sealed(const char *attempt, const char *trigger, struct node *run)
{
	struct name name = name_of("result.json", 11);
	struct stage *s = world_alloc(sizeof *s);
	const struct dent *d = disk_find(run, &name);

	/* As it is called on disk, whatever the worker calls it. */
	(void)snprintf(s->name, sizeof s->name, "%s", run->link &&
	    run->link->dir->link ? run->link->dir->link->name : attempt);
	s->trigger = trigger;
	s->run = run;
	s->result = d ? d->node->durable : NULL;
	s->next = stages;
	stages = s;
}

void
oracle_acknowledged(const char *id, const char *trigger)
{
	struct order *o = order_find(id);

	if (!o)
		oracle_fail("%s: acknowledged, though it is not there", id);
	else if (strcmp(o->trigger, trigger) != 0)
		oracle_fail("%s: acknowledged with another text", id);
	else
		o->is_acknowledged = true;
}

void
oracle_pending(const char *id)
{
	if (!order_find(id))
		oracle_fail("%s: said to be pending, though it is not there",
		    id);
}

void
oracle_asked(const char *trigger)
{
	struct asked *a = world_alloc(sizeof *a);

	a->trigger = world_dup(trigger);
	a->next = asked;
	asked = a;
}

void
oracle_dropped(struct node *n)
{
	struct order *o = n->known;

	if (!o)
		oracle_fail("%s: was dropped, and is gone", node_name(n));
	else
		o->is_complete = true;
}

