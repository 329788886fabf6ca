#include "lib/base/sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static EVP_PKEY *
key_of_seed(const uint8_t seed[SIGN_SEED_LEN])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_LEN);

	must(key != NULL);
	return key;
}

static const unsigned char *
bytes_of(struct text message)
{
	return (const unsigned char *)(message.len == 0 ? "" : message.at);
}

void
sign_public(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret_key[SIGN_KEY_LEN])
{
	EVP_PKEY *key = key_of_seed(seed);
	size_t len = SIGN_KEY_LEN;

	must(EVP_PKEY_get_raw_public_key(key, ret_key, &len) == 1 && len == SIGN_KEY_LEN);
	EVP_PKEY_free(key);
}

/* The library's own object under our name: half of the work of one signature is to make it. */
struct sign_key *
sign_open(const uint8_t seed[SIGN_SEED_LEN])
{
	return (struct sign_key *)key_of_seed(seed);
}

void
sign_with(const struct sign_key *key, struct text message, uint8_t ret_sig[SIGN_LEN])
{
	EVP_PKEY *pkey = (EVP_PKEY *)(uintptr_t)key;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIGN_LEN;

	must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1);
	must(EVP_DigestSign(ctx, ret_sig, &len, bytes_of(message), message.len) == 1);
	must(len == SIGN_LEN);
	EVP_MD_CTX_free(ctx);
}

void
sign_close(struct sign_key **key)
{
	EVP_PKEY_free((EVP_PKEY *)*key);
	*key = NULL;
}

void
sign_make(const uint8_t seed[SIGN_SEED_LEN], struct text message, uint8_t ret_sig[SIGN_LEN])
{
	struct sign_key *key = sign_open(seed);

	sign_with(key, message, ret_sig);
	sign_close(&key);
}

bool
sign_holds(const uint8_t key[SIGN_KEY_LEN], struct text message, const uint8_t sig[SIGN_LEN])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_KEY_LEN);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool holds;

	must(k != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1);
	/* A wrong signature leaves an entry in the thread's error queue, which TLS code reads. */
	(void)ERR_set_mark();
	holds = EVP_DigestVerify(ctx, sig, SIGN_LEN, bytes_of(message), message.len) == 1;
	(void)ERR_pop_to_mark();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return holds;
}
