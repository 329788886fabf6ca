/* The checks that need the journal, on attempt 2 of the sample: each holds, or fails for one
 * reason. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/signup.h"
#include "lib/draw/verify.h"
#include "lib/ledger/note.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/transcript.h"

enum {
	ENTRIES_MAX = 64
};

static struct arena arena;
static struct transcript t;
static struct verify_entry entries[ENTRIES_MAX];
static uint64_t sizes[8];
static struct verify_journal journal;
static struct verify_report report;

static struct verify_entry *
add(const char *kind, const char *subject, const char *time, struct text payload)
{
	struct text bytes = text_of(arena_printf(&arena, "fairlot-entry/v1 %s %s - %s -\n" TEXT_FMT,
		kind, subject, time, TEXT_ARG(payload)));
	struct verify_entry *e = &entries[journal.count];

	ck_assert(verify_entry_parse(bytes, journal.count, e));
	journal.count++;
	return e;
}

static void
judge(void)
{
	const struct verify_options options = {.journal = &journal};

	draw_verify(&arena, t.files, t.count, &options, &report);
}

/* The state of a check of the last attempt. */
static enum verify_state
state(enum check c)
{
	return report.attempts[report.count - 1].rows[c].state;
}

static void
add_values(const struct verify_attempt *a, const char *draw)
{
	const struct freeze *f = &a->draw.freeze;
	struct text given[FREEZE_CONTRIBUTORS_MAX + 1];
	char file[64];
	uint32_t line;
	size_t count;

	(void)snprintf(file, sizeof file, "attempt-%u/contributions.txt", a->number);
	ck_assert_int_eq(contributions_parse(&arena, *transcript_file(&t, file), f, &a->draw.f,
				 given, &count, &line),
		CHECK_OK);
	for (size_t i = 0; i < count; i++) {
		char *hex = arena_alloc(&arena, 2 * given[i].len + 1);

		hex_encode((const uint8_t *)given[i].at, given[i].len, hex);
		(void)add("contribution", draw, "2026-08-31T18:43:20.000000Z",
			text_of(arena_printf(&arena,
				"{\"attempt\":%u,\"draw\":\"%s\",\"index\":%zu,\"kind\":\"%s\","
				"\"name\":\"x\",\"%s\":\"%s\"}\n",
				a->number, draw, i + 1, i == 1 ? "commit" : "vrf-p256",
				i == 1 ? "value" : "proof", hex)));
		if (i + 1 < count)
			sizes[journal.sizes_count++] = journal.count;
	}
}

static void
add_keys(const struct verify_attempt *a, const char *time)
{
	const struct freeze *f = &a->draw.freeze;
	char hex[2 * VRF_KEY_LEN + 1];

	for (size_t i = 0; i < f->contributors_count; i++) {
		if (f->contributors[i].source != DRAW_VRF)
			continue;
		hex_encode(f->contributors[i].key, VRF_KEY_LEN, hex);
		(void)add("key-announced",
			arena_str(&arena, f->contributors[i].name.at, f->contributors[i].name.len),
			time,
			text_of(arena_printf(&arena,
				"{\"kind\":\"vrf-p256\",\"name\":\"x\",\"public_key\":\"%s\"}\n",
				hex)));
	}
}

/* What the market would have entered, with keys announced at this time. */
static void
begin(const char *keys_at)
{
	const struct verify_options none = {0};
	const char *draw;

	arena_init(&arena, SIZE_MAX);
	transcript_make(&arena, &t);
	draw_verify(&arena, t.files, t.count, &none, &report);
	journal = (struct verify_journal){.entries = entries, .sizes = sizes};
	draw = arena_str(&arena, report.attempts[0].draw.freeze.draw.at,
		report.attempts[0].draw.freeze.draw.len);
	for (size_t i = 0; i < report.count; i++) {
		const struct verify_attempt *a = &report.attempts[i];
		struct text txt, bin;
		struct signup *signups;
		char file[64];
		uint32_t line;
		size_t count;

		add_keys(a, keys_at);
		(void)snprintf(file, sizeof file, "attempt-%u/signups.txt", a->number);
		txt = *transcript_file(&t, file);
		(void)snprintf(file, sizeof file, "attempt-%u/signups.bin", a->number);
		bin = *transcript_file(&t, file);
		ck_assert_int_eq(
			signups_parse(&arena, txt, bin, &signups, &count, &line), CHECK_OK);
		for (size_t s = 0; i == 0 && s < count; s++, journal.count++)
			ck_assert(verify_entry_parse(
				signups[s].entry, journal.count, &entries[journal.count]));
		(void)snprintf(file, sizeof file, "attempt-%u/freeze.txt", a->number);
		(void)add(
			"freeze", draw, "2026-08-31T18:43:15.000000Z", *transcript_file(&t, file));
		add_values(a, draw);
	}
}

static struct verify_entry *
nth_of(const char *kind, size_t nth)
{
	for (size_t i = 0; i < journal.count; i++)
		if (text_is(entries[i].kind, kind) && nth-- == 0)
			return &entries[i];
	ck_abort_msg("no %s", kind);
}

static void
drop(const char *kind, size_t nth)
{
	nth_of(kind, nth)->kind = text_of("gone");
}

START_TEST(all_four_hold)
{
	begin("2026-08-24T17:00:00.000000Z");
	judge();
	for (enum check c = CHECK_LOG_KEY; c <= CHECK_CHECKPOINT; c++)
		ck_assert_msg(state(c) ==
				(c == CHECK_KEY_AGE || c == CHECK_SPOKEN_IN_TURN ||
							c >= CHECK_FREEZE_ONCE
						? VERIFY_HOLDS
						: VERIFY_NONE),
			"%s", check_row(c)->code);
	ck_assert_int_eq(report.verdict, VERDICT_HOLDS);
	arena_reset(&arena);
}
END_TEST

/* The mirror is of the log that the freeze names. */
START_TEST(a_mirror_of_another_log_fails)
{
	const uint8_t key[SIGN_KEY_LEN] = {1};

	for (int other = 0; other < 2; other++) {
		begin("2026-08-24T17:00:00.000000Z");
		journal.log_vkey = note_vkey(&arena,
			text_of(other == 0 ? "example.org/journal/journal"
					   : "example.com/journal/journal"),
			key);
		judge();
		ck_assert_int_eq(state(CHECK_LOG_KEY), other == 0 ? VERIFY_HOLDS : VERIFY_FAILS);
		ck_assert_int_eq(report.verdict, other == 0 ? VERDICT_HOLDS : VERDICT_FAILED);
		arena_reset(&arena);
	}
}
END_TEST

START_TEST(a_key_that_is_too_young_or_not_announced_fails)
{
	begin("2026-08-24T18:43:16.000000Z"); /* one second less than 7 days */
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_FAILS);
	arena_reset(&arena);
	begin("2026-08-24T18:43:15.000000Z");
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_HOLDS);
	drop("key-announced", 3);
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_key_that_stands_behind_the_freeze_fails_whatever_its_time)
{
	struct verify_entry *key;

	begin("2026-08-24T17:00:00.000000Z");
	key = nth_of("key-announced", 3);
	key->index = nth_of("freeze", 1)->index + 1;
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_FAILS);
	key->index -= 2;
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_HOLDS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_witness_key_that_was_announced_under_another_name_fails)
{
	begin("2026-08-24T17:00:00.000000Z");
	nth_of("key-announced", 2)->subject = text_of("changde-2021"); /* the operator's */
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_HOLDS);
	nth_of("key-announced", 3)->subject = text_of("operator");
	judge();
	ck_assert_int_eq(state(CHECK_KEY_AGE), VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_second_freeze_or_none_fails)
{
	struct text other;

	begin("2026-08-24T17:00:00.000000Z");
	transcript_edit(&arena, &t, "attempt-2/freeze.txt", "winners 2", "winners 1");
	other = *transcript_file(&t, "attempt-2/freeze.txt");
	transcript_edit(&arena, &t, "attempt-2/freeze.txt", "winners 1", "winners 2");
	(void)add("freeze",
		arena_str(&arena, entries[journal.count - 1].subject.at,
			entries[journal.count - 1].subject.len),
		"2026-08-31T18:50:00.000000Z", other);
	judge();
	ck_assert_int_eq(state(CHECK_FREEZE_ONCE), VERIFY_FAILS);
	ck_assert_int_eq(report.verdict, VERDICT_FAILED);
	journal.count--;
	drop("freeze", 1);
	judge();
	ck_assert_int_eq(state(CHECK_FREEZE_ONCE), VERIFY_FAILS);
	ck_assert_int_eq(state(CHECK_CHECKPOINT), VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_value_without_a_checkpoint_before_it_is_out_of_turn)
{
	begin("2026-08-24T17:00:00.000000Z");
	journal.sizes_count--; /* none between the second and the third value */
	judge();
	ck_assert_int_eq(state(CHECK_SPOKEN_IN_TURN), VERIFY_FAILS);
	journal.sizes_count = 0;
	judge();
	ck_assert_int_eq(state(CHECK_SPOKEN_IN_TURN), VERIFY_LEFT);
	ck_assert_int_eq(report.verdict, VERDICT_INCOMPLETE);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_value_or_a_signup_that_is_no_entry_fails)
{
	begin("2026-08-24T17:00:00.000000Z");
	drop("contribution", 4);
	judge();
	ck_assert_int_eq(state(CHECK_CHECKPOINT), VERIFY_FAILS);
	arena_reset(&arena);
	begin("2026-08-24T17:00:00.000000Z");
	drop("signup", 1);
	judge();
	ck_assert_int_eq(state(CHECK_CHECKPOINT), VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

/* Attempt 1 of the sample is void and was frozen. */
START_TEST(an_attempt_that_hides_its_freeze_is_found_in_the_journal)
{
	char f[2 * HASH_LEN + 1];

	begin("2026-08-24T17:00:00.000000Z");
	hex_encode(report.attempts[0].draw.f.at, HASH_LEN, f);
	transcript_edit(&arena, &t, "attempt-1/void.txt", f, "-");
	transcript_drop(&t, "attempt-1/freeze.txt");
	judge();
	ck_assert_int_eq(report.attempts[0].rows[CHECK_FREEZE_ONCE].state, VERIFY_FAILS);
	ck_assert_int_eq(state(CHECK_FREEZE_ONCE), VERIFY_HOLDS);
	drop("freeze", 0);
	judge();
	ck_assert_int_eq(report.attempts[0].rows[CHECK_FREEZE_ONCE].state, VERIFY_NONE);
	arena_reset(&arena);
}
END_TEST

START_TEST(an_attempt_behind_the_last_is_found_in_the_journal)
{
	struct text next;
	char *draw;

	begin("2026-08-24T17:00:00.000000Z");
	next = *transcript_file(&t, "attempt-2/freeze.txt");
	transcript_edit(&arena, &t, "attempt-2/freeze.txt", "attempt 2", "attempt 3");
	draw = arena_str(&arena, entries[journal.count - 1].subject.at,
		entries[journal.count - 1].subject.len);
	(void)add("freeze", draw, "2026-08-31T18:50:00.000000Z",
		*transcript_file(&t, "attempt-2/freeze.txt"));
	*transcript_file(&t, "attempt-2/freeze.txt") = next;
	judge();
	ck_assert_int_eq(state(CHECK_FREEZE_ONCE), VERIFY_FAILS);
	journal.count--;
	judge();
	ck_assert_int_eq(state(CHECK_FREEZE_ONCE), VERIFY_HOLDS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_void_that_the_journal_has_must_be_the_one_that_is_shown)
{
	struct text ended;
	char *draw;

	begin("2026-08-24T17:00:00.000000Z");
	ended = *transcript_file(&t, "attempt-1/void.txt");
	draw = arena_str(&arena, entries[journal.count - 1].subject.at,
		entries[journal.count - 1].subject.len);
	(void)add("void", draw, "2026-08-31T18:50:00.000000Z", ended);
	judge();
	ck_assert_int_eq(report.attempts[0].rows[CHECK_CHECKPOINT].state, VERIFY_HOLDS);
	transcript_edit(&arena, &t, "attempt-1/void.txt", "reason ", "reason x");
	judge();
	ck_assert_int_eq(report.attempts[0].rows[CHECK_CHECKPOINT].state, VERIFY_FAILS);
	transcript_drop(&t, "attempt-1/void.txt");
	judge();
	ck_assert_int_eq(report.attempts[0].rows[CHECK_CHECKPOINT].state, VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_signup_of_the_journal_that_is_in_no_list_is_found)
{
	const struct verify_entry *one;

	begin("2026-08-24T17:00:00.000000Z");
	one = nth_of("signup", 0);
	(void)add("signup", arena_str(&arena, one->subject.at, one->subject.len),
		"2026-08-31T18:00:00.000000Z", text_of("{}\n"));
	judge();
	ck_assert_int_eq(state(CHECK_SIGNUP_SET), VERIFY_FAILS);
	ck_assert_int_eq(state(CHECK_CHECKPOINT), VERIFY_HOLDS);
	entries[journal.count - 1].subject = text_of("another.1");
	judge();
	ck_assert_int_eq(state(CHECK_SIGNUP_SET), VERIFY_HOLDS);
	arena_reset(&arena);
}
END_TEST

SUITE(verify_journal, an_attempt_that_hides_its_freeze_is_found_in_the_journal,
	an_attempt_behind_the_last_is_found_in_the_journal,
	a_void_that_the_journal_has_must_be_the_one_that_is_shown,
	a_signup_of_the_journal_that_is_in_no_list_is_found, all_four_hold,
	a_mirror_of_another_log_fails, a_key_that_is_too_young_or_not_announced_fails,
	a_key_that_stands_behind_the_freeze_fails_whatever_its_time,
	a_witness_key_that_was_announced_under_another_name_fails, a_second_freeze_or_none_fails,
	a_value_without_a_checkpoint_before_it_is_out_of_turn,
	a_value_or_a_signup_that_is_no_entry_fails)
