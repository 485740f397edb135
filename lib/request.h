/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request: what to test, and how.  adtspool-request(5) is its manual.
 *
 * Forms that are read (COMPAT: britney2 policies/autopkgtest.py, debci's API
 * upload, autopkgtest-cloud's worker):
 *   a mapping, YAML or JSON:  package: hello
 *   a bare line:              hello        hello/2.10-3
 *   the line of the seeds:    test hello_2.10-3
 *   britney's line:           debci-testing-amd64:hello {"triggers": [...]}
 *                             debci-huge-..., debci-ppa-..., debci-upstream-...
 *   the AMQP body of it:      hello, a newline or a blank, {"triggers": [...]}
 * Lines beginning with # and empty lines before or behind are passed over.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "strs.h"

struct buf;
struct fail;

enum { REQUEST_SIZE_MOST = 256 * 1024 };	/* bytes */

struct request {
	char *package;			/* never NULL after request_parse */
	char *suite, *arch, *version;	/* NULL: not said */
	char *class;			/* "huge", "ppa", "upstream" or NULL */
	char *test_git, *build_git;
	char *requester;
	struct strs triggers;		/* source/version, the real one first */
	struct strs pin_packages;	/* RELEASE=src:a,src:b */
	struct strs extra_apt_sources;	/* deb URL suite component */
	struct strs signing_keys;	/* theirs, OpenPGP in base64 */
	struct strs ppas;		/* owner/name[:fingerprint] */
	struct strs env;		/* NAME=value */
	struct strs test_names;
	struct strs read_by;		/* empty: everybody */
	bool all_proposed;
	int priority;			/* 0..10, or -1: not said */
	int64_t not_before_s;		/* 0: at once */
	int64_t submit_time_s;		/* 0: not said */
};

/*
 * Reads any form.  name is what messages call the text: "amd64/new/foo.yaml",
 * or with its line, "requests:17", where the text is a line of something.
 * Every value has been checked (name.h, request_check.h) when this returns 0.
 * Otherwise -1 with EX_DATAERR and "name:line: reason; cure"; r is then empty.
 */
int request_parse(struct request *r, const char *name, const char *p,
	size_t n, struct fail *f);

void request_free(struct request *r);

/*
 * Results are there for everybody to read, so a request that says read-by is
 * refused rather than published: -1 with EX_DATAERR.
 */
int request_is_public(const struct request *r, const char *name,
	struct fail *f);

/* Appends it as one JSON mapping, a key a line, which is YAML as well. */
void request_write(const struct request *r, struct buf *out);

/*
 * Names what is asked for: equal for requests that would run the same test,
 * whoever asked, when, and how urgently (so without requester, submit-time,
 * not-before, priority).  suite and arch must be known by now.
 */
void request_digest(const struct request *r, char out[DIGEST_ID_MAX]);

#endif
