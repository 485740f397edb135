/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a directory is in the layout of adtspool-spool(5). */
#ifndef SIM_ORACLE_ROLE_H
#define SIM_ORACLE_ROLE_H

struct node;

enum role {
	ROLE_NONE, ROLE_SPOOL, ROLE_RESULTS, ROLE_QUEUE, ROLE_TMP, ROLE_NEW,
	ROLE_BUCKET, ROLE_CUR, ROLE_DONE, ROLE_DAY, ROLE_BAD, ROLE_STAGING,
	ROLE_STAGE, ROLE_RUN, ROLE_RUN_PART, ROLE_TREE, ROLE_SUITE, ROLE_ARCH,
	ROLE_PREFIX, ROLE_PACKAGE, ROLE_PUBLISHED, ROLE_VERSIONS, ROLE_CONTROL
};

/* That of a directory that is made, by its place. */
enum role role_of(const struct node *dir);

static inline int
role_has_tokens(int role)
{
	return role == ROLE_NEW || role == ROLE_BUCKET || role == ROLE_CUR ||
	    role == ROLE_DAY || role == ROLE_BAD;
}

#endif
