#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/text.h"

/* The one source of choices of a draw: words from HMAC-SHA-256 of the seed, and numbers below n
 * from words by rejection, without bias. */

enum {
	STREAM_LABEL_MAX = 255
};

/* Where words come from.  `width` is their number of bits, 32 in every draw; the tests enumerate
 * narrow words. */
struct words {
	uint32_t (*next)(struct words *w);
	unsigned width; /* 1 … 32 */
	uint64_t taken;
};

struct stream {
	struct words words;
	/* private */
	struct hash seed, block;
	struct text label;
	uint64_t index;
	unsigned used;
};

/* The label is borrowed; at most STREAM_LABEL_MAX bytes, empty for the main stream. */
void stream_init(struct stream *s, const struct hash *seed, struct text label);

/* Block j of the stream: HMAC(seed, tag("stream") || lp(label) || u64(j)). */
struct hash stream_block(const struct hash *seed, struct text label, uint64_t j);

/* Uniform in 0 … n-1, 1 <= n <= 2^31 (and n <= 2^width); n = 1 takes no word. */
uint32_t stream_uniform(struct words *w, uint32_t n);
