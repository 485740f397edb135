/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "orders.h"
#include "reorder.h"

static enum orders_outcome
act(struct cmd *cmd, const struct found *found, const char *why,
	unsigned number, struct fail *f)
{
	(void)why;
	switch (reorder(&cmd->spool, found, number, f)) {
	case REORDER_DONE:
		return ORDERS_DONE;
	case REORDER_LATE:
		return ORDERS_LATE;
	case REORDER_FAILED:
		break;
	}
	return ORDERS_FAILED;
}

int
cmd_priority(struct cmd *cmd, int argc, char **argv)
{
	static const struct orders_kind kind = { .waiting = true,
	    .has_number = true, .done = "changed",
	    .late = "too late, it does not wait any more", .act = act };

	return orders(cmd, &kind, argc, argv);
}
