#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

/* A certificate that somebody pinned: its key is trusted because it is this certificate.  Who
 * issued it, and for how long, is not looked at.  The text is PEM; what stands after its first
 * certificate is passed over.  No call leaves an entry in the thread's OpenSSL error queue. */
enum {
	CERT_RSA_BITS_LEAST = 2048
};

/* SHA-512 of the certificate's DER.  False: no certificate, or none with an RSA key of enough
 * bits. */
MUST_USE bool cert_id(struct text pem, uint8_t ret_id[HASH512_LEN]);

/* The signature is RSASSA-PKCS1-v1_5 with SHA-512 (RFC 8017, 8.2) by the certificate's key. */
MUST_USE bool cert_signed(struct text pem, struct text message, struct text signature);
