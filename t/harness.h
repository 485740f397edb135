/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every check_X.c shares: libcheck's includes, a main that runs one suite
 * and speaks TAP for prove, and a scratch directory of the test's own.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <check.h>

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

#endif
