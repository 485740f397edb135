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

bool fence_is_passed(const struct fence *e);

/* How often it was passed before it was held again. */
uint64_t fence_passes(const struct fence *e);

/*
 * How long what began after so many passes may go on; 0: no more.  Without a
 * fence, for ever.  A host that was frozen may beat again before anybody has
 * seen that the fence was passed; what ran then must end all the same.
 */
int64_t fence_left_ms(const struct fence *e, uint64_t passes);

#endif
