/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the wrapped calls of libc have in common (the Makefile lists them; the
 * linker's --wrap leads them here).  Where no simulated process runs they are
 * the real ones.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

struct file;
struct node;

void calls_init(uint64_t seed);
void calls_proc_init(uint64_t seed);

/* Calls on shared disks by the product's own code. */
extern uint64_t calls_steps;

/* Another call of the running process: takes its time, and counts. */
void call_begin(const struct node *n);

/* The same for one that changes no directory, with what becomes of it. */
struct fate call_fate(const struct node *n, enum call call);

/* A descriptor of the running process; NULL: it has no such. */
struct file *call_file(int fd);

/* The lowest free descriptor is it from now on; a negative errno: none. */
int call_fd(struct file *f);

/* Why no call can be made on a file; 0: one can. */
int call_bad(const struct file *f);

/* The directory that relative paths begin at; 0 or a negative errno. */
int call_dir(int fd, struct node **dir);

/* Sets errno where rc is a negative one. */
int call_answer(int rc);

/* What a signalfd(2) has. */
int signals_read(void *p, size_t n);

/* Tells a call, where calls are told. */
extern bool calls_told;
void call_tell(int64_t rc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
