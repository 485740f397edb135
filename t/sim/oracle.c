/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request is known by its file, which only ever moves: whatever it is called,
 * and wherever it is, it must stay one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "disk.h"
#include "host.h"
#include "memory.h"
#include "name.h"
#include "oracle.h"
#include "oracle_role.h"
#include "proc.h"
#include "sched.h"

char oracle_found[2048];

/* A stage that was sealed. */
struct stage {
	struct stage *next;
	char name[TOKEN_NAME_MAX];
	const char *trigger;
	const struct node *run;
	const struct version *result;
	bool is_committed, is_published;
};

/* A file that was in new/ once. */
struct order {
	struct order *next;
	struct node *file;
	struct token token;		/* as it is called now */
	const char *trigger;		/* what tells it from all others */
	struct stage *stage;		/* that was committed */
	bool is_dropped, is_complete, was_settled;
	bool is_acknowledged, is_void;	/* void: it never was */
	bool is_cancelled;		/* somebody asked for its end */
	unsigned published;
};

/* The names that tokens have had in buckets and in cur/. */
enum { NAMES_MOST = 1 << 14 };

static struct order *orders;
static struct stage *stages;
static uint64_t *names;
static size_t n_open, n_names;
static unsigned attempts_most;

void
oracle_init(unsigned attempts)
{
	orders = NULL;
	stages = NULL;
	n_open = n_names = 0;
	attempts_most = attempts;
	names = world_alloc(NAMES_MOST * sizeof *names);
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

/* Whether a file of that name, there, is a request. */
static bool
is_request(int role, const char *name)
{
	size_t n = strlen(name);

	if (!role_has_tokens(role) || name_is_dropping(name))
		return false;
	return role != ROLE_BAD || n < 4 || strcmp(name + n - 4, ".why");
}

static bool
is_settled(const struct order *o)
{
	int role = o->file->link ? o->file->link->dir->role : ROLE_NONE;

	if (o->is_void)
		return true;
	return role == ROLE_BAD || (role == ROLE_DAY && o->published);
}

/* Counts what is not settled. */
static void
count(struct order *o)
{
	bool settled = is_settled(o);

	if (settled != o->was_settled)
		n_open += settled ? -1UL : 1UL;
	o->was_settled = settled;
}

static struct stage *
find_stage(const char *name)
{
	struct stage *s = stages;

	while (s && strcmp(s->name, name) != 0)
		s = s->next;
	return s;
}

static struct order *
find_order(const char *id)
{
	struct order *o = orders;

	while (o && strcmp(o->token.id, id) != 0)
		o = o->next;
	return o;
}

/* The trigger that its text has: sim/NUMBER. */
static const char *
trigger_in(const struct version *v)
{
	static const char mark[] = "\"sim/";
	const char *p = v ? memmem(v->data, v->size, mark, sizeof mark - 1) :
	    NULL;
	char *trigger;
	size_t n = 0;

	if (!p)
		return "";
	p++;
	while (p + n < v->data + v->size && p[n] != '"')
		n++;
	trigger = world_alloc(n + 1);
	memcpy(trigger, p, n);
	return trigger;
}

static struct order *
meet(struct node *n, bool is_dropped)
{
	struct order *o = world_alloc(sizeof *o);

	o->file = n;
	o->trigger = trigger_in(n->now);
	o->is_dropped = is_dropped;
	o->next = orders;
	orders = o;
	n->known = o;
	n_open++;
	return o;
}

/* No token has the same name twice. */
static void
note_name(const struct dent *d)
{
	uint64_t hash = d->hash ^ (uint64_t)d->dir->role << 56;
	size_t i = hash % NAMES_MOST;

	for (; names[i]; i = (i + 1) % NAMES_MOST)
		if (names[i] == hash) {
			oracle_fail("%s/%s: the name was used before",
			    d->dir->link->name, d->name);
			return;
		}
	names[i] = hash;
	if (++n_names == NAMES_MOST / 2)
		oracle_fail("more names than the oracle can remember");
}

static void
check_one(struct order *o, const struct token *t)
{
	if (strcmp(o->token.id, t->id) != 0) {
		const struct order *other = find_order(t->id);

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

/* Committed: all of it must be there, and on disk. */
static void
check_stage(const struct stage *s, const struct dent *d)
{
	struct node *stage = s->run->link ? s->run->link->dir : NULL;
	struct name plan = name_of("plan", 4);
	struct name result = name_of("result.json", 11);
	const struct dent *p = stage && stage->role == ROLE_STAGE ?
	    disk_find(stage, &plan) : NULL;
	const struct dent *r = disk_find(s->run, &result);

	if (!p || !r || strcmp(stage->link->name, d->name) != 0)
		oracle_fail("%s: committed, though its stage is gone",
		    d->name);
	else if (p->node->durable != p->node->now || !r->node->durable ||
	    r->node->durable != s->result || s->result->size == 0)
		oracle_fail("%s: committed, though its stage is not on disk",
		    d->name);
}

static void
check_committed(struct order *o, const struct dent *d)
{
	struct stage *s = find_stage(d->name);

	if (o->stage)
		oracle_fail("%s: committed again, after %s", d->name,
		    o->stage->name);
	if (!s) {
		oracle_fail("%s: committed, though it was not sealed",
		    d->name);
		return;
	}
	check_stage(s, d);
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
		o = meet(n, role == ROLE_NEW);
	if (from && from->dir->role == ROLE_DAY)
		oracle_fail("%s: taken out of done/", d->name);
	if (role == ROLE_BUCKET || role == ROLE_CUR)
		note_name(d);
	if (token_parse(&t, d->name) == 0)
		check_one(o, &t);
	else if (role != ROLE_NEW && role != ROLE_BUCKET)
		oracle_fail("%s: no token's name", d->name);
	if (role == ROLE_DAY)
		check_committed(o, d);
	if (role == ROLE_BAD)
		check_refused(o, d);
	count(o);
}

static void
check_published(struct node *n, const struct dent *from)
{
	const char *attempt = from->dir->link ? from->dir->link->name : "?";
	struct stage *s = find_stage(attempt);
	struct token t;
	struct order *o;

	if (!s || s->run != n || !s->is_committed) {
		oracle_fail("%s: published, though it was not %s", attempt,
		    s ? "committed" : "sealed");
		return;
	}
	s->is_published = true;
	o = token_parse(&t, attempt) == 0 ? find_order(t.id) : NULL;
	if (!o || o->stage != s)
		oracle_fail("%s: published, though not the request's result",
		    attempt);
	else if (o->published++)
		oracle_fail("%s: published for the second time", attempt);
	else if (strcmp(o->trigger, s->trigger) != 0)
		oracle_fail("%s: published the result of %s, not of %s",
		    attempt, s->trigger, o->trigger);
	if (o)
		count(o);
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
	const struct stage *s = find_stage(attempt);

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
		return;
	}
	if (is_request(role, d->name))
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
	o = find_order(d->name + strlen(verb));
	role = o && o->file->link ? o->file->link->dir->role : ROLE_NONE;
	if (o && role != ROLE_BAD && role != ROLE_DAY)
		oracle_fail("%s: removed, though the request is in %s", d->name,
		    node_name(o->file->link->dir));
}

void
oracle_cancelled(const char *id)
{
	struct order *o = find_order(id);

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
	o->trigger = trigger_in(n->now);
}

static void
forget_name(const struct dent *d)
{
	uint64_t hash = d->hash ^ (uint64_t)d->dir->role << 56;

	for (size_t i = hash % NAMES_MOST; names[i]; i = (i + 1) % NAMES_MOST)
		if (names[i] == hash)
			names[i] = 1;
}

static void
undo_request(struct order *o, const struct dent *to)
{
	const struct dent *d = o->file->link;
	struct token t;

	if (to && (to->dir->role == ROLE_BUCKET || to->dir->role == ROLE_CUR))
		forget_name(to);
	if (o->stage && to && to->dir->role == ROLE_DAY) {
		o->stage->is_committed = false;
		o->stage = NULL;
	}
	if (d && is_request(d->dir->role, d->name)) {
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
	count(o);
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
			count(o);
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
	if (n->kind == NODE_DIR)
		n->role = (int)role_of(n);
}

void
oracle_after_power_cut(void)
{
	for (struct order *o = orders; o; o = o->next) {
		const struct dent *d = o->file->link;

		if (!o->is_void && o->stage && !o->published)
			check_stage(o->stage, d);
	}
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
	    find_order(t.id) : NULL;

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
	struct order *o = find_order(id);

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
	if (!find_order(id))
		oracle_fail("%s: said to be pending, though it is not there",
		    id);
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

	while (d && (token_parse(&t, d->name) != 0 || !find_order(t.id)))
		d = d->next;
	return d ? d->name : NULL;
}

bool
oracle_is_settled(void)
{
	return n_open == 0;
}

bool
oracle_is_clean(void)
{
	return n_open == 0 && !any_stage();
}

void
oracle_finish(void)
{
	const char *stage = any_stage();

	for (const struct order *o = orders; o; o = o->next)
		if (!is_settled(o))
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
