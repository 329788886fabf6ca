#include "tests/unit/draw/pulse_make.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/cert.h"

enum {
	FILE_MAX = 16384
};

struct text
pulse_file(struct arena *a, const char *name)
{
	char *bytes = arena_alloc(a, FILE_MAX);
	const char *root = getenv("FAIRLOT_SOURCE");
	size_t len;
	FILE *f;

	must(root != NULL);
	f = fopen(arena_printf(a, "%s/tests/vectors/nist/%s", root, name), "rb");
	must(f != NULL);
	len = fread(bytes, 1, FILE_MAX, f);
	must(len > 0 && len < FILE_MAX && fclose(f) == 0);
	return text_span(bytes, len);
}

/* Read once: a test program makes thousands. */
static EVP_PKEY *
made_key(void)
{
	static EVP_PKEY *key;
	struct text pem;
	struct arena a;
	BIO *bio;

	if (key != NULL)
		return key;
	arena_init(&a, 1 << 20);
	pem = pulse_file(&a, "made_key.pem");
	bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	must(key != NULL);
	BIO_free(bio);
	arena_reset(&a);
	return key;
}

static struct text
made_id(struct arena *a)
{
	static uint8_t id[HASH512_LEN];
	static bool known;

	if (!known)
		must(cert_id(pulse_file(a, "made_certificate.pem"), id));
	known = true;
	return text_span((const char *)id, sizeof id);
}

static struct text
filled(struct arena *a, int byte)
{
	return text_span(memset(arena_alloc(a, HASH512_LEN), byte, HASH512_LEN), HASH512_LEN);
}

void
pulse_make(struct arena *a, uint64_t chain, uint64_t number, struct utc at, uint8_t fill,
	struct pulse *ret_pulse)
{
	char *time = arena_alloc(a, TIME_TEXT);

	time_format(at, 3, time);
	*ret_pulse = (struct pulse){
		.uri = text_of(arena_printf(a, "https://beacon.test/2.0/chain/%llu/pulse/%llu",
			(unsigned long long)chain, (unsigned long long)number)),
		.version = text_of("2.0"),
		.time = text_of(time),
		.period_ms = 60000,
		.chain = chain,
		.number = number,
		.certificate = made_id(a),
		.local = filled(a, fill),
		.external_source = filled(a, 0),
		.external_value = filled(a, 0),
		.precommitment = filled(a, fill + 1),
		.at = at};
	for (size_t i = 0; i < PULSE_LINKS; i++)
		ret_pulse->links[i] = filled(a, fill + 2 + (int)i);
}

struct text
pulse_sign(struct arena *a, const struct pulse *p)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct pulse whole = *p;
	size_t len = PULSE_SIGNATURE_MOST;
	unsigned char *sig = arena_alloc(a, len);
	struct text message;

	whole.signature = (struct text){0};
	message = pulse_build(a, &whole);
	must(EVP_DigestSignInit(ctx, NULL, EVP_sha512(), NULL, made_key()) == 1);
	must(EVP_DigestSign(ctx, sig, &len, (const unsigned char *)message.at, message.len) == 1);
	EVP_MD_CTX_free(ctx);
	whole.signature = text_span((const char *)sig, len);
	return pulse_build(a, &whole);
}
