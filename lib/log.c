/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <stdarg.h>

#include "buf.h"
#include "clock.h"
#include "log.h"

/* One write for one line, so that lines of several processes never mix. */
void
log_say_once(const struct log *l, struct log_said *said, const char *text)
{
	enum { ROOM = sizeof said->text[0] };

	for (int i = 0; i < LOG_SAID_MOST; i++)
		if (strncmp(said->text[i], text, ROOM - 1) == 0)
			return;
	(void)snprintf(said->text[said->next++ % LOG_SAID_MOST], ROOM, "%s",
	    text);
	log_say(l, LOG_LEVEL_ERROR, "%s", text);
}

void
log_say(const struct log *l, enum log_level level, const char *fmt, ...)
{
	static const char priority[] = { '3', '6' };
	char now[CLOCK_TEXT_MAX];
	struct buf b = { 0 };
	int saved = errno;
	va_list ap;

	if (!l || level > l->most)
		return;
	clock_format(now, "%Y-%m-%dT%H:%M:%SZ", clock_now_s());
	if (l->journal)
		buf_addf(&b, "<%c>", priority[level]);
	else
		buf_addf(&b, "%s%sadtspool: ", l->plain ? "" : now,
		    l->plain ? "" : " ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_add(&b, "\n");
	(void)fwrite(b.s, 1, b.len, l->out);
	(void)fflush(l->out);
	buf_free(&b);
	errno = saved;
}
