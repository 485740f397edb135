/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "digest.h"
#include "harness.h"
#include "token.h"

START_TEST(hex_is_sha_256)
{
	char hex[DIGEST_HEX_MAX];

	digest_hex(hex, "abc", 3);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	digest_hex(hex, "", 0);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(what_comes_in_pieces_has_the_same_sum)
{
	struct digest *d = digest_begin();
	char hex[DIGEST_HEX_MAX], pieces[DIGEST_HEX_MAX];

	digest_hex(hex, "abc", 3);
	digest_add(d, "a", 1);
	digest_add(d, "", 0);
	digest_add(d, "bc", 2);
	digest_end(d, pieces);
	ck_assert_str_eq(pieces, hex);
}
END_TEST

START_TEST(an_id_is_the_first_60_bits_in_base_32)
{
	char id[DIGEST_ID_MAX];

	/* ba7816bf8f01cfe is 10111 01001 11100 00001 01101 01111 ... */
	digest_id(id, "abc", 3);
	ck_assert_str_eq(id, "q9w1dfwf077y");
	ck_assert(token_id_ok(id));
}
END_TEST

START_TEST(every_byte_counts)
{
	char a[DIGEST_ID_MAX], b[DIGEST_ID_MAX];

	digest_id(a, "a\0b", 3);
	digest_id(b, "a\0c", 3);
	ck_assert_str_ne(a, b);
	digest_id(b, "a\0b", 2);
	ck_assert_str_ne(a, b);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, hex_is_sha_256);
	tcase_add_test(tc, what_comes_in_pieces_has_the_same_sum);
	tcase_add_test(tc, an_id_is_the_first_60_bits_in_base_32);
	tcase_add_test(tc, every_byte_counts);
}
