/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wrapped calls that list directories.  A listing is made at its first
 * readdir(3), as of a time that may have passed.
 */
#include <errno.h>
#include <string.h>

#include "breaks.h"
#include "calls.h"
#include "client.h"
#include "file.h"
#include "host.h"
#include "memory.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "wrap.h"

/* What a DIR is here. */
struct list {
	struct list *next;	/* where it is not in use */
	int fd;
	bool is_read;
	int err;		/* the last readdir's; 0: none */
	size_t n, at, room;
	struct dent **dents;
	struct dirent entry;
};

static struct list *spare;
static struct rng rng;

void
calls_init(uint64_t seed)
{
	spare = NULL;
	rng = rng_make(seed, 3);
}

DIR *
__wrap_fdopendir(int fd)
{
	const struct file *f;
	struct list *l = spare;

	if (!proc_now)
		return __real_fdopendir(fd);
	f = call_file(fd);
	if (!f || f->kind != FILE_NODE || f->node->kind != NODE_DIR) {
		errno = f ? ENOTDIR : EBADF;
		return NULL;
	}
	if (l)
		spare = l->next;
	else
		l = world_alloc(sizeof *l);
	l->fd = fd;
	l->n = l->at = 0;
	l->is_read = false;
	l->err = 0;
	return (DIR *)l;
}

static void
add(struct list *l, struct dent *d)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 32;
		struct dent **more = world_alloc(room * sizeof *more);

		if (l->n)
			memcpy(more, l->dents, l->n * sizeof *more);
		l->dents = more;
		l->room = room;
	}
	l->dents[l->n++] = d;
}

/* What was there at the one time, or, of what a torn list has, at the other. */
static void
fill(struct list *l, const struct node *dir, int64_t view, bool is_torn)
{
	for (struct dent *d = dir->entries; d; d = d->next)
		if (d->born <= view || (is_torn && rng_one_in(&rng, 2)))
			add(l, d);
	for (struct dent *d = dir->gone; d && d->died > view; d = d->next)
		if (d->born <= view && (!is_torn || rng_one_in(&rng, 2)))
			add(l, d);
}

/* Some filesystems sort by a hash, some by age: nobody may rely on it. */
static void
shuffle(struct list *l)
{
	if (l->n < 2 || !rng_one_in(&rng, 4))
		return;
	for (size_t i = 0; i < l->n; i++) {
		size_t j = i + rng_below(&rng, l->n - i);
		struct dent *d = l->dents[i];

		l->dents[i] = l->dents[j];
		l->dents[j] = d;
	}
}

static int
read_list(struct list *l)
{
	struct file *f = call_file(l->fd);
	struct node *dir = f->node;
	struct fate fate = call_fate(dir, CALL_STAT);
	int64_t view;

	l->is_read = true;
	if (fate.err)
		return fate.err;
	if (node_is_gone(dir))
		return -ESTALE;
	view = client_view(f->host, dir);
	fill(l, dir, view, view < sched_now && fault_happens(FAULT_TORN_LIST));
	shuffle(l);
	return 0;
}

struct dirent *
__wrap_readdir(DIR *d)
{
	static const unsigned char types[] = { [NODE_FILE] = DT_REG,
	    [NODE_DIR] = DT_DIR, [NODE_LINK] = DT_LNK };
	struct list *l = (struct list *)d;
	const struct dent *e;
	const char *name;
	int rc;

	if (!proc_now)
		return __real_readdir(d);
	if (!l->is_read) {
		rc = read_list(l);
		if (calls_told)
			call_tell(rc ? rc : (int64_t)l->n, "readdir %s",
			    node_name(call_file(l->fd)->node));
		if (rc != 0) {
			errno = -rc;
			return NULL;
		}
	}
	if (l->at == l->n)
		return NULL;
	e = l->dents[l->at++];
	l->entry.d_ino = e->node->ino;
	l->entry.d_type = profile.no_types ? DT_UNKNOWN : types[e->node->kind];
	name = breaks_own(e->name);
	memcpy(l->entry.d_name, name, strlen(name) + 1);
	return &l->entry;
}

int
__wrap_dirfd(DIR *d)
{
	return proc_now ? ((struct list *)d)->fd : __real_dirfd(d);
}

int
__wrap_closedir(DIR *d)
{
	struct list *l = (struct list *)d;

	if (!proc_now)
		return __real_closedir(d);
	(void)__wrap_close(l->fd);
	l->next = spare;
	spare = l;
	return 0;
}
