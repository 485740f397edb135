/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "change.h"
#include "fault.h"
#include "host.h"
#include "journal.h"
#include "memory.h"
#include "proc.h"
#include "sched.h"

/* At the server. */
static int
perform(struct change *c)
{
	struct node *dir = c->at.dir;
	int rc;

	switch (c->kind) {
	case CHANGE_CREATE:
		return disk_make_node(dir, &c->at.name, NODE_FILE, &c->made);
	case CHANGE_MKDIR:
		return disk_make_node(dir, &c->at.name, NODE_DIR, &c->made);
	case CHANGE_SYMLINK:
		rc = disk_make_node(dir, &c->at.name, NODE_LINK, &c->made);
		if (rc == 0)
			c->made->target = world_dup(c->target);
		return rc;
	case CHANGE_UNLINK:
		return disk_remove(dir, &c->at.name, NODE_FILE);
	case CHANGE_RMDIR:
		return disk_remove(dir, &c->at.name, NODE_DIR);
	case CHANGE_RENAME:
		return disk_rename(dir, &c->at.name, c->to.dir, &c->to.name);
	}
	return -EINVAL;
}

static int
execute(struct change *c)
{
	struct dent *from = NULL, *replaced = NULL;
	int rc;

	if (c->kind >= CHANGE_UNLINK)
		from = disk_find(c->at.dir, &c->at.name);
	if (c->kind == CHANGE_RENAME)
		replaced = disk_find(c->to.dir, &c->to.name);
	rc = perform(c);
	if (rc == 0 && (!from || from != replaced))
		journal_note(c, from, replaced);
	return rc;
}

static struct name
keep_name(const struct name *n)
{
	char *s = world_alloc(n->len + 1);

	memcpy(s, n->s, n->len);
	return (struct name){ s, n->len, n->hash };
}

static void
arrive(void *arg)
{
	struct change *c = arg;

	/* Nobody undoes what a host did that may be gone. */
	for (int i = 0; i < n_hosts; i++) {
		journal_show(&hosts[i], c->at.dir);
		if (c->kind == CHANGE_RENAME)
			journal_show(&hosts[i], c->to.dir);
	}
	(void)perform(c);
}

/* It is done (once more) by the server later, whatever became of who asked. */
static void
send_later(const struct change *c, int64_t ns)
{
	struct change *copy = world_alloc(sizeof *copy);

	*copy = *c;
	copy->at.name = keep_name(&c->at.name);
	if (c->kind == CHANGE_RENAME)
		copy->to.name = keep_name(&c->to.name);
	if (c->target)
		copy->target = world_dup(c->target);
	sched_at(sched_now + ns, arrive, copy);
}

/*
 * What the host's kernel answers without asking: it takes a name to be there
 * that is not, or the other way round.
 */
static int
refuse(struct change *c)
{
	const struct node *n = client_look(c->host, &c->at);

	switch (c->kind) {
	case CHANGE_CREATE:
	case CHANGE_MKDIR:
	case CHANGE_SYMLINK:
		return n ? -EEXIST : 0;
	case CHANGE_UNLINK:
		return !n ? -ENOENT : n->kind == NODE_DIR ? -EISDIR : 0;
	case CHANGE_RMDIR:
		return !n ? -ENOENT : n->kind != NODE_DIR ? -ENOTDIR : 0;
	case CHANGE_RENAME:
		(void)client_look(c->host, &c->to);
		return n ? 0 : -ENOENT;
	}
	return -EINVAL;
}

static void
learn(struct change *c, int rc)
{
	switch (c->kind) {
	case CHANGE_CREATE:
	case CHANGE_MKDIR:
	case CHANGE_SYMLINK:
		if (rc == 0)
			client_learn(c->host, &c->at, c->made);
		break;
	case CHANGE_UNLINK:
	case CHANGE_RMDIR:
		if (rc == 0 || rc == -ENOENT)
			client_learn(c->host, &c->at, NULL);
		break;
	case CHANGE_RENAME:
		if (rc == 0) {
			struct dent *d = disk_find(c->to.dir, &c->to.name);

			client_learn(c->host, &c->to, d ? d->node : NULL);
		}
		if (rc == 0 || rc == -ENOENT)
			client_learn(c->host, &c->at, NULL);
		break;
	}
}

int
change_call(struct change *c)
{
	static const enum call calls[] = { [CHANGE_CREATE] = CALL_MAKE,
	    [CHANGE_MKDIR] = CALL_MAKE, [CHANGE_SYMLINK] = CALL_MAKE,
	    [CHANGE_UNLINK] = CALL_REMOVE, [CHANGE_RMDIR] = CALL_REMOVE,
	    [CHANGE_RENAME] = CALL_RENAME };
	struct fate fate = fault_draw(c->at.dir->disk, calls[c->kind]);
	int rc = refuse(c);

	if (rc != 0 && !fate.kills)
		return rc;
	if (rc == 0 && ((!fate.err && !fate.kills) || fate.is_done))
		rc = execute(c);
	/* It lost its source; not where it is the bucket that is gone. */
	if (rc == -ENOENT && c->kind == CHANGE_RENAME &&
	    profile.fs == FS_CEPH && !disk_find(c->at.dir, &c->at.name) &&
	    !disk_find(c->to.dir, &c->to.name))
		client_shun(c->host, &c->to);
	if (fate.copy_ns)
		send_later(c, fate.copy_ns);
	if (fate.kills)
		proc_end(proc_now, 9);
	if (fate.is_done_twice) {
		proc_wait(host_latency_ns(c->host) * 4);
		rc = execute(c);
	}
	if (fate.err)
		return fate.err;
	learn(c, rc);
	return rc;
}
