/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What befalls hosts, workers and the server from time to time, beside the
 * faults that calls meet.
 */
#ifndef SIM_TROUBLE_H
#define SIM_TROUBLE_H

#include <stdint.h>

void trouble_init(uint64_t seed);

/* For so long from now on; in some worlds there is none. */
void trouble_plan(int64_t span_ns);

#endif
