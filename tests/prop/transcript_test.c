/* A transcript with one byte changed, anywhere, is refused with a reason; and one of 100,000
 * candidates is made and verified in reasonable time. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/draw/verify.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/transcript.h"

static const struct verify_options draw_only = {.draw_only = true};

static enum verdict
verdict_of(const struct verify_file *files, size_t count, size_t *ret_failed)
{
	struct verify_report r;
	struct arena a;

	arena_init(&a, 1 << 26);
	draw_verify(&a, files, count, &draw_only, &r);
	*ret_failed = 0;
	for (size_t i = 0; i < r.count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			*ret_failed += r.attempts[i].rows[c].state == VERIFY_FAILS;
	arena_reset(&a);
	return r.verdict;
}

START_TEST(a_change_of_any_byte_of_any_file_is_refused_with_a_reason)
{
	static const char flips[] = {0x01, 0x10, 0x20};
	struct transcript t;
	struct arena a;
	size_t failed, bytes = 0;

	arena_init(&a, 1 << 26);
	transcript_make(&a, &t);
	ck_assert_int_eq(verdict_of(t.files, t.count, &failed), VERDICT_HOLDS);
	for (size_t i = 0; i < t.count; i++) {
		struct text *file = &t.files[i].bytes, kept = *file;
		char *copy = arena_copy(&a, file->at, file->len);

		*file = text_span(copy, kept.len);
		for (size_t at = 0; at < kept.len; at++, bytes++) {
			copy[at] = (char)(copy[at] ^ flips[at % sizeof flips]);
			ck_assert_msg(verdict_of(t.files, t.count, &failed) == VERDICT_FAILED &&
					failed > 0,
				TEXT_FMT ", byte %zu", TEXT_ARG(t.files[i].name), at);
			copy[at] = kept.at[at];
		}
		for (size_t cut = 1; cut <= 2 && cut <= kept.len; cut++) {
			*file = text_span(copy, kept.len - cut);
			ck_assert_int_eq(verdict_of(t.files, t.count, &failed), VERDICT_FAILED);
		}
		*file = kept;
	}
	printf("%zu bytes in %zu files\n", bytes, t.count);
	arena_reset(&a);
}
END_TEST

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The target is one second for the whole draw; the limit here allows for a busy machine. */
static void
large(bool weighted)
{
	enum {
		N = 100000
	};
	uint8_t r[CONTRIBUTION_R_LEN] = {1}, secret[VRF_SECRET_LEN] = {2}, alpha[FREEZE_ALPHA_LEN];
	uint8_t proof[VRF_PROOF_LEN];
	struct contributor c[2] = {{.source = DRAW_VRF, .name = text_of("operator")},
		{.source = DRAW_COMMIT, .name = text_of("owner")}};
	struct freeze f = {.origin = text_of("o"),
		.draw = text_of("d.1"),
		.attempt = 1,
		.winners = 3,
		.method = weighted ? DRAW_WEIGHTED : DRAW_FISHER_YATES,
		.contributors = c,
		.contributors_count = 2,
		.close = text_of("2026-08-31T18:43:15Z")};
	struct text candidates = {0}, freeze = {0}, given[2];
	struct candidate *at;
	struct draw_end end;
	struct draw d;
	struct arena a;
	double start;

	arena_init(&a, (size_t)1 << 30);
	at = arena_array(&a, struct candidate, N);
	for (size_t i = 0; i < N; i++)
		at[i] = (struct candidate){text_of(arena_printf(&a, "agency-%06zu", i)), {0},
			weighted ? (uint32_t)(1 + i % 1000) : 1, hash_of(&i, sizeof i)};
	c[1].hash = commitment_of(f.draw, c[1].name, r);
	ck_assert(vrf_public(secret, c[0].key));
	start = seconds();
	ck_assert_int_eq(candidates_build(&a, at, N, &candidates), CHECK_OK);
	ck_assert_int_eq(draw_freeze(&a, &f, candidates, (struct text){0}, &freeze), CHECK_OK);
	ck_assert_int_eq(draw_open(&a, freeze, candidates, (struct text){0}, &d), CHECK_OK);
	freeze_alpha(&d.f, alpha);
	ck_assert(vrf_prove(secret, text_span((char *)alpha, sizeof alpha), proof));
	given[0] = text_span((char *)proof, sizeof proof);
	given[1] = text_span((char *)r, sizeof r);
	ck_assert_int_eq(draw_finish(&a, &d, given, &end), CHECK_OK);
	start = seconds() - start;
	printf("%d candidates, %s: %.3f s\n", N, weighted ? "weighted" : "fisher-yates", start);
	ck_assert(start < 10);
	arena_reset(&a);
}

START_TEST(a_draw_of_100000_candidates_takes_about_a_second)
{
	large(false);
	large(true);
}
END_TEST

SUITE(transcript, a_change_of_any_byte_of_any_file_is_refused_with_a_reason,
	a_draw_of_100000_candidates_takes_about_a_second)
