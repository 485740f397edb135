/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cancel.h"
#include "orders.h"

static enum orders_outcome
outcome(enum cancel_outcome o)
{
	return o == CANCEL_DONE ? ORDERS_DONE : o == CANCEL_ASKED ?
	    ORDERS_ASKED : ORDERS_FAILED;
}

static enum orders_outcome
act(struct cmd *cmd, const struct found *found, const char *why,
	unsigned number, struct fail *f)
{
	(void)number;
	return outcome(cancel_attempt(&cmd->spool, found, why, f));
}

static enum orders_outcome
look(struct cmd *cmd, const struct found *found, struct fail *f)
{
	return outcome(cancel_look_attempt(&cmd->spool, found, f));
}

int
cmd_kill(struct cmd *cmd, int argc, char **argv)
{
	static const struct orders_kind kind = { .running = true,
	    .done = "ended", .act = act, .look = look };

	return orders(cmd, &kind, argc, argv);
}
