/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the calls fail by which lib/fs.c changes files.  The linker's --wrap
 * leads them through fault.c (the Makefile lists them); each is counted while
 * a fault is on, and the nth of them is struck.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

enum fault_kind {
	FAULT_EIO,		/* these three: not done */
	FAULT_ENOSPC,
	FAULT_ESTALE,
	FAULT_LOST_REPLY,	/* done, answered as NFS answers a repetition */
	FAULT_KINDS
};

struct fault {
	enum fault_kind kind;
	unsigned nth;		/* counted from 1 */
	bool struck;
	char what[128];		/* "EIO at 3: renameat hello", for messages */
};

/*
 * Goes through all faults: for each kind the first call, the second, and so
 * on until one was not reached.  Begin with a zeroed struct:
 *
 *	for (struct fault x = { 0 }; fault_next(&x); ) {
 *		... set the scene
 *		fault_on(&x);
 *		... what is to be tested
 *		fault_off();
 *		... what must hold
 *	}
 */
bool fault_next(struct fault *x);

void fault_on(struct fault *x);
void fault_off(void);

/* The process ends right before its nth call: for a child. */
void fault_crash_at(unsigned nth);

/* Somebody else does something right before the nth call, and it goes on. */
void fault_meddle_at(unsigned nth, void (*meddle)(void));

#endif
