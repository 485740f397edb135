/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "name.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

/* At least least bytes of the set `of`, the first of them one of `first`. */
static bool
made_of(const char *s, const char *first, const char *of, size_t least,
	size_t most)
{
	size_t n = strlen(s);

	return n >= least && n <= most && s[0] && strchr(first, s[0]) &&
	    strspn(s, of) == n;
}

bool
name_source_ok(const char *s)
{
	return made_of(s, LOWER DIGIT, LOWER DIGIT "+.-", 2, NAME_SOURCE_MAX);
}

bool
name_version_ok(const char *s)
{
	return made_of(s, DIGIT, LOWER UPPER DIGIT ".+:~-", 1,
	    NAME_VERSION_MAX);
}

bool
name_suite_ok(const char *s)
{
	return made_of(s, LOWER UPPER DIGIT, LOWER UPPER DIGIT "._+-", 1,
	    NAME_SUITE_MAX);
}

bool
name_arch_ok(const char *s)
{
	return made_of(s, LOWER DIGIT, LOWER DIGIT "-", 1, NAME_ARCH_MAX);
}

bool
name_queue_ok(const char *s)
{
	const char *dot = strchr(s, '.');
	char arch[NAME_ARCH_MAX + 1];

	if (!dot)
		return name_arch_ok(s);
	if ((size_t)(dot - s) >= sizeof arch)
		return false;
	memcpy(arch, s, (size_t)(dot - s));
	arch[dot - s] = '\0';
	return name_arch_ok(arch) &&
	    made_of(dot + 1, LOWER DIGIT, LOWER DIGIT "-", 1,
	    NAME_QUEUE_MAX - NAME_ARCH_MAX - 1);
}

bool
name_worker_ok(const char *s)
{
	size_t n = strlen(s);

	return made_of(s, LOWER UPPER DIGIT, LOWER UPPER DIGIT ".-", 1,
	    NAME_WORKER_MAX) && (n < 4 || strcmp(s + n - 4, ".why") != 0);
}

bool
name_trigger_ok(const char *s)
{
	const char *slash = strchr(s, '/');
	char source[NAME_SOURCE_MAX + 1];

	if (!slash || (size_t)(slash - s) >= sizeof source)
		return false;
	memcpy(source, s, (size_t)(slash - s));
	source[slash - s] = '\0';
	return name_source_ok(source) && name_version_ok(slash + 1);
}

void
name_pool_prefix(char out[5], const char *source)
{
	size_t n = strncmp(source, "lib", 3) == 0 && source[3] ? 4 : 1;

	memcpy(out, source, n);
	out[n] = '\0';
}

bool
name_begins_as(const char *name, const char *shape)
{
	for (; *shape; name++, shape++)
		if (*shape == 'd' ? *name < '0' || *name > '9' :
		    *name != *shape)
			return false;
	return true;
}

static bool
ends_with(const char *s, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n >= m && memcmp(s + n - m, end, m) == 0;
}

/* Asked of each name of a listing, which may be a million. */
bool
name_is_dropping(const char *file)
{
	static const char *const ends[] = { "~", ".part", ".filepart",
	    ".tmp" };
	size_t n = strlen(file);

	if (file[0] == '.' || strcmp(file, "4913") == 0 ||
	    strcmp(file, "README") == 0)
		return true;
	/* As tokens do, of which there may be a million; none below does. */
	if (n > 0 && file[n - 1] >= '0' && file[n - 1] <= '9')
		return false;
	if (file[0] == '#' && n > 1 && file[n - 1] == '#')
		return true;
	/* .swp, and what it is called when there is one already */
	if (n > 3 && memcmp(file + n - 4, ".sw", 3) == 0 &&
	    file[n - 1] >= 'a' && file[n - 1] <= 'p')
		return true;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_with(file, n, ends[i]))
			return true;
	return false;
}
