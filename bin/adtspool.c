/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that people type.  Services, and what draws on a terminal, are
 * programs of their own: so the libraries that only one of them needs are not
 * loaded by all the others, nor copied by each fork(2) of a worker.
 */
#include "cmd.h"

const struct cmd_run cmd_runs[] = {
	{ "init", cmd_init },
	{ "submit", cmd_submit },
	{ "import", cmd_import },
	{ "metrics", cmd_metrics },
	{ "export", cmd_export },
	{ "status", cmd_status },
	{ "log", cmd_log },
	{ "cancel", cmd_cancel },
	{ "kill", cmd_kill },
	{ "priority", cmd_priority },
	{ "retry", cmd_retry },
	{ "hold", cmd_hold },
	{ "drain", cmd_drain },
	{ "release", cmd_release },
	{ "fsck", cmd_fsck },
	{ "show", cmd_show },
	{ "results", cmd_results },
	{ "expire", cmd_expire },
	{ "mirror", cmd_mirror },
	{ "testbed", cmd_testbed },
	{ "doctor", cmd_doctor },
	{ 0 } };
