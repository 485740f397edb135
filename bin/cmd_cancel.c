/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cancel.h"
#include "orders.h"

static enum orders_outcome
outcome(enum cancel_outcome o)
{
	static const enum orders_outcome outcomes[] = {
		[CANCEL_DONE] = ORDERS_DONE, [CANCEL_ASKED] = ORDERS_ASKED,
		[CANCEL_LATE] = ORDERS_LATE, [CANCEL_FAILED] = ORDERS_FAILED };

	return outcomes[o];
}

static enum orders_outcome
act(struct cmd *cmd, const struct found *found, const char *why,
	unsigned number, struct fail *f)
{
	(void)number;
	return outcome(cancel(&cmd->conf, &cmd->spool, found, why, f));
}

static enum orders_outcome
look(struct cmd *cmd, const struct found *found, struct fail *f)
{
	return outcome(cancel_look(&cmd->spool, found, f));
}

int
cmd_cancel(struct cmd *cmd, int argc, char **argv)
{
	static const struct orders_kind kind = { .waiting = true,
	    .running = true, .done = "cancelled",
	    .late = "too late, it has a result", .act = act, .look = look };

	return orders(cmd, &kind, argc, argv);
}
