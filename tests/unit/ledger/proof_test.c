#include "lib/ledger/proof.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/merkle_path.h"
#include "tests/support/suite.h"

static const uint8_t seed[SIGN_SEED_LEN] = {1}, other_seed[SIGN_SEED_LEN] = {2};
static struct arena arena;
static struct hash leaves[11];

static struct text
note_of(uint64_t size)
{
	struct hash root = merkle_root_of(leaves, size);

	return note_sign(&arena, checkpoint_build(&arena, text_of("o/journal"), size, &root),
		text_of("o/journal"), seed);
}

static struct text
proof_of(uint64_t size, uint64_t index)
{
	struct tlog_proof p = {.index = index, .note = note_of(size)};

	p.len = merkle_inclusion(leaves, size, index, p.path);
	return tlog_proof_build(&arena, &p);
}

static void
set_up(void)
{
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < 11; i++)
		leaves[i] = merkle_leaf(text_span((const char *)&i, 1));
}

static void
tear_down(void)
{
	arena_reset(&arena);
}

static bool
verified(struct text proof, const struct hash *leaf)
{
	uint8_t key[SIGN_KEY_LEN];
	struct tlog_proof p;
	struct checkpoint c;

	sign_public(seed, key);
	return tlog_proof_verify(proof, leaf, text_of("o/journal"), key, &p, &c);
}

START_TEST(proofs_of_every_leaf_hold_for_it_and_for_no_other)
{
	set_up();
	for (uint64_t size = 1; size <= 11; size++)
		for (uint64_t i = 0; i < size; i++)
			for (uint64_t j = 0; j < size; j++)
				ck_assert(verified(proof_of(size, i), &leaves[j]) == (i == j));
	tear_down();
}
END_TEST

/* Changing any byte either breaks the proof or says the same. */
START_TEST(a_changed_byte_breaks_a_proof)
{
	struct text proof;
	char *copy;

	set_up();
	proof = proof_of(11, 4);
	for (size_t i = 0; i < proof.len; i++) {
		copy = arena_str(&arena, proof.at, proof.len);
		copy[i] ^= 1;
		ck_assert_msg(!verified(text_span(copy, proof.len), &leaves[4]), "byte %zu", i);
	}
	for (size_t len = 0; len < proof.len; len++)
		ck_assert(!verified(text_span(proof.at, len), &leaves[4]));
	tear_down();
}
END_TEST

START_TEST(extra_data_is_passed_over)
{
	struct text proof;
	size_t head = strlen("c2sp.org/tlog-proof@v1\n");

	set_up();
	proof = proof_of(5, 3);
	proof = text_of(arena_printf(&arena, "c2sp.org/tlog-proof@v1\nextra AAAA\n%.*s",
		(int)(proof.len - head), proof.at + head));
	ck_assert(verified(proof, &leaves[3]));
	tear_down();
}
END_TEST

START_TEST(a_checkpoint_of_another_log_or_key_is_refused)
{
	uint8_t key[SIGN_KEY_LEN], other[SIGN_KEY_LEN];
	struct checkpoint c;
	struct hash root;

	set_up();
	sign_public(seed, key);
	sign_public(other_seed, other);
	ck_assert(checkpoint_verify(note_of(3), text_of("o/journal"), key, &c));
	ck_assert_uint_eq(c.size, 3);
	ck_assert(!checkpoint_verify(note_of(3), text_of("o/journal"), other, &c));
	ck_assert(!checkpoint_verify(note_of(3), text_of("o/ledger"), key, &c));
	root = merkle_root_of(leaves, 3);
	ck_assert(!checkpoint_verify(
		note_sign(&arena, checkpoint_build(&arena, text_of("o/ledger"), 3, &root),
			text_of("o/journal"), seed),
		text_of("o/journal"), key, &c));
	tear_down();
}
END_TEST

START_TEST(cosignatures_hold_for_their_time_text_and_witness)
{
	struct text note, name = text_of("witness.example"), line, both, text, rest;
	uint8_t key[SIGN_KEY_LEN], other[SIGN_KEY_LEN], sig[SIGN_LEN];
	uint64_t at;
	char *copy;

	set_up();
	sign_public(other_seed, key);
	sign_public(seed, other);
	note = note_of(7);
	ck_assert(note_split(note, &text, &rest));
	sign_make(other_seed, cosignature_text(&arena, text, 1679315147), sig);
	line = cosignature_line(&arena, name, key, 1679315147, sig);
	both = text_of(arena_printf(&arena, "%s%s", note.at, line.at));
	ck_assert(cosignature_verify(both, name, key, &at));
	ck_assert_uint_eq(at, 1679315147);
	ck_assert(!cosignature_verify(note, name, key, &at));
	ck_assert(!cosignature_verify(both, name, other, &at));
	ck_assert(!cosignature_verify(both, text_of("witness.other"), key, &at));
	/* The log's own signature is passed over, and the cosignature by who looks for that. */
	ck_assert(checkpoint_verify(both, text_of("o/journal"), other, &(struct checkpoint){0}));
	copy = arena_str(&arena, both.at, both.len);
	copy[0] ^= 1;
	ck_assert(!cosignature_verify(text_span(copy, both.len), name, key, &at));
	tear_down();
}
END_TEST

/* Lines of a hostile transcript take no memory, and its text has a bound. */
START_TEST(as_many_cosignatures_as_a_note_holds_are_read)
{
	struct text note, name = text_of("w"), text, rest;
	uint8_t key[SIGN_KEY_LEN], sig[SIGN_LEN];
	struct cosigned said;
	struct buf b;

	set_up();
	sign_public(other_seed, key);
	for (size_t len = CHECKPOINT_TEXT_MAX; len <= CHECKPOINT_TEXT_MAX + 1; len++) {
		char long_text[CHECKPOINT_TEXT_MAX + 1];
		size_t used;

		ck_assert(note_split(note_of(7), &text, &rest));
		memset(long_text, 'x', sizeof long_text);
		memcpy(long_text, text.at, text.len);
		long_text[len - 1] = '\n';
		text = text_span(long_text, len);
		note = note_sign(&arena, text, text_of("o/journal"), seed);
		buf_init(&b, &arena, 32 * 1024);
		buf_add(&b, note.at, note.len);
		for (uint64_t i = 0; i < NOTE_SIGNATURES_MAX - 1; i++) {
			uint64_t at = i == 50 ? INT64_MAX : i == 60 ? 0 : 1000 + i;
			struct text line;

			sign_make(other_seed, cosignature_text(&arena, text, at), sig);
			line = cosignature_line(&arena, name, key, at, sig);
			buf_add(&b, line.at, line.len);
		}
		used = arena.used;
		ck_assert(cosignatures_read(buf_text(&b), name, key, &said) ==
			(len == CHECKPOINT_TEXT_MAX));
		ck_assert_uint_eq(arena.used, used);
	}
	ck_assert_uint_eq(said.count, NOTE_SIGNATURES_MAX - 1);
	ck_assert(said.first_s == 0 && said.last_s == INT64_MAX);
	tear_down();
}
END_TEST

START_TEST(keys_of_cosigners_are_no_keys_of_logs)
{
	uint8_t key[SIGN_KEY_LEN], back[SIGN_KEY_LEN];
	struct text vkey, name;

	set_up();
	sign_public(seed, key);
	vkey = cosigner_vkey(&arena, text_of("w"), key);
	ck_assert(cosigner_vkey_parse(vkey, &name, back) && text_is(name, "w"));
	ck_assert_mem_eq(back, key, SIGN_KEY_LEN);
	ck_assert(!note_vkey_parse(vkey, &name, back));
	ck_assert(!cosigner_vkey_parse(note_vkey(&arena, text_of("w"), key), &name, back));
	tear_down();
}
END_TEST

SUITE(proof, proofs_of_every_leaf_hold_for_it_and_for_no_other, a_changed_byte_breaks_a_proof,
	extra_data_is_passed_over, a_checkpoint_of_another_log_or_key_is_refused,
	cosignatures_hold_for_their_time_text_and_witness,
	as_many_cosignatures_as_a_note_holds_are_read, keys_of_cosigners_are_no_keys_of_logs)
