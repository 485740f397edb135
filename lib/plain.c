/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "mem.h"
#include "plain.h"

struct plain {
	FILE *out;
	bool after_return;	/* a line ended by '\r': '\n' ends no other */
	unsigned char part[4];	/* of a character that is not complete */
	int have, want;
};

static void
show_byte(struct plain *p, unsigned char c)
{
	if (c < ' ' || c == 127)
		(void)fprintf(p->out, "^%c", c ^ 64);
	else
		(void)fprintf(p->out, "\\x%02x", c);
}

static void
show_part(struct plain *p)
{
	for (int i = 0; i < p->have; i++)
		show_byte(p, p->part[i]);
	p->have = p->want = 0;
}

/* How many bytes a character has that begins with this one; 0: none does. */
static int
length_of(unsigned char c)
{
	return c >= 0xc2 && c < 0xe0 ? 2 : (c & 0xf0) == 0xe0 ? 3 :
	    c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

static uint32_t
decode(const unsigned char *b, int n)
{
	uint32_t c = b[0] & (0xffu >> (n + 1));

	for (int i = 1; i < n; i++)
		c = c << 6 | (b[i] & 0x3f);
	return c;
}

/* Not a C1 control, nothing that turns the direction, no second spelling. */
static bool
is_harmless(uint32_t c, int n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	return c >= 0xa0 && c != 0x61c && (c < 0x200b || c > 0x200f) &&
	    (c < 0x2028 || c > 0x202e) && (c < 0x2060 || c > 0x206f) &&
	    c != 0xfeff;
}

static void
end_character(struct plain *p)
{
	if (is_harmless(decode(p->part, p->want), p->want)) {
		(void)fwrite(p->part, 1, (size_t)p->want, p->out);
		p->have = p->want = 0;
	} else {
		show_part(p);
	}
}

static void
put_byte(struct plain *p, unsigned char c)
{
	bool after_return = p->after_return;

	p->after_return = c == '\r';
	if (p->want && (c & 0xc0) == 0x80) {
		p->part[p->have++] = c;
		if (p->have == p->want)
			end_character(p);
		return;
	}
	show_part(p);		/* it was cut short */
	if (length_of(c)) {
		p->want = length_of(c);
		p->part[p->have++] = c;
	} else if (c == '\r' || (c == '\n' && !after_return)) {
		(void)fputc('\n', p->out);
	} else if (c == '\t' || (c >= ' ' && c < 127)) {
		(void)fputc(c, p->out);
	} else if (c != '\n') {
		show_byte(p, c);
	}
}

static ssize_t
write_plain(void *cookie, const char *bytes, size_t n)
{
	struct plain *p = cookie;

	for (size_t i = 0; i < n; i++)
		put_byte(p, (unsigned char)bytes[i]);
	return fflush(p->out) == 0 && !ferror(p->out) ? (ssize_t)n : 0;
}

static int
close_plain(void *cookie)
{
	struct plain *p = cookie;
	int rc;

	show_part(p);
	rc = fflush(p->out);
	free(p);
	return rc;
}

FILE *
plain_open(FILE *out)
{
	struct plain *p = mem_alloc(sizeof *p);
	FILE *stream;

	p->out = out;
	stream = fopencookie(p, "w", (cookie_io_functions_t){
	    .write = write_plain, .close = close_plain });
	if (!stream)
		free(p);
	return stream;
}
