#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"

/* Arithmetic that says when the result does not fit; the result is then untouched. */

/* The largest amount of money, in fen: 2^53-1, the largest integer every JSON reader keeps. */
#define FEN_MAX INT64_C(9007199254740991)

MUST_USE static inline bool
num_add(int64_t a, int64_t b, int64_t *ret_sum)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*ret_sum = sum;
	return true;
}

MUST_USE static inline bool
num_sub(int64_t a, int64_t b, int64_t *ret_difference)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return false;
	*ret_difference = difference;
	return true;
}

MUST_USE static inline bool
num_mul(int64_t a, int64_t b, int64_t *ret_product)
{
	int64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*ret_product = product;
	return true;
}
