#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"

struct ssl_ctx_st;

/* TLS 1.2 and 1.3, ALPN http/1.1.  A context is counted by OpenSSL itself; at a reload a new one
 * is made and swapped whole, connections keep the one they began with. */
MUST_USE bool tls_new(const char *cert, const char *key, struct ssl_ctx_st **ret, char *reterr,
	size_t reterr_size);

struct ssl_ctx_st *tls_ref(struct ssl_ctx_st *ctx);
void tls_unref(struct ssl_ctx_st **ctx);

/* Makes a key (EC P-256, mode 0600) and a certificate signed by itself for localhost, 127.0.0.1
 * and ::1, when the certificate does not exist; its folder is made too. */
MUST_USE bool tls_self_signed(const char *cert, const char *key, char *reterr, size_t reterr_size);
