#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/draw/freeze.h"
#include "lib/draw/list.h"
#include "lib/draw/stream.h"

struct arena;

/* From choices to an order.  `items` are any numbers, usually indices of the frozen list; the
 * first of the result wins, the rest are the substitutes in order. */

/* Fisher–Yates over items[0 … n-1]. */
void order_shuffle(struct words *w, uint32_t *items, size_t n);

/* Without replacement, chance proportional to what is left of the weights; the rest keeps its
 * order.  O(n log n).  Every weight >= 1, their sum at most 2^31. */
void order_weighted(struct arena *a, struct words *w, const struct candidate *at, size_t n,
	uint32_t *ret_items);

/* Quotas first: each stratum shuffled with its own stream, its quota taken; then everyone not
 * taken, in file order, shuffled with the main stream. */
void order_strata(struct arena *a, const struct hash *seed, const struct freeze *f,
	const struct candidate *at, size_t n, uint32_t *ret_items);

/* The order a freeze asks for (methods fisher-yates and weighted); ret_items has room for n. */
void order_of(struct arena *a, const struct freeze *f, const struct candidates *c,
	const struct hash *seed, uint32_t *ret_items);

/* lo … hi with the stream of this label; hi - lo < 2^31. */
uint64_t order_integer(const struct hash *seed, struct text label, uint64_t lo, uint64_t hi);

/* The shuffle of a tie among n ids in bytewise order: indices into them. */
void order_tie(const struct hash *seed, struct text label, size_t n, uint32_t *ret_items);
