/* Every byte of tests/vectors/draw.json, which an implementation independent of ours made. */
#include <check.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/draw/draw.h"
#include "lib/draw/order.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/sample.h"

static struct json_object *vectors;
static struct arena arena;

static void
begin(void)
{
	vectors = sample_open();
	arena_init(&arena, 1 << 24);
}

static void
end(void)
{
	arena_reset(&arena);
	json_object_put(vectors);
}

static void
same(struct text got, struct text want, const char *what)
{
	ck_assert_msg(text_eq(got, want), "%s:\n" TEXT_FMT "\nnot\n" TEXT_FMT, what, TEXT_ARG(got),
		TEXT_ARG(want));
}

static struct text
bytes(const struct hash *h)
{
	return text_span((const char *)h->at, HASH_LEN);
}

static struct draw
open_sample(struct json_object *v)
{
	struct draw d;

	ck_assert_int_eq(
		draw_open(&arena, sample_text(v, "freeze_txt"), sample_text(v, "candidates_txt"),
			sample_text(v, "excluded_txt"), &d),
		CHECK_OK);
	return d;
}

START_TEST(freeze_and_lists_rebuild_to_the_same_bytes)
{
	begin();
	for (size_t i = 0; i < SAMPLES; i++) {
		struct json_object *v = sample_get(vectors, sample_names[i]);
		struct draw d = open_sample(v);
		struct freeze f = d.freeze;
		struct text text = {0};

		f.candidates = f.excluded = 0;
		memset(&f.candidates_root, 0, sizeof f.candidates_root);
		memset(&f.excluded_root, 0, sizeof f.excluded_root);
		ck_assert_int_eq(draw_freeze(&arena, &f, sample_text(v, "candidates_txt"),
					 sample_text(v, "excluded_txt"), &text),
			CHECK_OK);
		same(text, sample_text(v, "freeze_txt"), "freeze.txt");
		ck_assert_int_eq(
			candidates_build(&arena, d.candidates.at, d.candidates.count, &text),
			CHECK_OK);
		same(text, sample_text(v, "candidates_txt"), "candidates.txt");
		ck_assert_int_eq(
			exclusions_build(&arena, d.excluded.at, d.excluded.count, &text), CHECK_OK);
		same(text, sample_text(v, "excluded_txt"), "excluded.txt");
	}
	end();
}
END_TEST

START_TEST(hash_alpha_and_commitment_are_the_known_ones)
{
	begin();
	for (size_t i = 0; i < SAMPLES; i++) {
		struct json_object *v = sample_get(vectors, sample_names[i]);
		struct draw d = open_sample(v);
		uint8_t alpha[FREEZE_ALPHA_LEN];
		struct hash c = commitment_of(d.freeze.draw, text_of("owner"),
			(const uint8_t *)sample_given(&arena,
				json_object_array_get_idx(sample_get(v, "contributions"), 1))
				.at);

		freeze_alpha(&d.f, alpha);
		same(bytes(&d.f), sample_hex(&arena, v, "F"), "F");
		same(text_span((const char *)alpha, sizeof alpha), sample_hex(&arena, v, "alpha"),
			"alpha");
		same(bytes(&c), sample_hex(&arena, v, "commitment"), "C");
	}
	end();
}
END_TEST

/* The proofs are made again from the secret keys: nonces are deterministic. */
static void
prove_again(struct draw *d, size_t index, struct text want)
{
	struct text secret = sample_hex(
		&arena, sample_get(vectors, "keys"), index == 0 ? "operator_sk" : "auditor_sk");
	uint8_t alpha[FREEZE_ALPHA_LEN], key[VRF_KEY_LEN], proof[VRF_PROOF_LEN];

	freeze_alpha(&d->f, alpha);
	ck_assert(vrf_public((const uint8_t *)secret.at, key));
	ck_assert_mem_eq(key, d->freeze.contributors[index].key, VRF_KEY_LEN);
	ck_assert(vrf_prove(
		(const uint8_t *)secret.at, text_span((const char *)alpha, sizeof alpha), proof));
	same(text_span((const char *)proof, sizeof proof), want, "pi");
}

START_TEST(proofs_values_seed_and_result_are_the_known_ones)
{
	begin();
	for (size_t i = 0; i < SAMPLES; i++) {
		struct json_object *v = sample_get(vectors, sample_names[i]);
		struct json_object *list = sample_get(v, "contributions");
		struct draw d = open_sample(v);
		size_t count = json_object_array_length(list);
		struct text given[8];
		struct draw_end e;

		ck_assert_uint_eq(count, d.freeze.contributors_count);
		for (size_t j = 0; j < count; j++) {
			struct json_object *c = json_object_array_get_idx(list, j);
			struct value value;

			given[j] = sample_given(&arena, c);
			if (d.freeze.contributors[j].source == DRAW_VRF)
				prove_again(&d, j, given[j]);
			ck_assert_int_eq(draw_value(&d, j, given[j], &value), CHECK_OK);
			same(text_span((const char *)value.at, value.len),
				sample_hex(&arena, c, "value"), "value");
		}
		ck_assert_int_eq(draw_finish(&arena, &d, given, &e), CHECK_OK);
		same(bytes(&e.result.seed), sample_hex(&arena, v, "seed"), "seed");
		same(e.result_text, sample_text(v, "result_txt"), "result.txt");
	}
	end();
}
END_TEST

START_TEST(blocks_permutation_and_order_are_the_known_ones)
{
	begin();
	for (size_t i = 0; i < SAMPLES; i++) {
		struct json_object *v = sample_get(vectors, sample_names[i]);
		struct json_object *p = sample_get(v, "permutation"), *o = sample_get(v, "order");
		struct draw d = open_sample(v);
		struct result r = {0};
		struct hash seed;

		memcpy(seed.at, sample_hex(&arena, v, "seed").at, HASH_LEN);
		result_of(&arena, &d.freeze, &d.candidates, &seed, &r);
		for (size_t j = 0; j < 2; j++) { /* of the main stream, whatever the label */
			struct hash b = stream_block(&seed, (struct text){0}, j);
			struct json_object *want =
				json_object_array_get_idx(sample_get(v, "blocks"), j);
			struct json_object *one = json_object_new_object();

			json_object_object_add(one, "block", json_object_get(want));
			same(bytes(&b), sample_hex(&arena, one, "block"), "block");
			json_object_put(one);
		}
		for (size_t j = 0; j < json_object_array_length(p); j++) {
			ck_assert_int_eq(
				r.order[j], json_object_get_int(json_object_array_get_idx(p, j)));
			ck_assert(text_is(d.candidates.at[r.order[j]].id,
				json_object_get_string(json_object_array_get_idx(o, j))));
		}
		if (d.freeze.method == DRAW_INTEGER)
			ck_assert_int_eq(
				(int64_t)r.value, json_object_get_int64(sample_get(v, "value")));
		else
			ck_assert_uint_eq(json_object_array_length(p), d.candidates.count);
	}
	end();
}
END_TEST

/* Counts what the words of a stream were refused for. */
START_TEST(uniform_takes_the_known_words)
{
	struct json_object *v, *cases;

	begin();
	v = sample_get(vectors, "uniform_known_answers");
	cases = sample_get(v, "cases");
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *c = json_object_array_get_idx(cases, i);
		struct json_object *values = sample_get(c, "values");
		uint32_t n = (uint32_t)json_object_get_int64(sample_get(c, "n"));
		size_t count = json_object_array_length(values);
		uint64_t words = (uint64_t)json_object_get_int64(sample_get(c, "words"));
		struct stream s;
		struct hash seed;

		memcpy(seed.at, sample_hex(&arena, v, "seed").at, HASH_LEN);
		stream_init(&s, &seed, sample_text(v, "label"));
		for (size_t j = 0; j < count; j++)
			ck_assert_int_eq(stream_uniform(&s.words, n),
				json_object_get_int64(json_object_array_get_idx(values, j)));
		ck_assert_uint_eq(s.words.taken, words);
		ck_assert_int_eq(json_object_get_int64(sample_get(c, "rejected")),
			n == 1 ? 0 : (int64_t)(words - count));
	}
	end();
}
END_TEST

START_TEST(integer_and_tie_are_the_known_ones)
{
	struct json_object *v, *p;
	uint32_t items[16];
	struct hash seed;
	size_t n;

	begin();
	v = sample_get(vectors, "integer");
	memcpy(seed.at, sample_hex(&arena, v, "seed").at, HASH_LEN);
	ck_assert_int_eq((int64_t)order_integer(&seed, sample_text(v, "label"),
				 (uint64_t)json_object_get_int64(sample_get(v, "lo")),
				 (uint64_t)json_object_get_int64(sample_get(v, "hi"))),
		json_object_get_int64(sample_get(v, "value")));
	v = sample_get(vectors, "tie");
	memcpy(seed.at, sample_hex(&arena, v, "seed").at, HASH_LEN);
	n = (size_t)json_object_get_int64(sample_get(v, "n"));
	p = sample_get(v, "permutation");
	order_tie(&seed, sample_text(v, "label"), n, items);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(items[i], json_object_get_int(json_object_array_get_idx(p, i)));
	end();
}
END_TEST

SUITE(vector, freeze_and_lists_rebuild_to_the_same_bytes,
	hash_alpha_and_commitment_are_the_known_ones,
	proofs_values_seed_and_result_are_the_known_ones,
	blocks_permutation_and_order_are_the_known_ones, uniform_takes_the_known_words,
	integer_and_tie_are_the_known_ones)
