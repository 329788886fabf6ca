/* What the verifier says of a draw that ends with a pulse: the drand example of the vectors, with
 * the pulse in place of its round, and its proofs made again. */
#include <check.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/draw/verify.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/pulse_make.h"
#include "tests/unit/draw/sample.h"

enum {
	FILES = 5,
	VALUES = 4,
	LEVEL_WITNESSED = 2
};

/* Of the example. */
#define CLOSE_AT (INT64_C(1788201795) * UTC_SECOND)

static struct arena arena;
static struct verify_file files[FILES];

static struct text
frozen(struct json_object *v)
{
	struct text text = sample_text(v, "freeze_txt"), line, rest = text;
	struct buf b;

	buf_init(&b, &arena, text.len);
	while (text_cut(&rest, '\n', &line)) {
		if (text_starts(line, "contributor 4 "))
			line = text_of("contributor 4 nist 2 7");
		buf_printf(&b, TEXT_FMT "\n", TEXT_ARG(line));
	}
	return buf_text(&b);
}

/* The transcript with what was given for the pulse. */
static void
transcript(struct text pulse)
{
	static const char *const secrets[] = {"operator_sk", NULL, "auditor_sk"};
	struct json_object *vectors = sample_open(), *v = sample_get(vectors, "with_drand");
	struct json_object *list = sample_get(v, "contributions");
	uint8_t alpha[FREEZE_ALPHA_LEN], proofs[VALUES][VRF_PROOF_LEN];
	struct text given[VALUES], freeze = frozen(v);
	struct text candidates = sample_text(v, "candidates_txt"),
		    excluded = sample_text(v, "excluded_txt"), said;
	struct draw_end e = {0};
	struct draw d;

	ck_assert_int_eq(draw_open(&arena, freeze, candidates, excluded, &d), CHECK_OK);
	ck_assert_int_eq(d.freeze.close_at.us, CLOSE_AT);
	freeze_alpha(&d.f, alpha);
	for (size_t i = 0; i < VALUES - 1; i++) {
		given[i] = sample_given(&arena, json_object_array_get_idx(list, i));
		if (secrets[i] == NULL)
			continue;
		ck_assert(vrf_prove(
			(const uint8_t *)sample_hex(&arena, sample_get(vectors, "keys"), secrets[i])
				.at,
			text_span((char *)alpha, sizeof alpha), proofs[i]));
		given[i] = text_span((char *)proofs[i], VRF_PROOF_LEN);
	}
	given[VALUES - 1] = pulse;
	said = contributions_build(&arena, &d.freeze, &d.f, given, VALUES);
	if (draw_finish(&arena, &d, given, &e) != CHECK_OK)
		e.result_text = (struct text){0};
	files[0] = (struct verify_file){text_of("freeze.txt"), freeze};
	files[1] = (struct verify_file){text_of("candidates.txt"),
		text_span(arena_copy(&arena, candidates.at, candidates.len), candidates.len)};
	files[2] = (struct verify_file){text_of("excluded.txt"),
		text_span(arena_copy(&arena, excluded.at, excluded.len), excluded.len)};
	files[3] = (struct verify_file){text_of("contributions.txt"), said};
	files[4] = (struct verify_file){text_of("result.txt"), e.result_text};
	json_object_put(vectors);
}

static struct verify_report
verify(const char *certificate)
{
	struct verify_options options = {.draw_only = true};
	struct verify_report r;

	if (certificate != NULL)
		options.nist_certificate = pulse_file(&arena, certificate);
	draw_verify(&arena, files, FILES, &options, &r);
	return r;
}

static struct pulse
seventh(int64_t after_close_ms)
{
	struct pulse p;

	pulse_make(&arena, 2, 7, (struct utc){CLOSE_AT + 1000 * after_close_ms}, 3, &p);
	return p;
}

/* Which of the three checks of a beacon fails, with and without the certificate. */
static void
fails(struct text pulse, enum check c)
{
	struct verify_report r;

	transcript(pulse);
	for (int with = 0; with < 2; with++) {
		r = verify(with ? "made_certificate.pem" : NULL);
		ck_assert_int_eq(r.verdict, VERDICT_FAILED);
		for (enum check b = CHECK_BEACON_FORM; b <= CHECK_BEACON; b++)
			ck_assert_int_eq(r.attempts[0].rows[b].state == VERIFY_FAILS, b == c);
		ck_assert_str_eq(r.attempts[0].rows[c].file, "contributions.txt");
		ck_assert(text_is(r.attempts[0].rows[c].about, "2"));
	}
}

START_TEST(pulse_holds_by_its_certificate_and_gives_no_level_of_its_own)
{
	struct verify_report r;
	struct pulse p;

	arena_init(&arena, 1 << 24);
	p = seventh(120000);
	transcript(pulse_sign(&arena, &p));
	r = verify("made_certificate.pem");
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	ck_assert_int_eq(r.level, LEVEL_WITNESSED);
	ck_assert(!r.beacon_left);
	for (enum check b = CHECK_BEACON_FORM; b <= CHECK_BEACON; b++)
		ck_assert_int_eq(r.attempts[0].rows[b].state, VERIFY_HOLDS);
	r = verify(NULL);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	ck_assert_int_eq(r.level, LEVEL_WITNESSED);
	ck_assert(r.beacon_left);
	ck_assert_int_eq(r.attempts[0].rows[CHECK_BEACON_TIME].state, VERIFY_HOLDS);
	ck_assert_int_eq(r.attempts[0].rows[CHECK_BEACON].state, VERIFY_LEFT);
	r = verify("certificate.pem");
	ck_assert_int_eq(r.verdict, VERDICT_FAILED);
	ck_assert_int_eq(r.attempts[0].rows[CHECK_BEACON].state, VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(signature_that_does_not_hold_is_seen_with_the_certificate_only)
{
	struct verify_report r;
	struct text bytes;
	struct pulse p;

	arena_init(&arena, 1 << 24);
	p = seventh(120000);
	bytes = pulse_sign(&arena, &p);
	((char *)(uintptr_t)bytes.at)[bytes.len - 1] ^= 1;
	transcript(bytes);
	ck_assert_int_eq(verify(NULL).verdict, VERDICT_INCOMPLETE);
	r = verify("made_certificate.pem");
	ck_assert_int_eq(r.verdict, VERDICT_FAILED);
	ck_assert_int_eq(r.attempts[0].rows[CHECK_BEACON].state, VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(form_time_and_what_was_frozen_are_seen_without_a_certificate)
{
	struct text bytes;
	struct pulse p;

	arena_init(&arena, 1 << 24);
	p = seventh(119999);
	fails(pulse_sign(&arena, &p), CHECK_BEACON_TIME);
	p = seventh(120000);
	p.number = 8;
	fails(pulse_sign(&arena, &p), CHECK_BEACON);
	p = seventh(120000);
	p.chain = 3;
	fails(pulse_sign(&arena, &p), CHECK_BEACON);
	p = seventh(120000);
	p.status = 1;
	fails(pulse_sign(&arena, &p), CHECK_BEACON);
	p = seventh(120000);
	bytes = pulse_sign(&arena, &p);
	bytes.len--;
	fails(bytes, CHECK_BEACON_FORM);
	bytes.len = HASH512_LEN;
	fails(bytes, CHECK_BEACON_FORM);
	arena_reset(&arena);
}
END_TEST

SUITE(verify_pulse, pulse_holds_by_its_certificate_and_gives_no_level_of_its_own,
	signature_that_does_not_hold_is_seen_with_the_certificate_only,
	form_time_and_what_was_frozen_are_seen_without_a_certificate)
