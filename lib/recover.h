/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker does first: everything in cur/ and in staging that bears its
 * name belongs to an earlier life of it, which held the same lock.  Claims go
 * back with one attempt used up (or to bad/ when they are used up); committed
 * attempts are published; all other stages are dropped.
 */
#ifndef RECOVER_H
#define RECOVER_H

struct conf;
struct fail;
struct log;
struct spool;
struct strs;

/* Appends to left what could not be published at the moment. */
int recover(const struct conf *c, const struct spool *s,
	const struct log *log, struct strs *left, struct fail *f);

/* Tries those again; takes out of left what needs no more. */
void recover_left(const struct spool *s, const struct log *log,
	struct strs *left);

#endif
