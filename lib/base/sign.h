#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Ed25519 (RFC 8032).  A private key is its 32-byte seed. */
enum {
	SIGN_SEED_LEN = 32,
	SIGN_KEY_LEN = 32,
	SIGN_LEN = 64
};

/* A seed made ready for many signatures; the caller ends it by sign_close(). */
struct sign_key;
struct sign_key *sign_open(const uint8_t seed[SIGN_SEED_LEN]);
void sign_with(const struct sign_key *key, struct text message, uint8_t ret_sig[SIGN_LEN]);
void sign_close(struct sign_key **key);

void sign_public(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret_key[SIGN_KEY_LEN]);
void sign_make(const uint8_t seed[SIGN_SEED_LEN], struct text message, uint8_t ret_sig[SIGN_LEN]);
MUST_USE bool
sign_holds(const uint8_t key[SIGN_KEY_LEN], struct text message, const uint8_t sig[SIGN_LEN]);
