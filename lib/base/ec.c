/* Errors: a machine out of memory aborts by must().  A byte string that is no point is the only
 * failure the world can cause; OpenSSL reports it through its error queue, where the entries are
 * taken back to a mark set before. */
#include "lib/base/ec.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <string.h>

void
ec_init(struct ec *e)
{
	*e = (struct ec){0};
	e->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	e->ctx = BN_CTX_secure_new();
	e->order = BN_new();
	must(e->group != NULL && e->ctx != NULL && e->order != NULL);
	must(EC_GROUP_get_order(e->group, e->order, e->ctx) == 1);
	for (size_t i = 0; i < EC_POINTS; i++) {
		e->point[i] = EC_POINT_new(e->group);
		must(e->point[i] != NULL);
	}
}

void
ec_done(struct ec *e)
{
	for (size_t i = 0; i < EC_POINTS; i++)
		EC_POINT_clear_free(e->point[i]);
	BN_free(e->order);
	BN_CTX_free(e->ctx);
	EC_GROUP_free(e->group);
	*e = (struct ec){0};
}

static BIGNUM *
scalar_new(const uint8_t s[EC_SCALAR_LEN])
{
	BIGNUM *n = BN_secure_new();

	must(n != NULL);
	BN_set_flags(n, BN_FLG_CONSTTIME);
	must(BN_bin2bn(s, EC_SCALAR_LEN, n) != NULL);
	return n;
}

static void
scalar_take(BIGNUM *n, uint8_t ret_s[EC_SCALAR_LEN])
{
	must(BN_bn2binpad(n, ret_s, EC_SCALAR_LEN) == EC_SCALAR_LEN);
	BN_clear_free(n);
}

bool
ec_scalar_is_reduced(const struct ec *e, const uint8_t s[EC_SCALAR_LEN])
{
	BIGNUM *n = scalar_new(s);
	bool below = BN_ucmp(n, e->order) < 0;

	BN_clear_free(n);
	return below;
}

bool
ec_scalar_is_key(const struct ec *e, const uint8_t s[EC_SCALAR_LEN])
{
	uint8_t any = 0;

	for (size_t i = 0; i < EC_SCALAR_LEN; i++)
		any |= s[i];
	return any != 0 && ec_scalar_is_reduced(e, s);
}

void
ec_scalar_reduce(const struct ec *e, const uint8_t s[EC_SCALAR_LEN], uint8_t ret_s[EC_SCALAR_LEN])
{
	BIGNUM *n = scalar_new(s);

	must(BN_nnmod(n, n, e->order, e->ctx) == 1);
	scalar_take(n, ret_s);
}

void
ec_scalar_answer(const struct ec *e, const uint8_t k[EC_SCALAR_LEN], const uint8_t c[EC_SCALAR_LEN],
	const uint8_t x[EC_SCALAR_LEN], uint8_t ret_s[EC_SCALAR_LEN])
{
	BIGNUM *nk = scalar_new(k), *nc = scalar_new(c), *nx = scalar_new(x);

	must(BN_mod_mul(nx, nc, nx, e->order, e->ctx) == 1);
	must(BN_mod_add_quick(nx, nx, nk, e->order) == 1);
	BN_clear_free(nk);
	BN_clear_free(nc);
	scalar_take(nx, ret_s);
}

bool
ec_decode(struct ec *e, int ret_point, const uint8_t bytes[EC_POINT_LEN])
{
	bool found;

	if (bytes[0] != 2 && bytes[0] != 3)
		return false;
	(void)ERR_set_mark(); /* 0 says that the queue is empty: popping empties it again */
	found = EC_POINT_oct2point(e->group, e->point[ret_point], bytes, EC_POINT_LEN, e->ctx) == 1;
	(void)ERR_pop_to_mark();
	return found;
}

bool
ec_encode(const struct ec *e, int point, uint8_t ret_bytes[EC_POINT_LEN])
{
	if (EC_POINT_is_at_infinity(e->group, e->point[point]) != 0)
		return false;
	must(EC_POINT_point2oct(e->group, e->point[point], POINT_CONVERSION_COMPRESSED, ret_bytes,
		     EC_POINT_LEN, e->ctx) == EC_POINT_LEN);
	return true;
}

void
ec_mul_base(struct ec *e, int ret_point, const uint8_t scalar[EC_SCALAR_LEN])
{
	BIGNUM *n = scalar_new(scalar);

	must(EC_POINT_mul(e->group, e->point[ret_point], n, NULL, NULL, e->ctx) == 1);
	BN_clear_free(n);
}

void
ec_mul(struct ec *e, int ret_point, int point, const uint8_t scalar[EC_SCALAR_LEN])
{
	BIGNUM *n = scalar_new(scalar);

	must(EC_POINT_mul(e->group, e->point[ret_point], NULL, e->point[point], n, e->ctx) == 1);
	BN_clear_free(n);
}

void
ec_sub(struct ec *e, int ret_point, int a, int b)
{
	EC_POINT *minus = EC_POINT_dup(e->point[b], e->group);

	must(minus != NULL && EC_POINT_invert(e->group, minus, e->ctx) == 1);
	must(EC_POINT_add(e->group, e->point[ret_point], e->point[a], minus, e->ctx) == 1);
	EC_POINT_free(minus);
}

void
ec_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}
