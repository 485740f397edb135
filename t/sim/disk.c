/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "disk.h"
#include "memory.h"
#include "oracle.h"
#include "sched.h"

struct disk *shared[SHARED_MOST];
int n_shared;

static uint64_t last_ino;

struct name
name_of(const char *s, size_t len)
{
	struct name n = { s, len, len };
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, s + i, 8);
		n.hash = (n.hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		n.hash ^= n.hash >> 32;
	}
	word = 0;
	memcpy(&word, s + i, len - i);
	n.hash = (n.hash ^ word) * UINT64_C(0xd1342543de82ef95);
	n.hash ^= n.hash >> 29;
	return n;
}

static struct node *
make(struct disk *disk, enum node_kind kind)
{
	struct node *n = world_alloc(sizeof *n);

	n->ino = ++last_ino;
	n->kind = kind;
	n->disk = disk;
	n->changed = sched_now;
	n->dirty_by = -1;
	return n;
}

void
disk_reset(void)
{
	last_ino = 1;
	n_shared = 0;
}

struct disk *
disk_make(const char *name, bool is_shared)
{
	struct disk *d = world_alloc(sizeof *d);

	d->name = name;
	d->shared = is_shared;
	d->root = make(d, NODE_DIR);
	if (is_shared)
		shared[n_shared++] = d;
	return d;
}

bool
node_is_gone(const struct node *n)
{
	return !n->link && n != n->disk->root;
}

const char *
node_name(const struct node *n)
{
	return n->link ? n->link->name : n == n->disk->root ? n->disk->name :
	    "(gone)";
}

struct dent *
disk_find(const struct node *dir, const struct name *n)
{
	struct dent *d = dir->entries;

	while (d && (d->hash != n->hash || d->len != n->len ||
	    memcmp(d->name, n->s, n->len) != 0))
		d = d->next;
	return d;
}

static void
link_node(struct node *dir, const struct name *n, struct node *node)
{
	struct dent *d = world_alloc(sizeof *d + n->len + 1);

	d->dir = dir;
	d->node = node;
	d->hash = n->hash;
	d->born = sched_now;
	d->died = SIM_NEVER;
	d->len = n->len;
	memcpy(d->name, n->s, n->len);
	d->next = dir->entries;
	dir->entries = d;
	dir->n_entries++;
	dir->changed = sched_now;
	node->link = d;
}

static void
unlink_node(struct dent *d)
{
	struct dent **at = &d->dir->entries;

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	d->next = d->dir->gone;
	d->dir->gone = d;
	d->dir->n_entries--;
	d->dir->changed = sched_now;
	d->died = sched_now;
	d->node->link = NULL;
}

int
disk_make_node(struct node *dir, const struct name *n, enum node_kind kind,
	struct node **made)
{
	if (dir->kind != NODE_DIR)
		return -ENOTDIR;
	if (node_is_gone(dir))
		return -ESTALE;
	if (n->len > 255)
		return -ENAMETOOLONG;
	if (disk_find(dir, n))
		return -EEXIST;
	*made = make(dir->disk, kind);
	link_node(dir, n, *made);
	oracle_came(*made, NULL);
	return 0;
}

static int
may_remove(const struct node *n, enum node_kind kind)
{
	if (kind == NODE_DIR && n->kind != NODE_DIR)
		return -ENOTDIR;
	if (kind != NODE_DIR && n->kind == NODE_DIR)
		return -EISDIR;
	return n->n_entries ? -ENOTEMPTY : 0;
}

int
disk_remove(struct node *dir, const struct name *n, enum node_kind kind)
{
	struct dent *d = disk_find(dir, n);
	int rc;

	if (node_is_gone(dir))
		return -ESTALE;
	if (!d)
		return -ENOENT;
	rc = may_remove(d->node, kind);
	if (rc == 0) {
		unlink_node(d);
		oracle_went(d->node, d);
		oracle_removed(d);
	}
	return rc;
}

int
disk_rename(struct node *from, const struct name *n, struct node *to,
	const struct name *m)
{
	struct dent *d = disk_find(from, n), *there = disk_find(to, m);
	struct node *node;
	int rc = 0;

	if (node_is_gone(from) || node_is_gone(to))
		return -ESTALE;
	if (from->disk != to->disk)
		return -EXDEV;
	if (!d)
		return -ENOENT;
	if (m->len > 255)
		return -ENAMETOOLONG;
	if (there == d)
		return 0;
	if (there)
		rc = may_remove(there->node, d->node->kind);
	if (rc != 0)
		return rc;
	if (there) {
		unlink_node(there);
		oracle_went(there->node, there);
	}
	node = d->node;
	unlink_node(d);
	link_node(to, m, node);
	oracle_came(node, d);
	return 0;
}

static struct name
name_at(const struct dent *d)
{
	return (struct name){ d->name, d->len, d->hash };
}

void
disk_undo(struct dent *from, struct dent *to, struct dent *replaced)
{
	struct node *node = from ? from->node : to->node;
	struct name name;

	/* Undoing what came later has put it there under a new entry. */
	if (to && node->link && node->link->dir == to->dir &&
	    node->link->hash == to->hash)
		to = node->link;
	if (node->link != to) {
		oracle_fail("the simulator cannot undo a change of %s",
		    node_name(node));
		return;
	}
	if (to)
		unlink_node(to);
	if (replaced) {
		name = name_at(replaced);
		link_node(replaced->dir, &name, replaced->node);
	}
	if (from) {
		name = name_at(from);
		link_node(from->dir, &name, node);
	}
	oracle_undone(node, to);
}

void
disk_write(struct node *file, const void *p, size_t n, int64_t modified)
{
	struct version *v = world_alloc(sizeof *v + n);

	v->older = file->now;
	v->at = sched_now;
	v->modified = modified;
	v->size = n;
	memcpy(v->data, p, n);
	file->now = v;
	oracle_changed(file);
}

struct version *
disk_version(const struct node *file, int64_t at)
{
	struct version *v = file->now;

	while (v && v->at > at)
		v = v->older;
	return v;
}
