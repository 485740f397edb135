/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Until when a worker may trust its lease, in memory that all its processes
 * share.  Who watches a testbed looks here and never at the spool: a mount
 * that hangs cannot keep it from ending the testbed in time.
 */
#ifndef FENCE_H
#define FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fail;
struct fence;

/* Passed already; NULL on failure.  fence_close it; children share it. */
struct fence *fence_open(struct fail *f);
void fence_close(struct fence *e);		/* NULL is fine */

/* Trusts the lease until then, on the clock of clock_boot_ms. */
void fence_hold(struct fence *e, int64_t until_ms);

/* How long it may still be trusted; 0: no more.  Without a fence, for ever. */
int64_t fence_left_ms(const struct fence *e);

bool fence_is_passed(const struct fence *e);

#endif
