#include "lib/draw/signup.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/draw/list.h"
#include "lib/draw/void.h"
#include "lib/ledger/merkle.h"
#include "tests/support/suite.h"

static struct arena arena;

static struct signup
make(const char *draw)
{
	struct signup s = {.id = text_of("agency-1"), .salt = {1, 2, 3}};
	struct hash seal = signup_seal(text_of(draw), s.id, s.salt);

	s.entry =
		signup_entry(&arena, text_of(draw), text_of("2026-08-31T18:00:00.000000Z"), &seal);
	s.leaf = merkle_leaf(s.entry);
	return s;
}

START_TEST(an_entry_serves_its_draw_and_the_ties_of_its_round)
{
	struct signup s;

	arena_init(&arena, 1 << 16);
	s = make("prj-a.1");
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1")), CHECK_OK);
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1.tie")), CHECK_OK);
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1.2")), CHECK_SIGNUP_ENTRY);
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.12")), CHECK_SIGNUP_ENTRY);
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1.tie.x")), CHECK_SIGNUP_ENTRY);
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1.")), CHECK_SIGNUP_ENTRY);
	s.id = text_of("agency-2");
	ck_assert_int_eq(signup_check(&s, text_of("prj-a.1")), CHECK_SIGNUP_SEAL);
	arena_reset(&arena);
}
END_TEST

START_TEST(entries_are_cut_by_their_lengths)
{
	struct signup s, *at;
	struct text txt, bin;
	size_t count;

	arena_init(&arena, 1 << 16);
	s = make("prj-a.1");
	signups_build(&arena, &s, 1, &txt, &bin);
	ck_assert_int_eq(signups_parse(&arena, txt, bin, &at, &count, NULL), CHECK_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert(text_eq(at[0].entry, s.entry));
	for (size_t len = 0; len < bin.len; len++)
		ck_assert_int_eq(
			signups_parse(&arena, txt, text_span(bin.at, len), &at, &count, NULL),
			CHECK_SIGNUP_ENTRY);
	ck_assert_int_eq(signups_parse(&arena, (struct text){0}, bin, &at, &count, NULL),
		CHECK_SIGNUP_ENTRY);
	arena_reset(&arena);
}
END_TEST

START_TEST(lists_are_sorted_and_a_faulty_one_is_not_written)
{
	struct candidate c[2] = {
		{.id = text_of("b"), .weight = 1}, {.id = text_of("a"), .weight = 2}};
	struct exclusion x = {.id = text_of("c"), .reason = text_of("no reason")};
	struct text text = {0};

	arena_init(&arena, 1 << 16);
	ck_assert_int_eq(candidates_build(&arena, c, 2, &text), CHECK_OK);
	ck_assert(text_starts(text, "a 2 - 0000"));
	c[0].id = c[1].id;
	ck_assert_int_eq(candidates_build(&arena, c, 2, &text), CHECK_LIST_UNIQUE);
	c[0].weight = 0;
	ck_assert_int_eq(candidates_build(&arena, c, 1, &text), CHECK_WEIGHT_ZERO);
	ck_assert_int_ne(exclusions_build(&arena, &x, 1, &text), CHECK_OK);
	ck_assert_int_eq(candidates_build(&arena, NULL, 0, &text), CHECK_OK);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_void_before_the_freeze_and_one_without_people_can_be_written)
{
	struct void_record v = {.draw = text_of("prj-a.1"),
		.attempt = 1,
		.reason = text_of("too-few"),
		.at = text_of("2026-09-01T08:00:00Z")};
	struct text text = {0};

	arena_init(&arena, 1 << 16);
	ck_assert_int_eq(void_build(&arena, &v, &text), CHECK_OK);
	ck_assert(text_is(text,
		"fairlot-draw/v1\nvoid prj-a.1\nattempt 1\nfreeze -\nreason too-few\n"
		"stalled -\nby - -\nat 2026-09-01T08:00:00Z\n"));
	v.by[0] = text_of("usr-a");
	ck_assert_int_eq(void_build(&arena, &v, &text), CHECK_VOID_PEOPLE);
	v.at = text_of("2026-09-01");
	v.by[0] = (struct text){0};
	ck_assert_int_eq(void_build(&arena, &v, &text), CHECK_RECORD);
	arena_reset(&arena);
}
END_TEST

SUITE(signup, an_entry_serves_its_draw_and_the_ties_of_its_round, entries_are_cut_by_their_lengths,
	lists_are_sorted_and_a_faulty_one_is_not_written,
	a_void_before_the_freeze_and_one_without_people_can_be_written)
