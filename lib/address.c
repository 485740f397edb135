/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "strs.h"

int
address_set(struct address *a, const char *suite, const char *arch,
	const char *source, const char *run_id)
{
	if (!name_suite_ok(suite) || !name_arch_ok(arch) ||
	    !name_source_ok(source) || !publish_run_id_ok(run_id))
		return -1;
	(void)snprintf(a->suite, sizeof a->suite, "%s", suite);
	(void)snprintf(a->arch, sizeof a->arch, "%s", arch);
	(void)snprintf(a->source, sizeof a->source, "%s", source);
	(void)snprintf(a->run_id, sizeof a->run_id, "%s", run_id);
	return 0;
}

/* What is made of the parts has to be the path, so H is the right one, too. */
int
address_parse(struct address *a, const char *path)
{
	enum { SUITE = 1, ARCH, SOURCE = 4, RUN_ID, PARTS };
	char same[ADDRESS_PATH_MAX];
	struct strs part = { 0 };
	int rc = -1;

	strs_split(&part, path, "/");
	if (part.n == PARTS)
		rc = address_set(a, part.v[SUITE], part.v[ARCH],
		    part.v[SOURCE], part.v[RUN_ID]);
	strs_free(&part);
	if (rc == 0) {
		address_path(same, a);
		rc = strcmp(same, path) == 0 ? 0 : -1;
	}
	return rc;
}

void
address_path(char out[ADDRESS_PATH_MAX], const struct address *a)
{
	char package[PUBLISH_PATH_MAX];

	publish_package_path(package, a->suite, a->arch, a->source);
	(void)snprintf(out, ADDRESS_PATH_MAX, "%s/%s", package, a->run_id);
}

bool
address_hour_ok(const char *name)
{
	static const char digits[] = "0123456789";

	return strlen(name) == ADDRESS_HOUR_MAX - 1 && name[8] == 'T' &&
	    strspn(name, digits) == 8 && strspn(name + 9, digits) == 2;
}

size_t
address_each(const char *text, size_t n,
	void (*each)(void *context, const struct address *a, bool came),
	void *context)
{
	const char *line = text, *end = text + n;
	char path[ADDRESS_PATH_MAX];
	struct address a;
	size_t wrong = 0;

	while (line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((nl ? nl : end) - line);

		/* The last one without its end is still being written. */
		if (nl && length > 2 && length < sizeof path &&
		    (line[0] == '+' || line[0] == '-') && line[1] == ' ') {
			memcpy(path, line + 2, length - 2);
			path[length - 2] = '\0';
			if (strlen(path) == length - 2 &&
			    address_parse(&a, path) == 0)
				each(context, &a, line[0] == '+');
			else
				wrong++;
		} else {
			wrong++;
		}
		line += length + (nl ? 1 : 0);
	}
	return wrong;
}
