/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

const struct cmd_run cmd_runs[] = { { "index", cmd_index }, { 0 } };
