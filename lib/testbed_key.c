/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of extra apt sources: files beside the output directory, which
 * autopkgtest copies to where apt looks for them by the end of their names.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "request.h"
#include "testbed.h"

/* What "-----BEGIN" is in base64. */
static const char armored[] = "LS0tLS1CRUdJTi";

static char *
file_name(const struct request *r, size_t i)
{
	bool is_text = strncmp(r->signing_keys.v[i], armored,
	    strlen(armored)) == 0;

	return mem_printf("key-%zu.%s", i, is_text ? "asc" : "gpg");
}

static unsigned
value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	return (unsigned)(strchr(digits, c) - digits);
}

/* base64 that was checked: groups of four, the last one filled with '='. */
static void
decode(const char *s, struct buf *out)
{
	unsigned bits = 0;

	for (size_t i = 0; s[i] && s[i] != '='; i++) {
		unsigned char byte;

		bits = bits << 6 | value(s[i]);
		byte = (unsigned char)(bits >> (6 - 2 * (i % 4)));
		if (i % 4)
			buf_addn(out, &byte, 1);
	}
}

void
testbed_add_keys(const struct testbed *t, struct strs *argv)
{
	const struct request *r = t->request;

	for (size_t i = 0; i < r->signing_keys.n; i++) {
		char *name = file_name(r, i);

		strs_addf(argv, "--copy=%s/%s:/etc/apt/trusted.gpg.d/"
		    "adtspool-%s", t->scratch, name, name);
		free(name);
	}
}

int
testbed_write_keys(const struct request *r, int scratch, struct fail *f)
{
	int rc = 0;

	for (size_t i = 0; i < r->signing_keys.n && rc == 0; i++) {
		char *name = file_name(r, i);
		struct buf b = { 0 };

		buf_add(&b, "");
		decode(r->signing_keys.v[i], &b);
		rc = fs_write_new(scratch, name, b.s, b.len, f);
		buf_free(&b);
		free(name);
	}
	return rc;
}
