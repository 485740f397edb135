/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "plain.h"

static const struct { const char *from, *to; } texts[] = {
	{ "a line\n\tand another\n", "a line\n\tand another\n" },
	{ "\033[31mred\033[0m", "^[[31mred^[[0m" },
	{ "\033]0;title\a", "^[]0;title^G" },
	{ "a\bb\x7f", "a^Hb^?" },
	{ "dos\r\nhidden\rshown\n", "dos\nhidden\nshown\n" },
	{ "\r\r\n\n", "\n\n\n" },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x9a",
	  "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x9a" },
	{ "\x9b" "31m", "\\x9b31m" },
	{ "\xc2\x9b" "31m", "\\xc2\\x9b31m" },	/* C1 in UTF-8 */
	{ "\xc0\x9b\xe0\x80\x9b", "\\xc0\\x9b\\xe0\\x80\\x9b" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
	{ "\xe2\x80\xae" "cba", "\\xe2\\x80\\xae" "cba" },
	{ "\xe2\x82 cut", "\\xe2\\x82 cut" },
	{ "\xe2\xe2\x82\xac", "\\xe2\xe2\x82\xac" },
	{ "cut at the end\xe2\x82", "cut at the end\\xe2\\x82" },
};

/* In pieces of so many bytes. */
static void
becomes(const char *from, const char *to, size_t piece)
{
	char *got = NULL;
	size_t n = 0, length = strlen(from);
	FILE *out = open_memstream(&got, &n), *plain = plain_open(out);

	for (size_t i = 0; i < length; i += piece) {
		ck_assert_uint_eq(fwrite(from + i, 1, length - i < piece ?
		    length - i : piece, plain), length - i < piece ?
		    length - i : piece);
		ck_assert_int_eq(fflush(plain), 0);
	}
	ck_assert_int_eq(fclose(plain), 0);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(got, to);
	free(got);
}

START_TEST(what_a_terminal_would_obey_is_shown)
{
	for (size_t piece = 1; piece < 6; piece++)
		becomes(texts[_i].from, texts[_i].to, piece);
	becomes(texts[_i].from, texts[_i].to, 4096);
}
END_TEST

START_TEST(no_byte_that_a_terminal_obeys_comes_through)
{
	char *got = NULL, byte[3];
	size_t n = 0;
	FILE *out = open_memstream(&got, &n), *plain = plain_open(out);

	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			byte[0] = (char)a;
			byte[1] = (char)b;
			byte[2] = 'x';
			(void)fwrite(byte, 1, sizeof byte, plain);
		}
	ck_assert_int_eq(fclose(plain), 0);
	ck_assert_int_eq(fclose(out), 0);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)got[i];

		ck_assert_msg(c >= ' ' || c == '\n' || c == '\t', "%02x", c);
		ck_assert_int_ne(c, 127);
		/* C1 controls are c2 80 to c2 9f. */
		ck_assert(c != 0xc2 || (unsigned char)got[i + 1] >= 0xa0);
	}
	free(got);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, what_a_terminal_would_obey_is_shown, 0,
	    sizeof texts / sizeof *texts);
	tcase_add_test(tc, no_byte_that_a_terminal_obeys_comes_through);
}
