/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration that was read again, put in the place of the one in use. */
#ifndef CONF_RENEW_H
#define CONF_RENEW_H

struct conf;
struct strs;

/*
 * Moves fresh to live, whose readers see it from then on, and frees what live
 * was; fresh is empty afterwards.  What a process cannot change while it runs
 * stays as it is in live, at the same addresses: the places, the name, the
 * lease and its beats, isolation and cgroups, hooks, where the server listens.
 * Appends the keys of these in which fresh differed.
 */
void conf_renew(struct conf *live, struct conf *fresh, struct strs *kept);

#endif
