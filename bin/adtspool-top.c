/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

const struct cmd_run cmd_runs[] = { { "top", cmd_top }, { 0 } };
