/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <stdarg.h>

#include "buf.h"
#include "clock.h"
#include "journal.h"
#include "log.h"
#include "strs.h"

static const char priority[] = { '3', '6' };

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

static void
add_field(struct strs *fields, const char *name, const char *value)
{
	if (value)
		strs_addf(fields, "%s=%s", name, value);
}

/* -1 where it has to be a line after all. */
static int
say_to_journal(const struct log *l, enum log_level level,
	const struct log_about *about, const char *text)
{
	struct strs fields = { 0 };
	int rc;

	if (!l->journal || l->journal->fd < 0)
		return -1;
	strs_addf(&fields, "PRIORITY=%c", priority[level]);
	add_field(&fields, "SYSLOG_IDENTIFIER", "adtspool");
	add_field(&fields, "MESSAGE", text);
	add_field(&fields, "ADTSPOOL_ID", about->id);
	add_field(&fields, "ADTSPOOL_QUEUE", about->queue);
	add_field(&fields, "ADTSPOOL_PACKAGE", about->package);
	add_field(&fields, "ADTSPOOL_SUITE", about->suite);
	add_field(&fields, "ADTSPOOL_ARCH", about->arch);
	rc = journal_send(l->journal, &fields);
	strs_free(&fields);
	return rc;
}

/* One write for one line, so that lines of several processes never mix. */
static void
say_line(const struct log *l, enum log_level level, const char *text)
{
	char now[CLOCK_TEXT_MAX];
	struct buf b = { 0 };

	clock_format(now, "%Y-%m-%dT%H:%M:%SZ", clock_now_s());
	if (l->journal)
		buf_addf(&b, "<%c>", priority[level]);
	else
		buf_addf(&b, "%s%sadtspool: ", l->plain ? "" : now,
		    l->plain ? "" : " ");
	buf_addf(&b, "%s\n", text);
	(void)fwrite(b.s, 1, b.len, l->out);
	(void)fflush(l->out);
	buf_free(&b);
}

static void
say(const struct log *l, enum log_level level, const struct log_about *about,
	struct buf *text)
{
	const char *s = text->s ? text->s : "";

	if (say_to_journal(l, level, about, s) != 0)
		say_line(l, level, s);
	buf_free(text);
}

void
log_say(const struct log *l, enum log_level level, const char *fmt, ...)
{
	const struct log_about nothing = { 0 };
	struct buf text = { 0 };
	int saved = errno;
	va_list ap;

	if (!l || level > l->most)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	say(l, level, &nothing, &text);
	errno = saved;
}

void
log_say_about(const struct log *l, enum log_level level,
	const struct log_about *about, const char *fmt, ...)
{
	struct buf text = { 0 };
	int saved = errno;
	va_list ap;

	if (!l || level > l->most)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	say(l, level, about, &text);
	errno = saved;
}
