/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "disk.h"
#include "fault.h"
#include "file.h"
#include "host.h"
#include "memory.h"
#include "sched.h"

static struct file *spare;

void
files_init(void)
{
	spare = NULL;
}

static bool
writes(const struct file *f)
{
	return f->kind == FILE_NODE && (f->flags & O_ACCMODE) != O_RDONLY;
}

struct file *
file_make(enum file_kind kind, struct host *h, struct node *n, int flags)
{
	struct file *f = spare;

	if (f)
		spare = f->next;
	else
		f = world_alloc(sizeof *f);
	*f = (struct file){ .refs = 1, .kind = kind, .host = h, .node = n,
	    .flags = flags, .opened_at = sched_now };
	if (writes(f))
		n->writers++;
	return f;
}

void
file_close(struct file *f)
{
	if (--f->refs)
		return;
	if (writes(f)) {
		f->node->writers--;
		file_flush(f);
		if (profile.fs == FS_NFS)
			file_sync(f);
	}
	if (f->node && f->node->lock == f)
		f->node->lock = NULL;
	f->next = spare;
	spare = f;
}

const char *
file_text(const struct file *f, size_t *size)
{
	const struct version *v = f->seen ? f->seen : f->node->now;

	if (f->is_dirty) {
		*size = f->size;
		return f->text;
	}
	*size = v ? v->size : 0;
	return v ? v->data : "";
}

static void
make_room(struct file *f, size_t size)
{
	size_t room = f->room ? f->room : 64;
	char *text;

	while (room < size)
		room *= 2;
	if (room == f->room)
		return;
	text = world_alloc(room);
	if (f->size)
		memcpy(text, f->text, f->size);
	f->text = text;
	f->room = room;
}

/* Its own copy of what is there, to be changed. */
static void
take_copy(struct file *f)
{
	const struct version *v = f->node->now;

	if (f->is_dirty)
		return;
	f->size = 0;
	make_room(f, v ? v->size : 1);
	if (v)
		memcpy(f->text, v->data, v->size);
	f->size = v ? v->size : 0;
	f->is_dirty = true;
}

void
file_write(struct file *f, size_t at, const void *p, size_t n)
{
	take_copy(f);
	make_room(f, at + n);
	if (at > f->size)
		memset(f->text + f->size, 0, at - f->size);
	memcpy(f->text + at, p, n);
	if (at + n > f->size)
		f->size = at + n;
	if (profile.fs != FS_NFS || !f->node->disk->shared)
		file_flush(f);
}

void
file_cut(struct file *f, size_t size)
{
	take_copy(f);
	if (size < f->size)
		f->size = size;
	file_flush(f);
}

static int64_t
modified_now(const struct host *h, const struct disk *d)
{
	if (d->shared && profile.fs == FS_NFS)
		return HOST_BEGIN_NS +
		    sched_now / profile.tick_ns * profile.tick_ns;
	return host_wall_ns(h);
}

void
file_flush(struct file *f)
{
	struct node *n = f->node;

	if (!f->is_dirty)
		return;
	f->is_dirty = false;
	disk_write(n, f->text, f->size, modified_now(f->host, n->disk));
	n->views[f->host->id].at = n->views[f->host->id].own = sched_now;
	if (n->dirty_by < 0) {
		n->dirty_by = f->host->id;
		n->next_dirty = f->host->dirty;
		f->host->dirty = n;
	}
}

static void
make_durable(struct node *n)
{
	struct node **at;

	n->durable = n->now;
	if (n->dirty_by < 0)
		return;
	at = &hosts[n->dirty_by].dirty;
	while (*at != n)
		at = &(*at)->next_dirty;
	*at = n->next_dirty;
	n->dirty_by = -1;
}

void
file_sync(struct file *f)
{
	file_flush(f);
	make_durable(f->node);
}

void
file_spoil(struct file *f)
{
	f->is_dirty = false;
	f->text = NULL;
	f->size = f->room = 0;
}

void
file_recall(struct node *n, const struct host *h)
{
	if (n->dirty_by >= 0 && n->dirty_by != h->id)
		make_durable(n);
}

void
files_power_cut(struct host *h)
{
	while (h->dirty) {
		struct node *n = h->dirty;
		const struct version *v = n->durable;

		h->dirty = n->next_dirty;
		n->dirty_by = -1;
		if (v != n->now)
			disk_write(n, v ? v->data : "", v ? v->size : 0,
			    v ? v->modified : sched_now);
	}
}
