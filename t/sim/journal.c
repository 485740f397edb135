/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disk.h"
#include "fault.h"
#include "host.h"
#include "journal.h"
#include "memory.h"
#include "oracle.h"
#include "rng.h"
#include "sched.h"

/* Journals are written so often, whoever asks. */
#define COMMIT_NS (5 * SIM_S)

struct entry {
	struct entry *older;
	uint64_t number;
	int64_t at;
	enum change_kind kind;
	struct node *node;
	struct dent *from, *to, *replaced;
};

/* One a host and disk: each is synced for itself. */
static struct {
	struct entry *newest;
	uint64_t safe;		/* entries up to this number are on disk */
} journals[HOSTS_MOST][SHARED_MOST];

static struct rng rng;
static uint64_t last_number;

void
journal_init(uint64_t seed)
{
	rng = rng_make(seed, 8);
	last_number = 0;
	for (int i = 0; i < HOSTS_MOST; i++)
		for (int k = 0; k < SHARED_MOST; k++) {
			journals[i][k].newest = NULL;
			journals[i][k].safe = 0;
		}
}

static int
index_of(const struct disk *d)
{
	return d == shared[0] ? 0 : 1;
}

static void
mark(struct node *n, const struct host *h)
{
	n->changed_by = h->id;
	n->change_number = last_number;
}

void
journal_note(const struct change *c, struct dent *from,
	struct dent *replaced)
{
	const struct disk *d = c->at.dir->disk;
	struct entry *e;
	int i = index_of(d);

	if (profile.fs == FS_NFS || !d->shared)
		return;
	e = world_alloc(sizeof *e);
	*e = (struct entry){ journals[c->host->id][i].newest, ++last_number,
	    sched_now, c->kind, from ? from->node : c->made, from, NULL,
	    replaced };
	e->to = e->node->link;
	journals[c->host->id][i].newest = e;
	mark(c->at.dir, c->host);
	mark(e->node, c->host);
	if (c->kind == CHANGE_RENAME)
		mark(c->to.dir, c->host);
}

static void
make_safe(int host, const struct disk *d, uint64_t number)
{
	uint64_t *safe = &journals[host][index_of(d)].safe;

	if (*safe < number)
		*safe = number;
}

void
journal_sync(struct host *h, const struct node *n)
{
	if (!n->disk->shared)
		return;
	/* A local journal is written as a whole. */
	if (profile.fs == FS_LOCAL)
		make_safe(h->id, n->disk, last_number);
	else if (n->change_number && n->changed_by == h->id)
		make_safe(h->id, n->disk, n->change_number);
}

void
journal_show(const struct host *h, const struct node *dir)
{
	if (dir->change_number && dir->changed_by != h->id)
		make_safe(dir->changed_by, dir->disk, dir->change_number);
}

static void
undo(const struct entry *e)
{
	switch (e->kind) {
	case CHANGE_CREATE:
	case CHANGE_MKDIR:
	case CHANGE_SYMLINK:
		disk_undo(NULL, e->to, NULL);
		break;
	case CHANGE_UNLINK:
	case CHANGE_RMDIR:
		disk_undo(e->from, NULL, NULL);
		break;
	case CHANGE_RENAME:
		disk_undo(e->from, e->to, e->replaced);
		break;
	}
}

void
journal_power_cut(struct host *h)
{
	for (int i = 0; i < n_shared; i++) {
		const struct entry *e = journals[h->id][i].newest, *end = e;
		uint64_t n = 0;

		while (end && end->number > journals[h->id][i].safe &&
		    sched_now - end->at < COMMIT_NS) {
			end = end->older;
			n++;
		}
		for (n = rng_below(&rng, n + 1); n > 0; n--, e = e->older)
			undo(e);
		journals[h->id][i].newest = NULL;
	}
	oracle_after_power_cut();
}
