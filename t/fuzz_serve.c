/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a request's target and headers, where there are no results.
 * What a parsed path consists of can be no way out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "mem.h"
#include "serve_answer.h"
#include "serve_route.h"
#include "serve_site.h"
#include "serve_url.h"
#include "spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
parse(const char *target)
{
	struct serve_url u;
	struct fail f;

	if (serve_url_parse(&u, target, &f) != 0)
		return;
	for (size_t i = 0; i < u.parts.n; i++)
		if (!u.parts.v[i][0] || strchr(u.parts.v[i], '/') ||
		    strcmp(u.parts.v[i], "..") == 0)
			abort();
	serve_url_free(&u);
}

/* The bytes up to a NUL are the target; behind it is a header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spool spool = { .fd = -1,
	    .results = open("/", O_RDONLY | O_DIRECTORY) };
	struct serve_site site = { .spool = &spool,
	    .turn = PTHREAD_MUTEX_INITIALIZER };
	char *text = mem_alloc(size + 2);
	struct serve_request r = { .method = "GET", .target = text };
	struct serve_answer a;
	char body[4096];
	int64_t at = 0;
	ssize_t n;

	memcpy(text, data, size);
	r.conditions.range = r.conditions.none_match =
	    r.conditions.modified_since = text + strlen(text) + 1;
	parse(text);
	serve_route(&site, &r, &a);
	while ((n = serve_answer_read(&a, at, body, sizeof body)) > 0)
		at += n;
	serve_answer_free(&a);
	(void)close(spool.results);
	free(text);
	return 0;
}
