/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "conf_key.h"

/* Of what looks like {word} there is only what is in a list that NULL ends. */
static bool
has_only(const char *s, const char *const *known)
{
	bool ok = *s;

	while (ok && (s = strchr(s, '{'))) {
		size_t n = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz") + 2;

		ok = n == 2 || s[n - 1] != '}';
		for (size_t i = 0; !ok && known[i]; i++)
			ok = strncmp(s, known[i], n) == 0;
		s++;
	}
	return ok;
}

bool
conf_template_ok(const char *s)
{
	static const char *const known[] = { "{suite}", "{arch}", "{package}",
	    "{id}", NULL };

	return has_only(s, known);
}

bool
conf_ppa_source_ok(const char *s)
{
	static const char *const known[] = { "{owner}", "{name}", "{suite}",
	    "{arch}", NULL };

	return strncmp(s, "deb ", 4) == 0 && !strpbrk(s, "\n\r") &&
	    has_only(s, known);
}
