/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulated processes: coroutines with a heap, descriptors, signals, a parent
 * and an end of their own.  pids are never used twice.
 */
#ifndef SIM_PROC_H
#define SIM_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "memory.h"

struct host;
struct file;

enum { PROC_FDS = 96 };

struct proc {
	struct proc *next;
	pid_t pid;
	struct host *host;
	struct proc *parent;	/* NULL: nobody waits for it */
	char name[24];
	struct heap heap;
	struct coro *coro;
	void (*main)(void *arg);
	void *arg;
	int64_t wake_at;
	int64_t frozen_until;	/* SIGSTOP */
	bool is_deferred;	/* it was to wake meanwhile */
	unsigned signals;	/* pending, 1 << number */
	unsigned wakers;	/* those that wake it from its sleep */
	bool asks_names;	/* of the server, as NFSv4 does at open(2) */
	bool is_protocol;	/* runs the product's code: its calls count */
	bool is_told;		/* to end */
	bool has_ended;
	int status;		/* as of wait(2) */
	void (*on_end)(struct proc *p);
	struct file *fds[PROC_FDS];
};

/* Who is running; NULL: the simulator itself. */
extern struct proc *proc_now;
extern struct proc *procs;

void procs_init(void);

/* A child has its parent's descriptors. */
struct proc *proc_start(struct host *h, const char *name, struct proc *parent,
	void (*main)(void *arg), void *arg);

/* Lets time pass; others run meanwhile.  errno is kept. */
void proc_wait(int64_t ns);

/* The same until one of these signals is pending; true when one is. */
bool proc_sleep(int64_t ns, unsigned signals);

void proc_signal(struct proc *p, int number);
void proc_freeze(struct proc *p, int64_t until);
void proc_thaw(struct proc *p);

/* Ends it as wait(2) tells; returns where it is not the running one. */
void proc_end(struct proc *p, int status);

void proc_exit(int code) __attribute__((noreturn));

struct proc *proc_of(pid_t pid);

/* An ended child, taken off the list; NULL: none yet. */
struct proc *proc_reap(struct proc *parent, pid_t pid);

#endif
