/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every check_X.c shares: libcheck's includes, a main that runs one suite
 * and speaks TAP for prove, and a scratch directory of the test's own.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

struct conf;
struct queue;
struct spool;

/* Defined by each check_X.c: adds its tests with tcase_add_test. */
void add_tests(TCase *tc);

/*
 * A fresh directory for the running test, removed when it ends: its path, and
 * its descriptor.  One a test.
 */
const char *harness_dir(void);
int harness_dirfd(void);

/* Makes a file in harness_dir (and the directories above it). */
void harness_write(const char *path, const char *text);

/* Reads one; the text stays valid until the test ends. */
const char *harness_read(const char *path);

/* A path below harness_dir, absolute; valid until the fourth call after. */
const char *harness_path(const char *path);

/* Whether something of that name is there, a dangling symlink too. */
bool harness_exists(const char *path);

/*
 * In a mount namespace of this test's own, from now on; false where there is
 * none.  What is mounted in harness_dir is to be gone when the test ends.
 */
bool harness_can_mount(void);

/* spool/ and results/, with these queues (words); one at a time. */
const struct spool *harness_spool(const char *queue_names);

/* One of its queues; held open as long as the spool. */
const struct queue *harness_queue(const char *name);

/* The configuration of that spool, the worker's name being "here". */
const struct conf *harness_conf(const char *more_lines);

/*
 * How many tokens the spool holds: those of a request where the text is its
 * id, of a label where a comma ends it, all where it is ",".  tmp/ does not
 * count.
 */
size_t harness_tokens(const char *text);

/* Where the only token of that kind is, below the spool: amd64/cur/NAME */
const char *harness_token(const char *text);

#endif
