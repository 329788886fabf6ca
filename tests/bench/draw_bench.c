/* A draw of 10,000 candidates by lib alone: freeze, value, result, and all of it read again. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/draw/draw.h"
#include "lib/draw/vrf.h"
#include "tests/support/suite.h"

enum {
	CANDIDATES = 10000,
	RUNS = 5
};

static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Ids in bytewise order, as a sealed list has them. */
static struct text
candidates_make(struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 110 * CANDIDATES);
	for (int i = 0; i < CANDIDATES; i++)
		buf_printf(&b, "agc_%026d 1 - %064x\n", i, (unsigned)i);
	return buf_text(&b);
}

static struct text
draw_run(struct arena *a, struct text candidates)
{
	static const uint8_t secret[VRF_SECRET_LEN] = {1}, r[CONTRIBUTION_R_LEN] = {2};
	struct contributor by[2] = {{.source = DRAW_VRF, .name = text_of("operator")},
		{.source = DRAW_COMMIT, .name = text_of("owner")}};
	struct freeze f = {.origin = text_of("fairlot.example/market"),
		.draw = text_of("prj_bench.1"),
		.attempt = 1,
		.method = DRAW_FISHER_YATES,
		.winners = 3,
		.contributors = by,
		.contributors_count = 2,
		.close = text_of("2024-03-01T01:00:00Z")};
	uint8_t proof[VRF_PROOF_LEN], alpha[FREEZE_ALPHA_LEN];
	struct text freeze,
		given[2] = {{(const char *)proof, sizeof proof}, {(const char *)r, sizeof r}};
	struct draw d;
	struct draw_end end;
	struct hash h;

	ck_assert(vrf_public(secret, by[0].key));
	by[1].hash = commitment_of(f.draw, by[1].name, r);
	ck_assert_int_eq(draw_freeze(a, &f, candidates, (struct text){"", 0}, &freeze), CHECK_OK);
	h = freeze_hash(freeze);
	freeze_alpha(&h, alpha);
	ck_assert(vrf_prove(secret, text_span((const char *)alpha, sizeof alpha), proof));
	ck_assert_int_eq(draw_open(a, freeze, candidates, (struct text){"", 0}, &d), CHECK_OK);
	ck_assert_int_eq(draw_finish(a, &d, given, &end), CHECK_OK);
	return end.result_text;
}

START_TEST(figures_are_printed)
{
	double best = 1e9;
	size_t bytes = 0;

	for (int i = 0; i < RUNS; i++) {
		struct arena a;
		struct text candidates;
		double begin;

		arena_init(&a, 1 << 28);
		candidates = candidates_make(&a);
		begin = now_ms();
		bytes = draw_run(&a, candidates).len;
		if (now_ms() - begin < best)
			best = now_ms() - begin;
		arena_reset(&a);
	}
	printf("draw of %d: %.1f ms, result of %zu bytes (best of %d)\n", CANDIDATES, best, bytes,
		RUNS);
}
END_TEST

SUITE(draw_bench, figures_are_printed)
