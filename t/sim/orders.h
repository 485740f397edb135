/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the oracle remembers.  A request is known by its file, which only ever
 * moves: whatever it is called, and wherever it is, it must stay one.
 */
#ifndef SIM_ORDERS_H
#define SIM_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "disk.h"
#include "token.h"

/* A stage that was sealed. */
struct stage {
	struct stage *next;
	char name[TOKEN_NAME_MAX];
	const char *trigger;
	const struct node *run;
	const struct version *result;
	bool is_committed, is_published;
};

/* A file that was in new/ once. */
struct order {
	struct order *next;
	struct node *file;
	struct token token;		/* as it is called now */
	const char *trigger;		/* what tells it from all others */
	struct stage *stage;		/* that was committed */
	bool is_dropped, is_complete, was_settled;
	bool is_acknowledged, is_void;	/* void: it never was */
	bool is_cancelled;		/* somebody asked for its end */
	unsigned published;
};

/* What was asked for by a line. */
struct asked {
	struct asked *next;
	const char *trigger;
};

extern struct asked *asked;
extern struct order *orders;
extern struct stage *stages;

/* Those that are to go on. */
extern size_t orders_open;

void orders_init(void);

/* NULL: there is none. */
struct order *order_find(const char *id);
struct stage *stage_find(const char *name);

/* Its token is d, in done/: all of it must be there, and on disk. */
void stage_check(const struct stage *s, const struct dent *d);

/* A file that is in new/ for the first time. */
struct order *order_meet(struct node *file, bool is_dropped);

/* Whether nothing more is to become of it. */
bool order_is_settled(const struct order *o);

/* After it was moved, or published. */
void order_count(struct order *o);

/* The trigger that a text has, sim/NUMBER; "": none. */
const char *order_trigger(const struct version *text);

/* Whether a file of that name, in a directory of that role, is a request. */
bool order_is_called(int role, const char *name);

/* A name in a bucket or in cur/, which is to be used once; false: it was. */
bool order_note_name(const struct dent *d);
void order_forget_name(const struct dent *d);

#endif
