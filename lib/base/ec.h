#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"

/* Points and scalars of P-256 (SP 800-186), what a VRF needs of them and no more.
 *
 * A struct ec is a small machine: EC_POINTS registers for points, named by number, so that one
 * ec_done() frees and wipes whatever was computed, on every path.  Scalars are 32 bytes, big
 * endian; points outside the registers are 33 bytes, compressed (SEC 1, 2.3.3).
 *
 * What takes a secret scalar says so: it multiplies one point by one scalar, the only form for
 * which OpenSSL 3.0 does not branch on the scalar.  No call leaves an entry in the thread's
 * OpenSSL error queue, which TLS code reads. */
enum {
	EC_SCALAR_LEN = 32,
	EC_POINT_LEN = 33,
	EC_POINTS = 6
};

struct ec {
	/* private */
	struct ec_group_st *group;
	struct bignum_ctx *ctx;
	struct bignum_st *order;
	struct ec_point_st *point[EC_POINTS];
};

void ec_init(struct ec *e);
void ec_done(struct ec *e);

/* 0 < s < order of the group. */
bool ec_scalar_is_key(const struct ec *e, const uint8_t s[EC_SCALAR_LEN]);
/* 0 <= s < order. */
bool ec_scalar_is_reduced(const struct ec *e, const uint8_t s[EC_SCALAR_LEN]);
/* s modulo the order; not for secrets. */
void
ec_scalar_reduce(const struct ec *e, const uint8_t s[EC_SCALAR_LEN], uint8_t ret_s[EC_SCALAR_LEN]);
/* k + c * x modulo the order, of secrets k and x. */
void
ec_scalar_answer(const struct ec *e, const uint8_t k[EC_SCALAR_LEN], const uint8_t c[EC_SCALAR_LEN],
	const uint8_t x[EC_SCALAR_LEN], uint8_t ret_s[EC_SCALAR_LEN]);

/* False unless: prefix 02 or 03, x < p, a point with this x exists. */
MUST_USE bool ec_decode(struct ec *e, int ret_point, const uint8_t bytes[EC_POINT_LEN]);
/* False for the point at infinity, which has no such form. */
MUST_USE bool ec_encode(const struct ec *e, int point, uint8_t ret_bytes[EC_POINT_LEN]);

/* ret = scalar * generator; the scalar may be secret. */
void ec_mul_base(struct ec *e, int ret_point, const uint8_t scalar[EC_SCALAR_LEN]);
/* ret = scalar * point; the scalar may be secret. */
void ec_mul(struct ec *e, int ret_point, int point, const uint8_t scalar[EC_SCALAR_LEN]);
/* ret = a - b. */
void ec_sub(struct ec *e, int ret_point, int a, int b);

/* Overwrites secrets in a way no compiler leaves out. */
void ec_wipe(void *p, size_t len);
