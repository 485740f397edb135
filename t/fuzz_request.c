/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer: any text is refused with a reason or read; what was read and
 * is written can be read again, and asks for the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
must(int ok)
{
	if (!ok)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char before[DIGEST_ID_MAX], after[DIGEST_ID_MAX];
	struct buf first = { 0 }, second = { 0 };
	struct fail f = { 0 };
	struct request r;

	if (request_parse(&r, "fuzz", (const char *)p, n, &f) != 0) {
		must(f.status == EX_DATAERR && f.text[0]);
		return 0;
	}
	must(r.package && r.package[0]);
	request_digest(&r, before);
	request_write(&r, &first);
	request_free(&r);
	must(request_parse(&r, "again", first.s, first.len, &f) == 0);
	request_digest(&r, after);
	request_write(&r, &second);
	request_free(&r);
	must(strcmp(before, after) == 0 && strcmp(first.s, second.s) == 0);
	buf_free(&first);
	buf_free(&second);
	return 0;
}
