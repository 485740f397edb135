/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One seed's world, from its making to the last check. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct log;

/* Runs it; true when the oracle found nothing. */
bool world_run(uint64_t seed, const struct conf *base, const struct log *log);

#endif
