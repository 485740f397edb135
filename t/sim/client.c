/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "breaks.h"
#include "client.h"
#include "fault.h"
#include "host.h"
#include "journal.h"
#include "oracle.h"
#include "proc.h"
#include "sched.h"

/* open(2) asks the server, as a rule, what became of a file. */
#define DATA_CACHE_NS (900 * SIM_MS)

/* Mounts: /spool and /results are the same for all, the rest is local. */
static struct node *
root_of(struct host *h, const char **path)
{
	for (int i = 0; i < n_shared; i++) {
		size_t n = strlen(shared[i]->name);

		if (strncmp(*path, shared[i]->name, n) == 0 &&
		    ((*path)[n] == '/' || !(*path)[n])) {
			*path += n;
			return shared[i]->root;
		}
	}
	return h->local->root;
}

static struct dentry *
slot(struct host *h, const struct place *p)
{
	return &h->dentries[(p->dir->ino * 0x9e3779b1 ^ p->name.hash) %
	    DENTRIES];
}

static bool
is_of(const struct dentry *e, const struct place *p)
{
	return e->dir == p->dir && e->hash == p->name.hash;
}

struct node *
client_look(struct host *h, const struct place *p)
{
	struct dentry *e = slot(h, p);
	struct dent *d;
	struct node *truth;

	if (!p->name.len)
		return p->dir;
	journal_show(h, p->dir);
	d = disk_find(p->dir, &p->name);
	truth = d ? d->node : NULL;
	if (is_of(e, p)) {
		if (e->is_shunned)
			oracle_shunned(h, p);
		if (e->node != truth && sched_now - e->at < profile.cache_ns &&
		    p->dir->disk->shared &&
		    !(proc_now && proc_now->asks_names) &&
		    fault_happens(FAULT_STALE_NAME))
			return e->node;
	}
	*e = (struct dentry){ p->dir, p->name.hash, truth, sched_now, false };
	return truth;
}

void
client_learn(struct host *h, const struct place *p, struct node *n)
{
	*slot(h, p) = (struct dentry){ p->dir, p->name.hash, n, sched_now,
	    false };
	p->dir->views[h->id].own = sched_now;
}

void
client_shun(struct host *h, const struct place *p)
{
	*slot(h, p) = (struct dentry){ p->dir, p->name.hash, NULL, sched_now,
	    true };
}

/* A directory that is gone is found out, and looked for afresh. */
static int
step(struct host *h, struct place *p)
{
	struct node *n = client_look(h, p);
	struct dent *d;

	if (n && node_is_gone(n)) {
		d = disk_find(p->dir, &p->name);
		n = d ? d->node : NULL;
	}
	if (!n)
		return -ENOENT;
	if (n->kind != NODE_DIR)
		return -ENOTDIR;
	p->dir = n;
	return 0;
}

int
client_walk(struct host *h, struct node *at, const char *path,
	struct place *p)
{
	int rc;

	if (!*path)
		return -ENOENT;
	p->dir = *path == '/' ? root_of(h, &path) : at;
	p->name = name_of("", 0);
	for (;;) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			return 0;
		if (p->name.len && (rc = step(h, p)) != 0)
			return rc;
		p->name = len == 1 && *path == '.' ? name_of("", 0) :
		    breaks_shared(name_of(path, len));
		path += len;
	}
}

int64_t
client_view(struct host *h, struct node *n)
{
	struct view *v = &n->views[h->id];
	bool is_dir = n->kind == NODE_DIR;
	int64_t changed = is_dir ? n->changed : n->now ? n->now->at : 0;
	int64_t tick = changed / profile.tick_ns;
	bool is_old = changed > v->at;

	journal_show(h, n);
	if (v->at && v->at >= h->booted_at && v->at >= v->own && is_old &&
	    n->disk->shared) {
		if (is_dir && tick == v->tick &&
		    fault_happens(FAULT_BLIND_LIST))
			return v->at;
		if (sched_now - v->at < (is_dir ? profile.cache_ns :
		    DATA_CACHE_NS) && fault_happens(is_dir ?
		    FAULT_STALE_LIST : FAULT_STALE_DATA))
			return v->at;
	}
	v->at = sched_now;
	v->tick = tick;
	return sched_now;
}
