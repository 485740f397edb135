/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The indexer's role: one has it, whoever lives may follow, and what one that
 * has lost it still does changes nothing that readers see.
 *
 *	RESULTS/.index/role/e<epoch>.<life>@<name>
 *		the token: the life of <name> that took it has the role; without
 *		a name nobody has
 *	RESULTS/.index/out.e<epoch>.<life>/
 *		what the holder of that token is writing
 *
 * The role is taken by one rename of the token, to a name that nobody else and
 * no other life renames to.  Before, the taker makes its out folder and opens
 * it; afterwards, and before it reads or writes anything, it removes all the
 * others.  What is put in its place is renamed there from the out folder that
 * its holder has open.  So one that goes on after its time, or a rename of its
 * that was late, finds no source: in a folder that was removed there is none,
 * nor can one be made.  That keeps two from writing; clocks, beats and listings
 * say only when to take the role.
 *
 * role/ appears with its first token by one rename, and a folder that is not
 * empty is never replaced: so there is one token, however many make it.
 */
#ifndef ROLE_H
#define ROLE_H

#include <stdbool.h>

#include "token.h"

struct fail;
struct spool;

enum { ROLE_NAME_MAX = 128, ROLE_EPOCH_MOST = 999999999 };

struct role_token {
	unsigned epoch;
	char life[TOKEN_ID_MAX];
	char name[NAME_WORKER_MAX + 1];		/* "": nobody */
};

struct role {
	const struct spool *spool;
	struct role_token token;	/* ours, while out is open */
	int out;			/* our out folder; -1: no role */
};

/* Returns 0, or -1 where name is no token's. */
int role_parse(struct role_token *t, const char *name);
void role_format(char out[ROLE_NAME_MAX], const struct role_token *t);

/* Makes the token, which nobody has, where there is none. */
int role_make(const struct spool *s, struct fail *f);

/*
 * Who has the role, by a fresh listing: the token of the highest epoch, for a
 * listing may show two when one is renamed meanwhile.  1, 0 where none is
 * shown, or -1.
 */
int role_look(const struct spool *s, struct role_token *t, struct fail *f);

/*
 * Tries to take the role from that token: 1 where it is ours now, 0 where
 * another was faster, or -1.
 */
int role_take(struct role *r, const struct spool *s, const char *name,
	const struct role_token *from, struct fail *f);

/*
 * Takes from all others what they could put in place, and removes what was cut
 * off on its way out of .index.  Until it returned 0 nothing is read or
 * written.
 */
int role_clear(const struct role *r, struct fail *f);

/* Whether a fresh listing shows our token: 1, 0 or -1. */
int role_is_shown(const struct role *r, struct fail *f);

/*
 * Renames a finished file of the out folder to target, below RESULTS, whose
 * directory it makes.  The caller syncs both.  -1 with EX_UNAVAILABLE where the
 * role is lost.
 */
int role_put(const struct role *r, const char *name, const char *target,
	struct fail *f);

/* Closes and removes the out folder: to have lost the role. */
void role_leave(struct role *r);

/* The same, and nobody has the role. */
int role_release(struct role *r, struct fail *f);

#endif
