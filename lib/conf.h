/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration, adtspool.yaml; adtspool-conf(5) is its manual. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "strs.h"

struct fail;

enum { CONF_SLOTS_MOST = 256 };

/*
 * A lease is long enough for CONF_BEATS_LEAST beats: some may be late, and at
 * half of it the worker itself ends its testbeds.
 */
enum { CONF_BEATS_LEAST = 6, CONF_LEASE_LEAST_S = CONF_BEATS_LEAST,
	CONF_LEASE_MOST_S = 86400, CONF_HEARTBEAT_MOST_S = 600 };

enum conf_on_stop { CONF_STOP_FINISH, CONF_STOP_GIVE_BACK };
enum conf_isolate { CONF_ISOLATE_AUTO, CONF_ISOLATE_ALWAYS,
	CONF_ISOLATE_NEVER };

/* autopkgtest's own timeouts, each --timeout-NAME. */
enum { CONF_TIMEOUT_SHORT, CONF_TIMEOUT_COPY, CONF_TIMEOUT_INSTALL,
	CONF_TIMEOUT_TEST, CONF_TIMEOUT_BUILD, CONF_TIMEOUTS };

/* One of virt-servers: its name, and its words as in virt-server. */
struct conf_virt {
	char *name;
	struct strs words;
};

struct conf {
	char *file;		/* where it was read from, absolute */
	char *spool;		/* absolute: relative ones start at the file */
	char *results;		/* absolute; default: SPOOL/results */
	char *suite;		/* what a request without a suite tests */
	char *worker;		/* this worker's name; default: the host's */
	struct strs queues;	/* empty: the queues of this host's arch */
	unsigned slots;
	char *scratch;		/* local directory for what runs */
	struct strs expose;	/* paths below /tmp that tests must see */
	struct strs autopkgtest;	/* the command; default: autopkgtest */
	struct strs arguments;		/* more of its options */
	struct strs virt_server;	/* {suite} {arch} {package} {id} */
	struct strs setup_commands;	/* --setup-commands, in order */
	struct strs env;		/* --env for every run */
	int64_t timeout_s;		/* wall clock for a whole run */
	unsigned attempts;		/* at most, for testbed failures */
	int64_t backoff_s;		/* before attempt 2; then doubled */
	char *exit_20;			/* tmpfail, retry or fail */
	int64_t elsewhere_s;		/* other hosts go first for so long */
	unsigned bad_host;		/* packages in a row; 0: never */
	char *failures;			/* patterns of logs: classify.h */
	enum conf_on_stop on_stop;
	enum conf_isolate isolate;
	int64_t settle_s;	/* a dropped file must rest so long */
	int64_t poll_s;		/* other hosts' requests are looked for */
	int64_t heartbeat_s;
	int64_t lease_s;	/* without a beat for so long: dead */
	int64_t free_least_bytes;	/* with less space nothing is claimed */
	char *index_store;	/* local directory for the indexer's store */
	int64_t expire_grace_s;	/* from leaving the indexes to removal */
	int64_t log_most_bytes, artifacts_most_bytes;
	int64_t britney_window_s;	/* how far back debci.json goes */
	char *serve_listen;	/* address:port */
	unsigned serve_clients;	/* connections at the same time */
	unsigned serve_each_client;	/* those of an address; 0: any */
	char *hooks;		/* a folder of programs; NULL: none */
	int64_t hook_timeout_s;
	char *metrics_file;	/* the worker's own, for Prometheus; or NULL */
	struct conf_virt *virt_servers;
	size_t n_virt_servers;
	char *machine_virt_server;	/* one's name, or NULL */
	char *big_virt_server;
	int64_t timeouts_s[CONF_TIMEOUTS];	/* 0: autopkgtest's own */
	char *apt_pocket;		/* where triggers are taken from */
	char *ppa_source;	/* what a PPA becomes; NULL: ppa:owner/name */
	char *policy;			/* policy.h's files, or NULL */
	char *reject_list, *never_run, *big_packages, *long_tests;
	char *vm_packages;
	char *cgroup;		/* auto, always, never, or a directory */
	int64_t memory_most_bytes;	/* of a run; 0: any, here and below */
	unsigned cpu_most_percent;	/* of one CPU's time */
	unsigned processes_most;	/* and threads */
	unsigned inodes_least;	/* with fewer nothing is claimed */
	char *testbeds;		/* local directory for testbeds */
	struct strs mirror;	/* what testbeds are made from; {suite} */
	struct strs mmdebstrap;	/* the command; default: mmdebstrap */
};

/* Reads and checks a file; "file:line: reason" with EX_CONFIG otherwise. */
int conf_read(struct conf *c, const char *file, struct fail *f);

/*
 * The file to read where none was named: $ADTSPOOL_CONF, then
 * ../conf/adtspool.yaml seen from the program's own folder (a checkout), then
 * SYSCONFDIR/adtspool/adtspool.yaml (/etc).  free() it.
 */
char *conf_find(void);

void conf_free(struct conf *c);

/* What "default" is called in place of a name: virt-server. */
#define CONF_VIRT_DEFAULT "default"

/*
 * The words of one of virt-servers, or with CONF_VIRT_DEFAULT of virt-server;
 * NULL where none has that name, and f says so.
 */
const struct strs *conf_virt_find(const struct conf *c, const char *name,
	struct fail *f);

#endif
