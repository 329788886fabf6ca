#include "lib/base/cert.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static bool
is_strong_rsa(const X509 *x)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);

	return key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
		EVP_PKEY_get_bits(key) >= CERT_RSA_BITS_LEAST;
}

/* NULL when there is no certificate that serves. */
static X509 *
cert_read(struct text pem)
{
	/* Given as its secret: without one the library would ask at the terminal. */
	static char none[] = "";
	BIO *bio;
	X509 *x;

	if (pem.len == 0 || pem.len > INT_MAX)
		return NULL;
	bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	must(bio != NULL);
	x = PEM_read_bio_X509(bio, NULL, NULL, none);
	BIO_free(bio);
	if (x != NULL && !is_strong_rsa(x)) {
		X509_free(x);
		x = NULL;
	}
	return x;
}

static bool
key_holds(EVP_PKEY *key, struct text message, struct text signature)
{
	const unsigned char *sig = (const unsigned char *)signature.at,
			    *at = (const unsigned char *)message.at;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	bool holds;

	must(ctx != NULL && EVP_DigestVerifyInit(ctx, &how, EVP_sha512(), NULL, key) == 1);
	must(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PADDING) == 1);
	holds = EVP_DigestVerify(ctx, sig, signature.len, at, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	return holds;
}

bool
cert_id(struct text pem, uint8_t ret_id[HASH512_LEN])
{
	unsigned len = HASH512_LEN;
	X509 *x;

	(void)ERR_set_mark();
	x = cert_read(pem);
	must(x == NULL || (X509_digest(x, EVP_sha512(), ret_id, &len) == 1 && len == HASH512_LEN));
	(void)ERR_pop_to_mark();
	X509_free(x);
	return x != NULL;
}

bool
cert_signed(struct text pem, struct text message, struct text signature)
{
	bool holds;
	X509 *x;

	(void)ERR_set_mark();
	x = cert_read(pem);
	holds = x != NULL && message.len > 0 && signature.len > 0 &&
		key_holds(X509_get0_pubkey(x), message, signature);
	(void)ERR_pop_to_mark();
	X509_free(x);
	return holds;
}
