/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cancel, kill and priority share: to choose requests, to act on each. */
#ifndef ORDERS_H
#define ORDERS_H

#include "choose.h"
#include "cmd.h"

enum orders_outcome { ORDERS_DONE, ORDERS_ASKED, ORDERS_LATE, ORDERS_FAILED };

struct orders_kind {
	bool waiting, running;	/* what it is for */
	bool has_number;	/* a priority comes first */
	const char *done, *late;	/* words for the outcomes */
	enum orders_outcome (*act)(struct cmd *cmd, const struct found *found,
	    const char *why, unsigned number, struct fail *f);
	/* Whether what was asked was done; NULL: nothing is only asked. */
	enum orders_outcome (*look)(struct cmd *cmd,
	    const struct found *found, struct fail *f);
};

int orders(struct cmd *cmd, const struct orders_kind *kind, int argc,
	char **argv);

#endif
