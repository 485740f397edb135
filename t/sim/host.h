/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host: its clocks, its way to the server, and what its kernel caches. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "disk.h"

enum { DENTRIES = 1024 };

/* What a lookup has told: a node, or that there is none. */
struct dentry {
	const struct node *dir;
	uint64_t hash;
	struct node *node;
	int64_t at;
	bool is_shunned;	/* the target of a rename that found nothing */
};

struct host {
	int id;
	char name[16];
	bool is_up;
	struct disk *local;
	int64_t latency_ns;	/* of a call, at least */
	int64_t away_until;	/* its calls block so long */
	int64_t booted_at, mounted_at;
	int64_t wall_ns, boot_ns;	/* the clocks' lead over the world's */
	int64_t wall_ppm, boot_ppm;	/* and how fast that grows */
	struct node *dirty;	/* what it has written and not synced */
	struct dentry dentries[DENTRIES];
};

/* 2026-11-22T12:00:00Z, when the world begins. */
#define HOST_BEGIN_NS (INT64_C(1795348800) * INT64_C(1000000000))

extern struct host hosts[HOSTS_MOST];
extern int n_hosts;

void hosts_init(uint64_t seed, int n);

int64_t host_wall_ns(const struct host *h);
int64_t host_boot_ns(const struct host *h);

/* How long its next call takes to reach the server. */
int64_t host_latency_ns(const struct host *h);

/* Nothing of its caches is left; its boot clock begins anew. */
void host_boot(struct host *h);

#endif
