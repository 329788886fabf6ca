#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"

/* The seam to libcrypto for digests: this file, cert, ec and sign are its only users in lib. */

enum {
	HASH_LEN = 32,
	HASH512_LEN = 64
};

/* SHA-256 (FIPS 180-4). */
struct hash {
	uint8_t at[HASH_LEN];
};

/* SHA-512 (FIPS 180-4), for what others hash with it. */
void hash512_of(struct text bytes, uint8_t ret_hash[HASH512_LEN]);

struct hash hash_of(const void *p, size_t len);
struct hash hash_parts(const struct text *parts, size_t n); /* of the concatenation */
struct hash hmac_of(const uint8_t key[HASH_LEN], const struct text *parts, size_t n);
