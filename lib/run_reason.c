/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the console says of a failure. */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "request.h"
#include "run_inside.h"

enum { CONSOLE_MOST = 1 << 24, REASON_MAX = 300 };

/*
 * What a failure that is not the package's was, for the worker's log: the first
 * line of the console that has the word, or else the last one.  It may be a
 * stranger's text.
 */
static void
find_reason(const struct attempt *a, const char *word, char *reason,
	size_t room)
{
	struct strs lines = { 0 };
	struct buf b = { 0 };
	struct fail passed;
	size_t i = 0;

	if (fs_read(a->scratch, "console", CONSOLE_MOST, &b, &passed) == 0)
		strs_split(&lines, b.s, "\r\n");
	while (i < lines.n && !strstr(lines.v[i], word))
		i++;
	if (i == lines.n && i > 0)
		i--;
	(void)snprintf(reason, room, "%s", lines.n ? lines.v[i] :
	    "nothing was said");
	for (char *p = reason; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	strs_free(&lines);
	buf_free(&b);
}

int
run_not_started(const struct attempt *a, struct fail *f)
{
	char reason[REASON_MAX];

	find_reason(a, "adtspool: ", reason, sizeof reason);
	return fail_set(f, EX_UNAVAILABLE, "%s cannot be started: %s",
	    a->argv.v[0], reason);
}

void
run_tell_reason(const struct attempt *a)
{
	const struct run *r = a->run;
	char reason[REASON_MAX];

	find_reason(a, "ERROR: ", reason, sizeof reason);
	log_say(r->log, LOG_LEVEL_INFO, "%s: %s/%s: said: %s", r->token->id,
	    r->queue, r->request->package, reason);
}
