/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at the truth after each change, and stops the world at the first that
 * adtspool-spool(5) does not allow.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include "token.h"

struct dent;
struct host;
struct node;
struct place;

/* What was found; "": nothing. */
extern char oracle_found[2048];

void oracle_init(unsigned attempts);

/* Stops the world; the first one counts. */
void oracle_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Told by disk.c, when it is done: from is where it was, NULL: made. */
void oracle_came(struct node *n, const struct dent *from);
void oracle_went(struct node *n, const struct dent *from);
void oracle_changed(struct node *n);

/* The same, of what was removed and not replaced. */
void oracle_removed(const struct dent *d);

/* What came to `to` is where it was before; NULL: it had been removed. */
void oracle_undone(struct node *n, const struct dent *to);

/* When all of it is undone. */
void oracle_after_power_cut(void);

/* A name was looked up that must not be. */
void oracle_shunned(const struct host *h, const struct place *p);

/* An attempt has begun; and has sealed its stage. */
void oracle_started(const char *attempt, const char *trigger);
void oracle_sealed(const char *attempt, const char *trigger,
	struct node *run);

/* Somebody was told that his request is queued; or that it was before. */
void oracle_acknowledged(const char *id, const char *trigger);
void oracle_pending(const char *id);

/* Somebody is about to ask for its end. */
void oracle_cancelled(const char *id);

/* A line that britney wrote, and that is to be imported. */
void oracle_asked(const char *trigger);

/* A file was dropped, and is complete. */
void oracle_dropped(struct node *n);

/* Whether all requests have ended; and have left nothing behind. */
bool oracle_is_settled(void);
bool oracle_is_clean(void);

/* Tells why not. */
void oracle_finish(void);

/* Prints what is where. */
void oracle_print(void);

#endif
