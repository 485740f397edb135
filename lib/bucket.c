/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bucket.h"
#include "clock.h"
#include "name.h"
#include "token.h"

void
bucket_format(char out[BUCKET_NAME_MAX], unsigned priority, int64_t due_s)
{
	char minute[CLOCK_TEXT_MAX];
	unsigned rank = priority > TOKEN_PRIORITY_MOST ? 0 :
	    TOKEN_PRIORITY_MOST - priority;

	clock_format(minute, "%Y%m%dT%H%M", due_s);
	(void)snprintf(out, BUCKET_NAME_MAX, "%02u-%.13s", rank, minute);
}

int
bucket_parse(const char *name, int64_t *due_s)
{
	static const char shape[] = "dd-ddddddddTdddd";
	enum { MINUTE = 3, LENGTH = sizeof shape - 1 };
	char minute[CLOCK_TEXT_MAX];

	if (!name_begins_as(name, shape))
		return -1;
	if (name[LENGTH] && (name[LENGTH] != '.' || !name[LENGTH + 1] ||
	    strlen(name + LENGTH) > 6 ||
	    strspn(name + LENGTH + 1, "0123456789") !=
	    strlen(name + LENGTH + 1)))
		return -1;
	(void)snprintf(minute, sizeof minute, "%.13s", name + MINUTE);
	return clock_parse(minute, due_s);
}

int64_t
bucket_not_before(int64_t s)
{
	return (s + 59) / 60 * 60;
}
