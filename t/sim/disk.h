/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth: what the server has on its disk.  Changes are done at once, one
 * after the other, and are told to the oracle.  The past is kept as far as a
 * client may still see it: when each entry came and went, and what a file
 * held.  Functions return 0 or a negative errno.
 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOSTS_MOST = 8 };

enum node_kind { NODE_FILE, NODE_DIR, NODE_LINK };

/* A name, not terminated, with its hash. */
struct name {
	const char *s;
	size_t len;
	uint64_t hash;
};

struct dent {
	struct dent *next;
	struct node *dir, *node;
	uint64_t hash;
	int64_t born, died;	/* SIM_NEVER while it is there */
	size_t len;
	char name[];		/* terminated */
};

/* What a file held from some time on; never changed. */
struct version {
	struct version *older;
	int64_t at;
	int64_t modified;	/* its st_mtim, as the filesystem makes it */
	size_t size;
	char data[];
};

/* What a host has seen of a node. */
struct view {
	int64_t at;		/* 0: nothing yet */
	int64_t tick;		/* its st_mtim then */
	int64_t own;		/* when the host itself changed it last */
};

struct disk {
	const char *name;
	bool shared;		/* mounted by all, and hostile */
	struct node *root;
};

struct node {
	uint64_t ino;
	enum node_kind kind;
	struct disk *disk;
	struct dent *link;	/* where it is: it has one name or none */
	struct dent *entries;	/* of a directory, newest first */
	struct dent *gone;	/* those that went, newest first */
	size_t n_entries;
	int64_t changed;	/* of a directory */
	const char *target;	/* of a symbolic link */
	struct version *now;	/* of a file */
	struct version *durable;
	int dirty_by;		/* a host's number: it has not synced; or -1 */
	struct node *next_dirty;
	int changed_by;		/* journal.c's: which host did the last */
	uint64_t change_number;	/* change that concerns it; 0: none */
	struct file *lock;	/* who holds flock(2) */
	int64_t lock_until;	/* a host that is gone holds it so long */
	unsigned writers;	/* open for writing so many times */
	int role;		/* the oracle's */
	void *known;		/* the oracle's */
	bool whole;		/* the oracle's: nothing may change it */
	struct view views[HOSTS_MOST];
};

struct name name_of(const char *s, size_t len);

/* What all hosts mount, by path. */
enum { SHARED_MOST = 2 };
extern struct disk *shared[SHARED_MOST];
extern int n_shared;

void disk_reset(void);

struct disk *disk_make(const char *name, bool is_shared);

/* NULL: not there. */
struct dent *disk_find(const struct node *dir, const struct name *n);

/* Whether an entry was there at that time. */
static inline bool
dent_was_there(const struct dent *d, int64_t at)
{
	return d->born <= at && at < d->died;
}

int disk_make_node(struct node *dir, const struct name *n,
	enum node_kind kind, struct node **made);
int disk_remove(struct node *dir, const struct name *n, enum node_kind kind);
int disk_rename(struct node *from, const struct name *n, struct node *to,
	const struct name *m);

/*
 * Brings back what was at from, if anything, and is at to now, if anything; and
 * what was at to before.  The oracle is told that it is no change.
 */
void disk_undo(struct dent *from, struct dent *to, struct dent *replaced);

/* The file holds this from now on. */
void disk_write(struct node *file, const void *p, size_t n, int64_t modified);

/* What it held then; NULL: nothing. */
struct version *disk_version(const struct node *file, int64_t at);

/* Whether it was removed. */
bool node_is_gone(const struct node *n);

/* Its last name, for those who read. */
const char *node_name(const struct node *n);

#endif
