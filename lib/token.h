/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A token's name, the only state that a request has besides its directory:
 *
 *	<label>,<id>,p<priority>,e<epoch>,a<attempt>[@<worker>]
 *	hello,k3f9a2x7m1qd,p5,e1,a0@ci-host1
 *
 * label     for people: the package, or the name of the dropped file; never
 *           used as an identity.  [A-Za-z0-9][A-Za-z0-9._+-]*
 * id        12 characters of base 32, drawn once for a request: what submit
 *           prints, and what status, show and the worker's log say.
 * priority  0 to 10, higher first, as debci has it.
 * epoch     grows each time that the token goes back to new/, so that no name
 *           is ever used twice (a delayed rename finds nothing to act on).
 *           0: a file dropped by hand that has not been judged yet.
 * attempt   how many attempts were used up: testbed failures, lost workers.
 * worker    in cur/, done/ and bad/: who claimed it.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "digest.h"
#include "name.h"

enum {
	TOKEN_ID_MAX = DIGEST_ID_MAX,
	TOKEN_LABEL_MAX = 101,
	TOKEN_NAME_MAX = 256,
	TOKEN_PRIORITY_MOST = 10,
	TOKEN_PRIORITY_DEFAULT = 5,
	TOKEN_EPOCH_DROPPED = 0,
};

struct token {
	char label[TOKEN_LABEL_MAX];
	char id[TOKEN_ID_MAX];
	unsigned priority, epoch, attempt;
	char worker[NAME_WORKER_MAX + 1];	/* "" where nobody has it */
};

/* Draws a fresh random id. */
void token_draw_id(char id[TOKEN_ID_MAX]);

/* A new request's token: a fresh random id, epoch 1, attempt 0. */
void token_new(struct token *t, const char *label, unsigned priority);

/* The same with an id that is there already. */
void token_make(struct token *t, const char id[TOKEN_ID_MAX],
	const char *label, unsigned priority);

/* Any text as a label: what may not stand in one becomes '-', and is cut. */
void token_label(struct token *t, const char *text);

/* Returns 0, or -1 where name is no token's name. */
int token_parse(struct token *t, const char *name);

void token_format(char out[TOKEN_NAME_MAX], const struct token *t);

/* The bytes of an id, for what people type. */
bool token_id_ok(const char *s);

#endif
