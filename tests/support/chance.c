#include "tests/support/chance.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/text.h"

static uint64_t state;

void
chance_begin(void)
{
	const char *given = getenv("FAIRLOT_SEED");

	if (given != NULL)
		ck_assert(text_u64(text_of(given), INT64_MAX, &state));
	else {
		ck_assert_int_eq(getrandom(&state, sizeof state, 0), sizeof state);
		state &= INT64_MAX;
	}
	printf("FAIRLOT_SEED=%llu\n", (unsigned long long)state);
	(void)fflush(stdout);
}

uint64_t
chance_below(uint64_t n)
{
	uint64_t x = state += 0x9e3779b97f4a7c15U;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
	x = (x ^ x >> 27) * 0x94d049bb133111ebU;
	return (x ^ x >> 31) % n;
}
