/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How hostile the world is, all of it from the seed: what may go wrong, how
 * often, and what is to become of one call.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct disk;

enum fault {
	FAULT_LOST_REPLY,	/* done, not answered, and so done again */
	FAULT_COPY,		/* done and answered, and done again later */
	FAULT_LATE,		/* answered with EIO, and done later */
	FAULT_EIO,		/* from here on: not done */
	FAULT_ESTALE,
	FAULT_ENOSPC,
	FAULT_EDQUOT,
	FAULT_EINTR,
	FAULT_SHORT,		/* reads or writes less than it was told */
	FAULT_KILL,		/* the process ends: before, after, amid */
	FAULT_PER_CALL,		/* those above are drawn at each call */
	FAULT_STALE_NAME = FAULT_PER_CALL,	/* an old dentry is believed */
	FAULT_STALE_LIST,	/* a listing is that of a while ago */
	FAULT_TORN_LIST,	/* ... in part */
	FAULT_BLIND_LIST,	/* ... until the directory changes again */
	FAULT_STALE_DATA,	/* an old version of a file is read */
	FAULT_EROFS,		/* a period in which nothing can be changed */
	FAULT_FULL,		/* a period in which nothing can be added */
	FAULT_AWAY,		/* the server does not answer for a while */
	FAULT_MOUNT,		/* what a host holds open is stale */
	FAULT_STOP,		/* SIGSTOP, and later SIGCONT */
	FAULT_TERM,		/* SIGTERM, and a new start */
	FAULT_RELOAD,		/* SIGHUP: other slots, other queues */
	FAULT_TWIN,		/* another worker of the same name */
	FAULT_GONE,		/* a worker, or a host, never comes back */
	FAULT_POWER,		/* a host loses what it has not synced */
	FAULT_CLOCK,		/* a wall clock jumps */
	FAULT_KINDS
};

enum fs_kind { FS_NFS, FS_CEPH, FS_LOCAL };

struct profile {
	enum fs_kind fs;
	uint64_t chances[FAULT_KINDS];	/* of RNG_ALL, at each occasion */
	uint64_t any;			/* the sum of those per call */
	int64_t cache_ns;		/* what is seen may be so old */
	int64_t late_ns;		/* what comes late may be so late */
	int64_t tick_ns;		/* of the server's clock */
	bool copies_makes;	/* what comes twice: see fault.c */
	bool no_locks;			/* flock(2) excludes on a host only */
	bool no_types;			/* readdir(3) says DT_UNKNOWN */
};

extern struct profile profile;
extern uint64_t fault_counts[FAULT_KINDS];

/* Draws the profile of a seed; no faults at all until fault_on. */
void fault_init(uint64_t seed);
void fault_on(void);
void fault_off(void);

const char *fault_name(enum fault f);

/* What a call does, for what may become of it. */
enum call {
	CALL_STAT,	/* looks at names and attributes */
	CALL_READ,
	CALL_OPEN,	/* without making anything */
	CALL_MAKE,
	CALL_RENAME,
	CALL_REMOVE,
	CALL_WRITE,
	CALL_SYNC,	/* fsync(2), close(2) */
	CALL_LOCK,
};

struct fate {
	int err;		/* a negative errno to answer; 0: its own */
	bool is_done;		/* ... though it is done */
	bool is_short;
	bool is_done_twice;	/* the second answer counts */
	bool kills;
	int64_t copy_ns;	/* done once more, so much later; 0: not */
};

/* Draws it. */
struct fate fault_draw(const struct disk *d, enum call call);

/* Whether it happens, now; counts it. */
bool fault_happens(enum fault f);

/* A period in which changes of all shared disks fail. */
void fault_begin_period(enum fault f, int64_t until);

/* What statvfs(3) tells of such a period. */
bool fault_is_full(const struct disk *d);
bool fault_is_read_only(const struct disk *d);

/* What a cache entry or a copy may be old, or late: 1 to most. */
int64_t fault_span(int64_t most);

#endif
