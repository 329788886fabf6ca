#include "lib/draw/vrf.h"

#include <check.h>
#include <openssl/err.h>
#include <string.h>

#include "lib/base/hex.h"
#include "tests/support/suite.h"

/* RFC 9381, Appendix B.1, examples 10 to 12. */
static const struct {
	const char *secret, *key, *alpha, *proof, *value;
} examples[] = {
	{"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
		"0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", "sample",
		"035b5c726e8c0e2c488a107c600578ee75cb702343c153cb1eb8dec77f4b5071b4"
		"a53f0a46f018bc2c56e58d383f2305e0"
		"975972c26feea0eb122fe7893c15af376b33edf7de17c6ea056d4d82de6bc02f",
		"a3ad7b0ef73d8fc6655053ea22f9bede8c743f08bbed3d38821f0e16474b505e"},
	{"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
		"0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", "test",
		"034dac60aba508ba0c01aa9be80377ebd7562c4a52d74722e0abae7dc3080ddb56"
		"c19e067b15a8a8174905b13617804534"
		"214f935b94c2287f797e393eb0816969d864f37625b443f30f1a5a33f2b3c854",
		"a284f94ceec2ff4b3794629da7cbafa49121972671b466cab4ce170aa365f26d"},
	{"2ca1411a41b17b24cc8c3b089cfd033f1920202a6c0de8abb97df1498d50d2c8",
		"03596375e6ce57e0f20294fc46bdfcfd19a39f8161b58695b3ec5b3d16427c274d",
		"Example using ECDSA key from Appendix L.4.2 of ANSI.X9-62-2005",
		"03d03398bf53aa23831d7d1b2937e005fb0062cbefa06796579f2a1fc7e7b8c667"
		"d091c00b0f5c3619d10ecea44363b5a5"
		"99cadc5b2957e223fec62e81f7b4825fc799a771a3d7334b9186bdbee87316b1",
		"90871e06da5caa39a3c61578ebb844de8635e27ac0b13e829997d0d95dd98c19"},
};

static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char prime_hex[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

static void
unhex(const char *hex, uint8_t *ret_bytes, size_t len)
{
	ck_assert(hex_decode(text_of(hex), ret_bytes, len));
}

static uint8_t secret[VRF_SECRET_LEN], key[VRF_KEY_LEN], proof[VRF_PROOF_LEN];

static void
take(size_t i)
{
	unhex(examples[i].secret, secret, sizeof secret);
	unhex(examples[i].key, key, sizeof key);
	unhex(examples[i].proof, proof, sizeof proof);
}

static enum check
verify(const char *alpha)
{
	struct hash value;

	return vrf_verify(
		key, text_of(alpha), text_span((const char *)proof, sizeof proof), &value);
}

START_TEST(examples_of_rfc_9381_are_reproduced)
{
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		uint8_t k[VRF_KEY_LEN], p[VRF_PROOF_LEN], want[HASH_LEN];
		struct hash value;

		take(i);
		unhex(examples[i].value, want, sizeof want);
		ck_assert(vrf_public(secret, k));
		ck_assert_mem_eq(k, key, sizeof key);
		ck_assert(vrf_prove(secret, text_of(examples[i].alpha), p));
		ck_assert_mem_eq(p, proof, sizeof proof);
		ck_assert_int_eq(vrf_verify(key, text_of(examples[i].alpha),
					 text_span((const char *)p, sizeof p), &value),
			CHECK_OK);
		ck_assert_mem_eq(value.at, want, sizeof want);
	}
}
END_TEST

START_TEST(a_proof_of_another_length_is_refused)
{
	uint8_t longer[VRF_PROOF_LEN + 1] = {0};
	struct hash value;

	take(0);
	memcpy(longer, proof, sizeof proof);
	ck_assert_int_eq(vrf_verify(key, text_of("sample"), text_span((char *)longer, 82), &value),
		CHECK_VRF_LENGTH);
	ck_assert_int_eq(vrf_verify(key, text_of("sample"), text_span((char *)longer, 80), &value),
		CHECK_VRF_LENGTH);
	ck_assert_int_eq(vrf_verify(key, text_of("sample"), text_span((char *)longer, 0), &value),
		CHECK_VRF_LENGTH);
}
END_TEST

START_TEST(gamma_with_another_prefix_beyond_p_or_off_the_curve_is_refused)
{
	static const uint8_t prefixes[] = {0, 1, 4, 5, 6, 7, 0xff};

	for (size_t i = 0; i < sizeof prefixes; i++) {
		take(0);
		proof[0] = prefixes[i];
		ck_assert_int_eq(verify("sample"), CHECK_VRF_GAMMA);
	}
	take(0);
	unhex(prime_hex, proof + 1, 32);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_GAMMA);
	memset(proof + 1, 0xff, 32);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_GAMMA);
	/* x = 1 has no y on P-256. */
	memset(proof + 1, 0, 32);
	proof[32] = 1;
	ck_assert_int_eq(verify("sample"), CHECK_VRF_GAMMA);
	/* The other root: a point, but not this proof's. */
	take(0);
	proof[0] ^= 1;
	ck_assert_int_eq(verify("sample"), CHECK_VRF_PROOF);
}
END_TEST

START_TEST(s_not_below_the_order_is_refused)
{
	take(0);
	unhex(order_hex, proof + 49, 32);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_SCALAR);
	proof[80]--;
	ck_assert_int_eq(verify("sample"), CHECK_VRF_PROOF);
	memset(proof + 49, 0xff, 32);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_SCALAR);
}
END_TEST

START_TEST(every_changed_byte_another_alpha_and_another_key_are_refused)
{
	for (size_t i = 0; i < VRF_PROOF_LEN; i++) {
		take(0);
		proof[i] ^= 0x10;
		ck_assert_int_ne(verify("sample"), CHECK_OK);
	}
	take(0);
	ck_assert_int_eq(verify("sample"), CHECK_OK);
	ck_assert_int_eq(verify("sampl"), CHECK_VRF_PROOF);
	unhex(examples[2].key, key, sizeof key);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_PROOF);
	key[0] = 0;
	ck_assert_int_eq(verify("sample"), CHECK_KEY_POINT);
	/* c = s = 0 makes U and V the point at infinity, which has no string. */
	take(0);
	memset(proof + 33, 0, 48);
	ck_assert_int_eq(verify("sample"), CHECK_VRF_PROOF);
}
END_TEST

START_TEST(secrets_of_zero_or_beyond_the_order_are_no_keys)
{
	uint8_t k[VRF_KEY_LEN], p[VRF_PROOF_LEN];

	memset(secret, 0, sizeof secret);
	ck_assert(!vrf_public(secret, k) && !vrf_prove(secret, text_of("a"), p));
	unhex(order_hex, secret, sizeof secret);
	ck_assert(!vrf_public(secret, k) && !vrf_prove(secret, text_of("a"), p));
	secret[31]--;
	ck_assert(vrf_public(secret, k) && vrf_prove(secret, text_of("a"), p));
}
END_TEST

START_TEST(the_error_queue_of_openssl_is_left_as_it_was)
{
	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 7); /* of whoever uses the thread besides us */
	for (int i = 0; i < 16; i++) {
		char alpha[2] = {(char)('a' + i), 0};

		take(0); /* some of the sixteen need more than one try */
		ck_assert(vrf_prove(secret, text_of(alpha), proof));
		proof[0] = 9;
		ck_assert_int_eq(verify(alpha), CHECK_VRF_GAMMA);
		memset(proof, 0xff, sizeof proof);
		proof[0] = 2;
		ck_assert_int_eq(verify(alpha), CHECK_VRF_GAMMA);
	}
	ck_assert_int_eq(ERR_GET_REASON(ERR_get_error()), 7);
	ck_assert_uint_eq(ERR_get_error(), 0);
}
END_TEST

SUITE(vrf, examples_of_rfc_9381_are_reproduced, a_proof_of_another_length_is_refused,
	gamma_with_another_prefix_beyond_p_or_off_the_curve_is_refused,
	s_not_below_the_order_is_refused,
	every_changed_byte_another_alpha_and_another_key_are_refused,
	secrets_of_zero_or_beyond_the_order_are_no_keys,
	the_error_queue_of_openssl_is_left_as_it_was)
