/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a long-running service says what it does.  The program makes the
 * struct log and passes it down; without one (NULL) nothing is said.
 * Every call preserves errno.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdio.h>

struct journal;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_INFO };

struct log {
	FILE *out;
	enum log_level most;	/* what is more detailed is dropped */
	bool plain;		/* no time: for a command's own messages */
	const struct journal *journal;	/* that is where out leads; or NULL */
};

/* Which request it is about: the journal's fields; what is NULL is not told. */
struct log_about {
	const char *id, *queue, *package, *suite, *arch;
};

void log_say(const struct log *l, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_say_about(const struct log *l, enum log_level level,
	const struct log_about *about, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* What was said lately; begins zeroed.  Several failures may take turns. */
enum { LOG_SAID_MOST = 8 };

struct log_said {
	char text[LOG_SAID_MOST][512];
	unsigned next;
};

/* Says an error, unless it is among the last ones said. */
void log_say_once(const struct log *l, struct log_said *said,
	const char *text);

#endif
