/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two clocks.  Wall time only names things and decides when to look, never
 * whether something is safe; intervals are measured on CLOCK_BOOTTIME, which
 * goes on while the host is suspended and which nobody can set.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT_MAX = 32 };

/* Seconds since 1970; ADTSPOOL_CLOCK_OFFSET=SECONDS shifts it, for tests. */
int64_t clock_now_s(void);
int64_t clock_now_ms(void);

int64_t clock_boot_ms(void);

/* A UTC time by a strftime(3) format; aborts where out is too small. */
void clock_format(char out[CLOCK_TEXT_MAX], const char *format, int64_t s)
	__attribute__((format(strftime, 2, 0)));

/* 2026-11-22T16:01:02.000Z, the form that britney can read. */
void clock_format_ms(char out[CLOCK_TEXT_MAX], int64_t ms);

/*
 * Reads a UTC time in any form that requests and britney use: seconds since
 * 1970, 2026-11-22T16:01:02[.123][Z], "2026-11-22 16:01:02[+0000]",
 * 20261122T1601, 20261122_160102.  Returns 0, or -1 where it is none of them.
 */
int clock_parse(const char *text, int64_t *s);

/* "90", "90s", "15m", "8h", "15d", "2w" as seconds; -1 where it is not one. */
int clock_parse_span(const char *text, int64_t *s);

/* A span for people: "4s", "2m 3s", "1h 5m", "3d 4h". */
void clock_format_span(char out[CLOCK_TEXT_MAX], int64_t s);

#endif
