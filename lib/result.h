/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came out of an attempt: result.json, as adtspool-result(5) has it, and
 * the words that debci and britney use for exit codes.
 */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"
#include "token.h"

struct buf;
struct fail;
struct json_writer;

enum {
	RESULT_EXIT_TESTBED = 16,	/* autopkgtest(1): testbed failure */
	RESULT_EXIT_OTHER = 20,		/* other, bad usage */
	RESULT_EXIT_REJECTED = 99,	/* never run: autopkgtest-cloud's */
};

struct result {
	char id[TOKEN_ID_MAX];		/* the request's */
	char *package, *suite, *arch;
	char *version;			/* NULL: not known */
	struct strs triggers;
	char *requester, *worker;
	char *status;			/* pass fail neutral tmpfail */
	char *message;			/* one line for people */
	char *rejected;			/* why nothing was run; or NULL */
	char *failure;			/* the pattern in its log; or NULL */
	int exit_code;
	unsigned attempt;		/* counted from 1 */
	int64_t created_s, started_s, finished_s;	/* 0: not known */
	struct strs command;		/* autopkgtest's argv */
	struct strs virt_server;	/* what stood behind its -- */
	bool log_cut, artifacts_cut;	/* a limit of the worker's applied */
	struct strs read_by;
	char *request;			/* its own text, as JSON; or NULL */
};

/*
 * pass 0 2, fail 4 6 12 14 99, neutral 8, tmpfail 16 and everything else
 * (debci's table; the words are all that the three britneys know).
 */
const char *result_status(int exit_code);

/* "All tests passed", "Erroneous package", ...: debci's words.  free() it. */
char *result_message(int exit_code);

/*
 * What is known of it before it has run.  A request without a package is one
 * that could not be read.
 */
void result_begin(struct result *r, const struct token *t,
	const struct request *q);

/*
 * Appends result.json; adtspool-result(5) lists its keys.  Without a status
 * there is no exit code either.
 */
void result_write(const struct result *r, struct buf *out);

/* Puts what show and results say of one with --json, inside an object. */
void result_put_outcome(struct json_writer *w, const struct result *r);

/*
 * Reads one back.  Unknown keys are passed over and most may be missing.  -1
 * with EX_DATAERR and "name: key: reason" where the type is wrong, or where a
 * word that paths are built from is missing or is no name; r is then empty.
 */
int result_read(struct result *r, const char *name, const char *p, size_t n,
	struct fail *f);

void result_free(struct result *r);

#endif
