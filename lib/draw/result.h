#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"
#include "lib/draw/freeze.h"
#include "lib/draw/list.h"

struct arena;

/* result.txt: a convenience, since after the last value anyone can compute it. */
struct result {
	struct hash seed;
	uint32_t *order; /* indices of candidates, first wins; NULL with method integer */
	uint64_t value;	 /* method integer */
};

/* The result a seed gives. */
void result_of(struct arena *a, const struct freeze *freeze, const struct candidates *c,
	const struct hash *seed, struct result *ret_result);

struct text result_build(struct arena *a, const struct freeze *freeze, const struct hash *f,
	const struct candidates *c, const struct result *r);

/* Head, form, and that the order is a permutation of the candidates; not that it is the right
 * one: compare with result_of. */
MUST_USE enum check
result_parse(struct arena *a, struct text text, const struct freeze *freeze, const struct hash *f,
	const struct candidates *c, struct result *ret_result, uint32_t *reterr_line);
