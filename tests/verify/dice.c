#include "tests/verify/dice.h"

uint64_t
dice_word(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t
dice_below(struct dice *d, size_t n)
{
	return (size_t)(dice_word(d) % n);
}
