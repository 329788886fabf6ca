/* Pinned certificates: which serve, and what their keys have signed. */
#include "lib/base/cert.h"

#include <check.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "tests/support/suite.h"

enum {
	PEM_ROOM = 8192
};

struct made {
	EVP_PKEY *key;
	char pem[PEM_ROOM];
	uint8_t id[HASH512_LEN];
};

/* A certificate of this key, by itself. */
static struct made
made_of(EVP_PKEY *key)
{
	struct made m = {.key = key};
	X509 *x = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned len = HASH512_LEN;
	int size;

	ck_assert(key != NULL && x != NULL && bio != NULL);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 1), 1);
	ck_assert(X509_gmtime_adj(X509_getm_notBefore(x), -20) != NULL);
	ck_assert(X509_gmtime_adj(X509_getm_notAfter(x), -10) != NULL); /* its time is over */
	ck_assert_int_eq(X509_set_pubkey(x, key), 1);
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	ck_assert_int_eq(X509_digest(x, EVP_sha512(), m.id, &len), 1);
	ck_assert_int_eq(PEM_write_bio_X509(bio, x), 1);
	size = BIO_read(bio, m.pem, PEM_ROOM - 1);
	ck_assert_int_gt(size, 0);
	m.pem[size] = '\0';
	BIO_free(bio);
	X509_free(x);
	return m;
}

static size_t
signed_by(EVP_PKEY *key, int padding, const EVP_MD *hash, const char *message, uint8_t *ret_sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	size_t len = 1024;

	ck_assert_int_eq(EVP_DigestSignInit(ctx, &how, hash, NULL, key), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(how, padding), 1);
	ck_assert_int_eq(
		EVP_DigestSign(ctx, ret_sig, &len, (const uint8_t *)message, strlen(message)), 1);
	EVP_MD_CTX_free(ctx);
	return len;
}

static bool
holds(const struct made *m, const char *message, const uint8_t *sig, size_t len)
{
	return cert_signed(text_of(m->pem), text_of(message), text_span((const char *)sig, len));
}

START_TEST(a_signature_is_pkcs1_of_sha512_by_the_certificates_key)
{
	struct made m = made_of(EVP_RSA_gen(2048)), other = made_of(EVP_RSA_gen(2048));
	uint8_t sig[1024], id[HASH512_LEN];
	size_t len = signed_by(m.key, RSA_PKCS1_PADDING, EVP_sha512(), "pulse", sig);

	ck_assert(cert_id(text_of(m.pem), id));
	ck_assert_mem_eq(id, m.id, HASH512_LEN);
	ck_assert(holds(&m, "pulse", sig, len));
	ck_assert(!holds(&m, "pulsf", sig, len));
	ck_assert(!holds(&m, "", sig, len));
	ck_assert(!holds(&m, "pulse", sig, len - 1));
	ck_assert(!holds(&m, "pulse", sig, len + 1));
	ck_assert(!holds(&m, "pulse", sig, 0));
	ck_assert(!holds(&other, "pulse", sig, len));
	sig[len - 1] ^= 1;
	ck_assert(!holds(&m, "pulse", sig, len));
	len = signed_by(m.key, RSA_PKCS1_PADDING, EVP_sha256(), "pulse", sig);
	ck_assert(!holds(&m, "pulse", sig, len));
	len = signed_by(m.key, RSA_PKCS1_PSS_PADDING, EVP_sha512(), "pulse", sig);
	ck_assert(!holds(&m, "pulse", sig, len));
	ck_assert_uint_eq(ERR_peek_error(), 0);
	EVP_PKEY_free(m.key);
	EVP_PKEY_free(other.key);
}
END_TEST

/* An RSA key that is for RSASSA-PSS alone. */
static EVP_PKEY *
pss_gen(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

START_TEST(a_weak_key_or_one_of_another_kind_does_not_serve)
{
	struct made weak = made_of(EVP_RSA_gen(1024)), curve = made_of(EVP_EC_gen("P-256")),
		    pss = made_of(pss_gen());
	uint8_t sig[1024], id[HASH512_LEN];
	size_t len = signed_by(weak.key, RSA_PKCS1_PADDING, EVP_sha512(), "pulse", sig);

	ck_assert(!cert_id(text_of(weak.pem), id));
	ck_assert(!holds(&weak, "pulse", sig, len));
	ck_assert(!cert_id(text_of(curve.pem), id));
	ck_assert(!holds(&curve, "pulse", sig, len));
	ck_assert(!cert_id(text_of(pss.pem), id));
	ck_assert(!holds(&pss, "pulse", sig, len));
	EVP_PKEY_free(weak.key);
	EVP_PKEY_free(curve.key);
	EVP_PKEY_free(pss.key);
}
END_TEST

START_TEST(what_is_no_certificate_is_none)
{
	static const char *const none[] = {"", "x", "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
		"AES-128-CBC,00000000000000000000000000000000\n\n"
		"AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n"};
	uint8_t id[HASH512_LEN];

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		ck_assert(!cert_id(text_of(none[i]), id));
		ck_assert(!cert_signed(text_of(none[i]), text_of("m"), text_of("s")));
	}
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

SUITE(cert, a_signature_is_pkcs1_of_sha512_by_the_certificates_key,
	a_weak_key_or_one_of_another_kind_does_not_serve, what_is_no_certificate_is_none)
