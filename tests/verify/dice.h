#pragma once

#include <stddef.h>
#include <stdint.h>

/* Numbers from a seed (splitmix64), so that a case can be made again. */
struct dice {
	uint64_t state;
};

uint64_t dice_word(struct dice *d);
/* 0 … n-1; n >= 1.  Its bias does not matter here. */
size_t dice_below(struct dice *d, size_t n);
/* Once in n. */
#define dice_once(d, n) (dice_below((d), (n)) == 0)
