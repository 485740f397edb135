/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/types.h>
#include <sha2.h>
#include <stdint.h>

#include "digest.h"

void
digest_hex(char out[DIGEST_HEX_MAX], const void *p, size_t n)
{
	(void)SHA256Data(p, n, out);
}

void
digest_id(char out[DIGEST_ID_MAX], const void *p, size_t n)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t sum[SHA256_DIGEST_LENGTH];
	uint64_t bits = 0;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, p, n);
	SHA256Final(sum, &ctx);
	for (int i = 0; i < 8; i++)
		bits = bits << 8 | sum[i];
	for (int i = 0; i < DIGEST_ID_MAX - 1; i++, bits <<= 5)
		out[i] = alphabet[bits >> 59];
	out[DIGEST_ID_MAX - 1] = '\0';
}
