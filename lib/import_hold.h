/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of lines, held against other imports, and read when it is quiet. */
#ifndef IMPORT_HOLD_H
#define IMPORT_HOLD_H

#include <stdint.h>

struct fail;

struct import_hold {
	int fd, rw;
};

/*
 * 0: it is ours, as far as locks reach; 1: another import is at it, or has
 * just ended.  To be released in any case.
 */
int import_hold(struct import_hold *h, const char *path, struct fail *f);
void import_release(struct import_hold *h);

/*
 * Waits until the file is quiet: what a britney still writes must not be lost.
 * Where the kernel cannot tell, it must not have changed for settle_s.  Fails
 * with EX_TEMPFAIL where somebody goes on writing.
 */
int import_wait(const struct import_hold *h, const char *path,
	int64_t settle_s, struct fail *f);

#endif
