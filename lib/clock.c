/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

int64_t
clock_now_ms(void)
{
	const char *offset = getenv("ADTSPOOL_CLOCK_OFFSET");
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (offset)
		t.tv_sec += strtoll(offset, NULL, 10);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_now_s(void)
{
	return clock_now_ms() / 1000;
}

int64_t
clock_boot_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The header's attribute has callers' formats checked, but not seen here. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void
clock_format(char out[CLOCK_TEXT_MAX], const char *format, int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, CLOCK_TEXT_MAX, format, &tm))
		abort();
}
#pragma GCC diagnostic pop

void
clock_format_ms(char out[CLOCK_TEXT_MAX], int64_t ms)
{
	char day[CLOCK_TEXT_MAX];

	clock_format(day, "%Y-%m-%dT%H:%M:%S", ms / 1000);
	(void)snprintf(out, CLOCK_TEXT_MAX, "%.24s.%03dZ", day,
	    (int)(ms % 1000));
}

/* What may follow the seconds: a fraction, then Z or +0000. */
static int
tail_ok(const char *p)
{
	if (*p == '.') {
		p++;
		p += strspn(p, "0123456789");
	}
	p += strspn(p, " ");
	return !*p || !strcmp(p, "Z") || !strcmp(p, "+0000") ||
	    !strcmp(p, "+00:00") || !strcmp(p, "UTC") || !strcmp(p, "@");
}

int
clock_parse(const char *text, int64_t *s)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S",
	    "%Y-%m-%d %H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d_%H%M%S",
	    "%Y%m%dT%H%M", "%Y-%m-%d" };

	if (text[0] && strspn(text, "0123456789") == strlen(text) &&
	    strlen(text) <= 12) {
		*s = strtoll(text, NULL, 10);
		return 0;
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);

		if (end && tail_ok(end)) {
			*s = timegm(&tm);
			return 0;
		}
	}
	return -1;
}

int
clock_parse_span(const char *text, int64_t *s)
{
	static const struct { char unit; int64_t s; } units[] = { { 's', 1 },
	    { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	size_t digits = strspn(text, "0123456789");
	int64_t n;

	if (digits == 0 || digits > 9)
		return -1;
	n = strtoll(text, NULL, 10);
	if (!text[digits]) {
		*s = n;
		return 0;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text[digits] == units[i].unit && !text[digits + 1]) {
			*s = n * units[i].s;
			return 0;
		}
	return -1;
}

void
clock_format_span(char out[CLOCK_TEXT_MAX], int64_t s)
{
	int n = (int)(s < 0 ? 0 : s > 2000000000 ? 2000000000 : s);

	if (n < 60)
		(void)snprintf(out, CLOCK_TEXT_MAX, "%ds", n);
	else if (n < 3600)
		(void)snprintf(out, CLOCK_TEXT_MAX, "%dm %ds", n / 60, n % 60);
	else if (n < 86400)
		(void)snprintf(out, CLOCK_TEXT_MAX, "%dh %dm", n / 3600,
		    n / 60 % 60);
	else
		(void)snprintf(out, CLOCK_TEXT_MAX, "%dd %dh", n / 86400,
		    n / 3600 % 24);
}
