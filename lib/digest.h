/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door to libmd: SHA-256, whole or cut down to a short name. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

enum { DIGEST_HEX_MAX = 65, DIGEST_ID_MAX = 13 };

/* Of what comes in pieces; digest_end frees it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *d, const void *p, size_t n);
void digest_end(struct digest *d, char out[DIGEST_HEX_MAX]);

void digest_hex(char out[DIGEST_HEX_MAX], const void *p, size_t n);

/* The first 60 bits in base 32 (0-9 a-z without i l o u): 12 characters. */
void digest_id(char out[DIGEST_ID_MAX], const void *p, size_t n);

#endif
