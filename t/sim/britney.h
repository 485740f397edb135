/* SPDX-License-Identifier: GPL-2.0-or-later */
/* britney, which adds lines to a file, and who imports them. */
#ifndef SIM_BRITNEY_H
#define SIM_BRITNEY_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct host;

/* Plans what is written, and imported, within so long. */
void britney_init(uint64_t seed, const struct conf *c);
void britney_plan(int64_t span_ns);

/* Imports what is left, on that host, until nothing is. */
void britney_finish(struct host *h);

/* Whether all lines that were written have been imported. */
bool britney_is_done(void);

#endif
