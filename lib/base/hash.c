#include "lib/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "lib/base/must.h"

struct hash
hash_of(const void *p, size_t len)
{
	struct hash h;

	must(SHA256(p == NULL ? (const uint8_t *)"" : p, len, h.at) != NULL);
	return h;
}

void
hash512_of(struct text bytes, uint8_t ret_hash[HASH512_LEN])
{
	const char *at = bytes.len == 0 ? "" : bytes.at;

	must(SHA512((const unsigned char *)at, bytes.len, ret_hash) != NULL);
}

struct hash
hash_parts(const struct text *parts, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct hash h;

	must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < n; i++)
		must(EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1);
	must(EVP_DigestFinal_ex(ctx, h.at, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	return h;
}

struct hash
hmac_of(const uint8_t key[HASH_LEN], const struct text *parts, size_t n)
{
	enum {
		BLOCK = 64
	}; /* RFC 2104, block length of SHA-256 */
	uint8_t inner[BLOCK], outer[BLOCK];
	struct hash h;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	memset(inner, 0x36, BLOCK);
	memset(outer, 0x5c, BLOCK);
	for (size_t i = 0; i < HASH_LEN; i++) {
		inner[i] ^= key[i];
		outer[i] ^= key[i];
	}
	must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	must(EVP_DigestUpdate(ctx, inner, BLOCK) == 1);
	for (size_t i = 0; i < n; i++)
		must(EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1);
	must(EVP_DigestFinal_ex(ctx, h.at, NULL) == 1);
	must(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	must(EVP_DigestUpdate(ctx, outer, BLOCK) == 1);
	must(EVP_DigestUpdate(ctx, h.at, HASH_LEN) == 1);
	must(EVP_DigestFinal_ex(ctx, h.at, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	OPENSSL_cleanse(inner, BLOCK); /* the key may be a nonce's */
	OPENSSL_cleanse(outer, BLOCK);
	return h;
}
