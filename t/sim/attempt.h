/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts of a simulated worker: see attempt.c. */
#ifndef SIM_ATTEMPT_H
#define SIM_ATTEMPT_H

#include <stdint.h>

void attempts_init(uint64_t seed);

#endif
