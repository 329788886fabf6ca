#include "lib/base/sign.h"

#include <check.h>
#include <openssl/err.h>
#include <string.h>

#include "lib/base/b64.h"
#include "lib/base/hex.h"
#include "tests/support/suite.h"

START_TEST(ed25519_matches_rfc_8032_test_2)
{
	uint8_t seed[SIGN_SEED_LEN], want_key[SIGN_KEY_LEN], want[SIGN_LEN], key[SIGN_KEY_LEN],
		sig[SIGN_LEN];
	struct text message = text_of("\x72");

	ck_assert(hex_decode(
		text_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), seed,
		32));
	ck_assert(hex_decode(
		text_of("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
		want_key, 32));
	ck_assert(hex_decode(
		text_of("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
			"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
		want, 64));
	sign_public(seed, key);
	ck_assert_mem_eq(key, want_key, sizeof key);
	sign_make(seed, message, sig);
	ck_assert_mem_eq(sig, want, sizeof sig);
	ck_assert(sign_holds(key, message, sig));
}
END_TEST

START_TEST(a_changed_signature_or_message_is_refused_and_leaves_no_error_behind)
{
	uint8_t seed[SIGN_SEED_LEN] = {1}, key[SIGN_KEY_LEN], sig[SIGN_LEN];

	sign_public(seed, key);
	sign_make(seed, text_of(""), sig);
	ck_assert(sign_holds(key, (struct text){0}, sig));
	ERR_clear_error();
	ck_assert(!sign_holds(key, text_of("x"), sig));
	for (size_t i = 0; i < SIGN_LEN; i++) {
		sig[i] ^= 1;
		ck_assert(!sign_holds(key, (struct text){0}, sig));
		sig[i] ^= 1;
	}
	memset(key, 0xff, sizeof key); /* no point */
	ck_assert(!sign_holds(key, (struct text){0}, sig));
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(base64_matches_rfc_4648)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}, {"\xfb\xff", "+/8="}};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		size_t len = strlen(pairs[i][0]), got = 99;
		uint8_t bytes[8];
		char text[16];

		b64_encode((const uint8_t *)pairs[i][0], len, text);
		ck_assert_str_eq(text, pairs[i][1]);
		ck_assert_uint_eq(strlen(text), B64_LEN(len));
		ck_assert(b64_decode(text_of(text), bytes, sizeof bytes, &got) && got == len);
		ck_assert_mem_eq(bytes, pairs[i][0], len);
	}
}
END_TEST

START_TEST(base64_has_one_spelling)
{
	static const char *const bad[] = {"Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "=Zg=", "Z===", "====", "Zm 9", "Zm9v\n",
		"Zg==Zg==", "Zm-v", "Zm_v"};
	uint8_t bytes[16];
	size_t len = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(
			!b64_decode(text_of(bad[i]), bytes, sizeof bytes, &len), "%s", bad[i]);
	ck_assert(!b64_decode(text_of("Zm9v"), bytes, 2, &len));
	ck_assert_uint_eq(len, 7);
}
END_TEST

SUITE(sign, ed25519_matches_rfc_8032_test_2,
	a_changed_signature_or_message_is_refused_and_leaves_no_error_behind,
	base64_matches_rfc_4648, base64_has_one_spelling)
