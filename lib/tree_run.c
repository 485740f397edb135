/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "strs.h"
#include "tree_run.h"

enum { WORDS_LEAST = 3 };	/* before the run id */

static int
read_words(struct tree_run *r, char **before, size_t n)
{
	char prefix[5];
	const char *source = before[n - 1];

	if (!name_source_ok(source))
		return -1;
	name_pool_prefix(prefix, source);
	n -= n > WORDS_LEAST && strcmp(before[n - 2], prefix) == 0 ? 2 : 1;
	if (!name_arch_ok(before[n - 1]) || !name_suite_ok(before[n - 2]))
		return -1;
	(void)snprintf(r->source, sizeof r->source, "%s", source);
	(void)snprintf(r->arch, sizeof r->arch, "%s", before[n - 1]);
	(void)snprintf(r->suite, sizeof r->suite, "%s", before[n - 2]);
	return 0;
}

int
tree_run_parse(struct tree_run *r, const char *path)
{
	struct strs words = { 0 };
	int rc = -1;
	size_t n;

	strs_split(&words, path, "/");
	n = words.n;
	while (n > 0 && !publish_run_id_ok(words.v[n - 1]))
		n--;
	if (n > WORDS_LEAST) {
		(void)snprintf(r->run_id, sizeof r->run_id, "%s",
		    words.v[n - 1]);
		rc = read_words(r, words.v, n - 1);
	}
	strs_free(&words);
	return rc;
}
