/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/types.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>

#include "digest.h"
#include "mem.h"

struct digest {
	SHA2_CTX context;
};

struct digest *
digest_begin(void)
{
	struct digest *d = mem_alloc(sizeof *d);

	SHA256Init(&d->context);
	return d;
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	SHA256Update(&d->context, p, n);
}

void
digest_end(struct digest *d, char out[DIGEST_HEX_MAX])
{
	(void)SHA256End(&d->context, out);
	free(d);
}

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
