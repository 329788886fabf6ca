#include "daemon/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SELF_DAYS = 3650
};

static bool
refuse(char *reterr, size_t size, const char *what, const char *path)
{
	unsigned long e = ERR_peek_last_error();

	(void)snprintf(reterr, size, "TLS: %s %s: %s", what, path,
		e != 0 ? ERR_reason_error_string(e) : strerror(errno));
	ERR_clear_error();
	return false;
}

/* http/1.1 is the one protocol; a client that offers others only is refused (RFC 7301, 3.2). */
static int
alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in,
	unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, len, ours, sizeof ours - 1, in, in_len) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

bool
tls_new(const char *cert, const char *key, struct ssl_ctx_st **ret, char *reterr,
	size_t reterr_size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *at = NULL, *what = NULL;

	must(ctx != NULL);
	ERR_clear_error();
	/* An end without close_notify is an end: HTTP's own framing shows a truncation. */
	(void)SSL_CTX_set_options(ctx,
		SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
			SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_alpn_select_cb(ctx, alpn, NULL);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
		what = "certificate";
		at = cert;
	} else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1) {
		what = "private key";
		at = key;
	}
	if (at != NULL) {
		SSL_CTX_free(ctx);
		return refuse(reterr, reterr_size, what, at);
	}
	*ret = ctx;
	return true;
}

struct ssl_ctx_st *
tls_ref(struct ssl_ctx_st *ctx)
{
	must(SSL_CTX_up_ref(ctx) == 1);
	return ctx;
}

void
tls_unref(struct ssl_ctx_st **ctx)
{
	SSL_CTX_free(*ctx);
	*ctx = NULL;
}

static void
extension_add(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static X509 *
certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	BIGNUM *serial = BN_new();
	X509_NAME *name;

	must(x != NULL && serial != NULL);
	must(BN_rand(serial, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
	must(BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) != NULL);
	BN_free(serial);
	must(X509_set_version(x, X509_VERSION_3) == 1);
	must(X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL);
	must(X509_time_adj_ex(X509_getm_notAfter(x), SELF_DAYS, 0, NULL) != NULL);
	must(X509_set_pubkey(x, key) == 1);
	name = X509_get_subject_name(x);
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		     (const unsigned char *)"fairlot on this machine", -1, -1, 0) == 1);
	must(X509_set_issuer_name(x, name) == 1);
	extension_add(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
	extension_add(x, NID_basic_constraints, "critical,CA:TRUE");
	extension_add(x, NID_ext_key_usage, "serverAuth");
	must(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static FILE *
file_new(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

bool
tls_self_signed(const char *cert, const char *key, char *reterr, size_t reterr_size)
{
	char folder[1024];
	EVP_PKEY *pkey;
	bool ok = false;
	FILE *f;
	X509 *x;

	if (access(cert, F_OK) == 0)
		return true;
	(void)snprintf(folder, sizeof folder, "%s", cert);
	if (strrchr(folder, '/') != NULL)
		*strrchr(folder, '/') = '\0';
	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return refuse(reterr, reterr_size, "folder", folder);
	pkey = EVP_EC_gen("P-256");
	must(pkey != NULL);
	x = certificate(pkey);
	ERR_clear_error();
	if ((f = file_new(key, 0600)) != NULL) {
		ok = PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL) == 1;
		ok = fclose(f) == 0 && ok;
	}
	if (ok && (f = file_new(cert, 0644)) != NULL) {
		ok = PEM_write_X509(f, x) == 1;
		ok = fclose(f) == 0 && ok;
	} else
		ok = false;
	X509_free(x);
	EVP_PKEY_free(pkey);
	return ok || refuse(reterr, reterr_size, "cannot write", cert);
}
