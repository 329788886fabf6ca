#include "lib/ledger/note.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/ledger/receipt.h"
#include "tests/support/suite.h"

static struct arena arena;
static const uint8_t seed[SIGN_SEED_LEN] = {7}, other[SIGN_SEED_LEN] = {8};

static void
begin(void)
{
	arena_init(&arena, 1 << 20);
}

/* The example of Go's golang.org/x/mod/sumdb/note. */
START_TEST(the_example_of_the_go_package_verifies)
{
	static const char vkey[] =
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char note[] =
		"If you think cryptography is the answer to your problem,\n"
		"then you don't know what your problem is.\n"
		"\n"
		"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1F"
		"FYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
	uint8_t key[SIGN_KEY_LEN];
	struct text name = {0}, text = {0};

	begin();
	ck_assert(note_vkey_parse(text_of(vkey), &name, key));
	ck_assert(text_is(name, "PeterNeumann"));
	ck_assert(text_is(note_vkey(&arena, name, key), vkey));
	ck_assert(note_verify(text_of(note), name, key, &text));
	ck_assert(text_is(text,
		"If you think cryptography is the answer to your problem,\n"
		"then you don't know what your problem is.\n"));
	arena_reset(&arena);
}
END_TEST

START_TEST(every_changed_byte_of_a_note_is_refused)
{
	uint8_t key[SIGN_KEY_LEN];
	struct text note, text, name = text_of("example.org/log");

	begin();
	sign_public(seed, key);
	note = note_sign(&arena, text_of("one\n\ntwo\n"), name, seed);
	ck_assert(note_verify(note, name, key, &text) && text_is(text, "one\n\ntwo\n"));
	for (size_t i = 0; i < note.len; i++) {
		char *copy = arena_copy(&arena, note.at, note.len);

		copy[i] ^= 1;
		ck_assert_msg(
			!note_verify(text_span(copy, note.len), name, key, &text), "byte %zu", i);
		ck_assert(!note_verify(text_span(note.at, i), name, key, &text));
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(signatures_of_others_are_passed_over_and_a_wrong_one_of_ours_is_not)
{
	uint8_t key[SIGN_KEY_LEN], foreign[SIGN_KEY_LEN], sig[SIGN_LEN] = {0};
	struct text note, two, text, name = text_of("example.org/log");
	struct buf b;

	begin();
	sign_public(seed, key);
	sign_public(other, foreign);
	note = note_sign(&arena, text_of("one\n"), name, seed);
	two = note_sign(&arena, text_of("one\n"), text_of("witness"), other);
	buf_init(&b, &arena, 512);
	buf_add(&b, note.at, note.len);
	buf_add(&b, two.at + 5, two.len - 5); /* behind text and empty line */
	ck_assert(note_verify(buf_text(&b), name, key, &text));
	ck_assert(note_verify(buf_text(&b), text_of("witness"), foreign, &text));
	ck_assert(!note_verify(buf_text(&b), text_of("witness"), key, &text));
	two = note_join(&arena, text_of("one\n"), name, key, sig);
	buf_add(&b, two.at + 5, two.len - 5);
	ck_assert(!note_verify(buf_text(&b), name, key, &text));
	arena_reset(&arena);
}
END_TEST

START_TEST(names_and_verifier_keys_are_strict)
{
	uint8_t key[SIGN_KEY_LEN];
	struct text name;

	ck_assert(!note_name_holds(text_of("")) && !note_name_holds(text_of("a b")) &&
		!note_name_holds(text_of("a+b")) && !note_name_holds(text_of("a\n")));
	ck_assert(!note_vkey_parse(
		text_of("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
		&name, key));
	ck_assert(!note_vkey_parse(text_of("PeterNeumann+c74f20a3"), &name, key));
}
END_TEST

START_TEST(checkpoints_round_trip_and_refuse_other_forms)
{
	struct hash root = hash_of("x", 1), got;
	struct text text, origin = {0};
	uint64_t size = 0;
	char many[CHECKPOINT_TEXT_MAX + 1];

	begin();
	text = checkpoint_build(&arena, text_of("example.org/journal"), 42, &root);
	ck_assert(checkpoint_parse(text, &origin, &size, &got));
	ck_assert(text_is(origin, "example.org/journal") && size == 42);
	ck_assert_mem_eq(got.at, root.at, HASH_LEN);
	ck_assert(
		!checkpoint_parse(text_of("a\n042\nLXEWQrcmsEQBYnyp++6dqvY7p5tBHgN4Q/jV6gFJp6c=\n"),
			&origin, &size, &got));
	ck_assert(!checkpoint_parse(text_of("a\n42\nAAAA\n"), &origin, &size, &got));
	ck_assert(!checkpoint_parse(text_span(text.at, text.len - 1), &origin, &size, &got));
	memset(many, 'x', sizeof many);
	memcpy(many, text.at, text.len);
	many[CHECKPOINT_TEXT_MAX] = many[CHECKPOINT_TEXT_MAX - 1] = '\n';
	ck_assert(checkpoint_parse(text_span(many, CHECKPOINT_TEXT_MAX), &origin, &size, &got));
	many[CHECKPOINT_TEXT_MAX - 1] = 'x';
	ck_assert(
		!checkpoint_parse(text_span(many, CHECKPOINT_TEXT_MAX + 1), &origin, &size, &got));
	arena_reset(&arena);
}
END_TEST

START_TEST(receipts_say_what_was_signed_and_nothing_else)
{
	struct receipt r = {.leaf = hash_of("entry", 5),
			       .kind = text_of("signup"),
			       .subject = text_of("prj-a.1"),
			       .at = text_of("2026-08-31T18:43:15.000000Z")},
		       got;
	uint8_t key[SIGN_KEY_LEN];
	struct text note, name;

	begin();
	name = receipt_key_name(&arena, text_of("example.org/market"));
	ck_assert(text_is(name, "example.org/market/receipts"));
	sign_public(seed, key);
	note = note_sign(&arena, receipt_text(&arena, &r), name, seed);
	ck_assert(receipt_verify(note, name, key, &got));
	ck_assert(text_is(got.kind, "signup") && text_is(got.subject, "prj-a.1") &&
		got.promise.len == 0);
	ck_assert_mem_eq(got.leaf.at, r.leaf.at, HASH_LEN);
	r.promise = text_of("2026-08-31T18:44:15Z");
	note = note_sign(&arena, receipt_text(&arena, &r), name, seed);
	ck_assert(receipt_verify(note, name, key, &got) && text_eq(got.promise, r.promise));
	r.subject = text_of("a b");
	note = note_sign(&arena, receipt_text(&arena, &r), name, seed);
	ck_assert(!receipt_verify(note, name, key, &got));
	note = note_sign(&arena, text_of("fairlot-receipt/v2\n"), name, seed);
	ck_assert(!receipt_verify(note, name, key, &got));
	arena_reset(&arena);
}
END_TEST

SUITE(note, the_example_of_the_go_package_verifies, every_changed_byte_of_a_note_is_refused,
	signatures_of_others_are_passed_over_and_a_wrong_one_of_ours_is_not,
	names_and_verifier_keys_are_strict, checkpoints_round_trip_and_refuse_other_forms,
	receipts_say_what_was_signed_and_nothing_else)
