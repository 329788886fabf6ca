/* Section numbers are those of RFC 9381.  Registers of the point machine have the names the
 * RFC gives the points. */
#include "lib/draw/vrf.h"

#include <string.h>

#include "lib/base/ec.h"

enum point {
	Y,
	H,
	GAMMA,
	U,
	V,
	PRODUCT
};

enum {
	CHALLENGE_LEN = 16
};

static const char suite[] = "\x01";

static struct text
bytes(const void *p, size_t len)
{
	return text_span(p, len);
}

/* 5.4.1.1, try and increment: about one counter in two is a point, so 256 failures in a row do
 * not happen. */
static void
encode_to_curve(struct ec *e, const uint8_t key[VRF_KEY_LEN], struct text alpha,
	uint8_t ret_string[EC_POINT_LEN])
{
	for (unsigned counter = 0; counter < 256; counter++) {
		uint8_t end[2] = {(uint8_t)counter, 0};
		struct text parts[] = {bytes(suite, 1), bytes("\x01", 1), bytes(key, VRF_KEY_LEN),
			alpha, bytes(end, 2)};
		struct hash h = hash_parts(parts, sizeof parts / sizeof parts[0]);

		ret_string[0] = 2;
		memcpy(ret_string + 1, h.at, HASH_LEN);
		if (ec_decode(e, H, ret_string))
			return;
	}
	must_fail(__FILE__, __LINE__, "no point in 256 tries");
}

/* 5.4.3: ret_c is the challenge as a scalar, its first half zero.  False when a point is at
 * infinity, which no proof made by 5.1 leads to. */
static bool
challenge(const struct ec *e, uint8_t ret_c[EC_SCALAR_LEN])
{
	static const enum point points[] = {Y, H, GAMMA, U, V};
	uint8_t strings[5][EC_POINT_LEN];
	struct text parts[] = {
		bytes(suite, 1), bytes("\x02", 1), bytes(strings, sizeof strings), bytes("\0", 1)};
	struct hash h;

	for (size_t i = 0; i < 5; i++)
		if (!ec_encode(e, points[i], strings[i]))
			return false;
	h = hash_parts(parts, sizeof parts / sizeof parts[0]);
	memset(ret_c, 0, EC_SCALAR_LEN - CHALLENGE_LEN);
	memcpy(ret_c + EC_SCALAR_LEN - CHALLENGE_LEN, h.at, CHALLENGE_LEN);
	return true;
}

/* 5.2 proof to hash; the cofactor of P-256 is 1. */
static struct hash
value_of(const uint8_t gamma[EC_POINT_LEN])
{
	struct text parts[] = {
		bytes(suite, 1), bytes("\x03", 1), bytes(gamma, EC_POINT_LEN), bytes("\0", 1)};

	return hash_parts(parts, sizeof parts / sizeof parts[0]);
}

/* 5.4.2.1: RFC 6979 section 3.2 with SHA-256 over the string of H, for the key x. */
static void
nonce(const struct ec *e, const uint8_t x[EC_SCALAR_LEN], const uint8_t string[EC_POINT_LEN],
	uint8_t ret_k[EC_SCALAR_LEN])
{
	struct hash h1 = hash_of(string, EC_POINT_LEN), k, v;
	uint8_t reduced[EC_SCALAR_LEN];

	ec_scalar_reduce(e, h1.at, reduced);
	memset(k.at, 0, HASH_LEN);
	memset(v.at, 1, HASH_LEN);
	for (uint8_t round = 0; round < 2; round++) {
		struct text parts[] = {bytes(v.at, HASH_LEN), bytes(&round, 1),
			bytes(x, EC_SCALAR_LEN), bytes(reduced, EC_SCALAR_LEN)};

		k = hmac_of(k.at, parts, 4);
		v = hmac_of(k.at, parts, 1);
	}
	for (;;) {
		struct text parts[] = {bytes(v.at, HASH_LEN), bytes("\0", 1)};

		v = hmac_of(k.at, parts, 1);
		if (ec_scalar_is_key(e, v.at))
			break;
		k = hmac_of(k.at, parts, 2);
		v = hmac_of(k.at, parts, 1);
	}
	memcpy(ret_k, v.at, EC_SCALAR_LEN);
	ec_wipe(&k, sizeof k);
	ec_wipe(&v, sizeof v);
}

bool
vrf_public(const uint8_t secret[VRF_SECRET_LEN], uint8_t ret_key[VRF_KEY_LEN])
{
	struct ec e;
	bool is_key;

	ec_init(&e);
	is_key = ec_scalar_is_key(&e, secret);
	if (is_key) {
		ec_mul_base(&e, Y, secret);
		must(ec_encode(&e, Y, ret_key));
	}
	ec_done(&e);
	return is_key;
}

/* 5.1, steps 2 to 8; Y stands in its register. */
static void
prove(struct ec *e, const uint8_t x[VRF_SECRET_LEN], struct text alpha,
	uint8_t ret_proof[VRF_PROOF_LEN])
{
	uint8_t key[VRF_KEY_LEN], string[EC_POINT_LEN], k[EC_SCALAR_LEN], c[EC_SCALAR_LEN];

	must(ec_encode(e, Y, key));
	encode_to_curve(e, key, alpha, string);
	ec_mul(e, GAMMA, H, x);
	nonce(e, x, string, k);
	ec_mul_base(e, U, k);
	ec_mul(e, V, H, k);
	must(challenge(e, c) && ec_encode(e, GAMMA, ret_proof));
	memcpy(ret_proof + EC_POINT_LEN, c + EC_SCALAR_LEN - CHALLENGE_LEN, CHALLENGE_LEN);
	ec_scalar_answer(e, k, c, x, ret_proof + EC_POINT_LEN + CHALLENGE_LEN);
	ec_wipe(k, sizeof k);
}

bool
vrf_prove(const uint8_t secret[VRF_SECRET_LEN], struct text alpha, uint8_t ret_proof[VRF_PROOF_LEN])
{
	struct ec e;
	bool is_key;

	ec_init(&e);
	is_key = ec_scalar_is_key(&e, secret);
	if (is_key) {
		ec_mul_base(&e, Y, secret);
		prove(&e, secret, alpha, ret_proof);
	}
	ec_done(&e);
	return is_key;
}

bool
vrf_key_holds(const uint8_t key[VRF_KEY_LEN])
{
	struct ec e;
	bool holds;

	ec_init(&e);
	holds = ec_decode(&e, Y, key);
	ec_done(&e);
	return holds;
}

/* 5.3: U = s*B - c*Y, V = s*H - c*Gamma, and the challenge of these is c. */
static enum check
verify(struct ec *e, const uint8_t key[VRF_KEY_LEN], struct text alpha, const uint8_t *proof)
{
	const uint8_t *given = proof + EC_POINT_LEN, *s = given + CHALLENGE_LEN;
	uint8_t string[EC_POINT_LEN], c[EC_SCALAR_LEN] = {0};

	if (!ec_decode(e, Y, key))
		return CHECK_KEY_POINT;
	if (!ec_decode(e, GAMMA, proof))
		return CHECK_VRF_GAMMA;
	if (!ec_scalar_is_reduced(e, s))
		return CHECK_VRF_SCALAR;
	memcpy(c + EC_SCALAR_LEN - CHALLENGE_LEN, given, CHALLENGE_LEN);
	encode_to_curve(e, key, alpha, string);
	ec_mul_base(e, U, s);
	ec_mul(e, PRODUCT, Y, c);
	ec_sub(e, U, U, PRODUCT);
	ec_mul(e, V, H, s);
	ec_mul(e, PRODUCT, GAMMA, c);
	ec_sub(e, V, V, PRODUCT);
	if (!challenge(e, c) ||
		memcmp(c + EC_SCALAR_LEN - CHALLENGE_LEN, given, CHALLENGE_LEN) != 0)
		return CHECK_VRF_PROOF;
	return CHECK_OK;
}

enum check
vrf_verify(const uint8_t key[VRF_KEY_LEN], struct text alpha, struct text proof,
	struct hash *ret_value)
{
	enum check found;
	struct ec e;

	if (proof.len != VRF_PROOF_LEN)
		return CHECK_VRF_LENGTH;
	ec_init(&e);
	found = verify(&e, key, alpha, (const uint8_t *)proof.at);
	ec_done(&e);
	if (found == CHECK_OK)
		*ret_value = value_of((const uint8_t *)proof.at);
	return found;
}
