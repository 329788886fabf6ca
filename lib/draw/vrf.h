#pragma once

#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"

/* ECVRF-P256-SHA256-TAI (RFC 9381, cipher suite 01): a value that the holder of a secret key can
 * compute and prove, and that nobody, the holder included, can choose.
 *
 * The proof is not unique, the value is: never hash a proof. */
enum {
	VRF_SECRET_LEN = 32, /* 0 < x < order */
	VRF_KEY_LEN = 33,    /* compressed point */
	VRF_PROOF_LEN = 81   /* Gamma (33), c (16), s (32) */
};

/* False when the secret is not a key: 0 or not below the order. */
MUST_USE bool vrf_public(const uint8_t secret[VRF_SECRET_LEN], uint8_t ret_key[VRF_KEY_LEN]);
MUST_USE bool vrf_prove(
	const uint8_t secret[VRF_SECRET_LEN], struct text alpha, uint8_t ret_proof[VRF_PROOF_LEN]);

/* The 33 bytes are a point of the curve. */
MUST_USE bool vrf_key_holds(const uint8_t key[VRF_KEY_LEN]);

/* CHECK_OK and the value, or the check that the proof fails: CHECK_VRF_LENGTH, _GAMMA, _SCALAR,
 * _PROOF, or CHECK_KEY_POINT for the key. */
MUST_USE enum check vrf_verify(const uint8_t key[VRF_KEY_LEN], struct text alpha, struct text proof,
	struct hash *ret_value);
