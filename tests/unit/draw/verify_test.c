/* A transcript that holds, and for each check of check.def one change that this check finds. */
#include "lib/draw/verify.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/unit/draw/sample.h"
#include "tests/unit/draw/transcript.h"

static struct arena arena;
static struct transcript whole;
static const struct verify_options draw_only = {.draw_only = true};

/* Which checks some test has broken on purpose; the last test looks that none was forgotten. */
static bool controlled[CHECK_COUNT];

static void
begin(void)
{
	arena_init(&arena, 1 << 26);
	transcript_make(&arena, &whole);
}

static struct verify_report
verify(const struct transcript *t)
{
	struct verify_report r;

	draw_verify(&arena, t->files, t->count, &draw_only, &r);
	return r;
}

static enum verify_state
state(const struct verify_report *r, size_t attempt, enum check c)
{
	return r->attempts[attempt - 1].rows[c].state;
}

START_TEST(a_sound_transcript_holds_row_by_row)
{
	struct verify_report r;

	begin();
	r = verify(&whole);
	ck_assert_uint_eq(r.count, 2);
	for (size_t i = 1; i <= 2; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
			enum verify_state s = state(&r, i, (enum check)c);
			const struct check_row *row = check_row((enum check)c);

			ck_assert_msg(s != VERIFY_FAILS, "attempt %zu: %s", i, row->code);
			if (i == 2 && row->group == GROUP_JOURNAL)
				ck_assert_msg(s ==
						(c == CHECK_BEACON_SEEN || c == CHECK_VOID_SIGNATURE
								? VERIFY_NONE
								: VERIFY_LEFT),
					"%s", row->code);
			else if (i == 2)
				ck_assert_msg(
					s == VERIFY_HOLDS || s == VERIFY_NONE, "%s", row->code);
		}
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	ck_assert_int_eq(r.level, 2);
	draw_verify(&arena, whole.files, whole.count, &(struct verify_options){0}, &r);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	arena_reset(&arena);
}
END_TEST

#define A1 "attempt-1/"
#define A2 "attempt-2/"

static const struct {
	enum check check;
	size_t attempt;
	const char *file, *old, *new;
} edits[] = {
	{CHECK_LINE_END, 2, A2 "freeze.txt", "attempt 2\n", "attempt 2\r\n"},
	{CHECK_LINE_END, 2, A2 "freeze.txt", "18:43:15Z\n", "18:43:15Z"},
	{CHECK_LINE_END, 2, A2 "candidates.txt", "\n", "\r\n"},
	{CHECK_RECORD, 2, A2 "freeze.txt", "winners 2", "winners  2"},
	{CHECK_RECORD, 2, A2 "freeze.txt", "winners 2", "winners 2 "},
	{CHECK_RECORD, 2, A2 "freeze.txt", "winners 2\n", "winners 2\n\n"},
	{CHECK_RECORD, 2, A2 "freeze.txt", "notice ", "rules "},
	{CHECK_RECORD, 2, A2 "freeze.txt", "vrf-p256 auditor-2", "vrf-p255 auditor-2"},
	{CHECK_RECORD, 2, A2 "freeze.txt", "close 2", "extra x\nclose 2"},
	{CHECK_RECORD, 2, A2 "result.txt", "seed ", "sead "},
	{CHECK_RECORD, 2, A2 "candidates.txt", "agency-1 1 -", "agency-1 1"},
	{CHECK_NUMBER, 2, A2 "freeze.txt", "winners 2", "winners 02"},
	{CHECK_NUMBER, 2, A2 "freeze.txt", "attempt 2", "attempt 0"},
	{CHECK_NUMBER, 2, A2 "candidates.txt", "agency-1 1", "agency-1 +1"},
	{CHECK_ID, 2, A2 "freeze.txt", "draw prj-demo.1", "draw .prj-demo.1"},
	{CHECK_ID, 2, A2 "candidates.txt", "agency-1 ", "agency/1 "},
	{CHECK_HASH, 2, A2 "freeze.txt", "notice ", "notice 0"},
	{CHECK_HASH, 2, A2 "result.txt", "seed ", "seed F"},
	{CHECK_PROTOCOL, 2, A2 "freeze.txt", "draw/v1", "draw/v2"},
	{CHECK_PROTOCOL, 2, A2 "result.txt", "draw/v1", "draw/v2"},
	{CHECK_METHOD, 2, A2 "freeze.txt", "fisher-yates", "sattolo"},
	{CHECK_WINNERS, 2, A2 "freeze.txt", "winners 2", "winners 0"},
	{CHECK_WINNERS, 2, A2 "freeze.txt", "winners 2", "winners 6"},
	{CHECK_LABEL, 2, A2 "freeze.txt", "winners 2\n", "winners 2\nlabel a//b\n"},
	{CHECK_RANGE, 2, A2 "freeze.txt", "winners 2\n", "winners 2\nrange 1 2\n"},
	{CHECK_RANGE, 2, A2 "freeze.txt", "fisher-yates", "integer"},
	{CHECK_RANGE, 2, A2 "freeze.txt", "fisher-yates\nwinners 2\n",
		"integer\nwinners 2\nrange 2 1\n"},
	{CHECK_RANGE, 2, A2 "freeze.txt", "fisher-yates\nwinners 2\n",
		"integer\nwinners 2\nrange 0 2147483648\n"},
	{CHECK_QUOTA, 2, A2 "freeze.txt", "winners 2\n", "winners 2\nquota a 2\nquota b 1\n"},
	{CHECK_QUOTA, 2, A2 "freeze.txt", "winners 2\n", "winners 2\nquota b 1\nquota a 1\n"},
	{CHECK_QUOTA, 2, A2 "freeze.txt", "winners 2\n", "winners 2\nlabel x\nquota a 1\n"},
	{CHECK_QUOTA, 2, A2 "freeze.txt", "fisher-yates\nwinners 2\n",
		"weighted\nwinners 2\nquota a 1\n"},
	{CHECK_CONTRIBUTOR_FIRST, 2, A2 "freeze.txt", "vrf-p256 operator", "vrf-p256 witness"},
	{CHECK_CONTRIBUTOR_FIRST, 2, A2 "freeze.txt", "commit owner", "commit somebody"},
	{CHECK_CONTRIBUTOR_ORDER, 2, A2 "freeze.txt", "contributor 3", "contributor 4"},
	{CHECK_CONTRIBUTOR_ORDER, 2, A2 "freeze.txt", "contributor 3",
		"contributor 3 nist 1 7\ncontributor 4"},
	{CHECK_CONTRIBUTOR_NAME, 2, A2 "freeze.txt", "vrf-p256 auditor-2", "vrf-p256 owner"},
	{CHECK_CLOSE, 2, A2 "freeze.txt", "18:43:15Z", "18:43:15.0Z"},
	{CHECK_CLOSE, 2, A2 "freeze.txt", "18:43:15Z", "18:43:60Z"},
	{CHECK_CLOSE, 2, A2 "freeze.txt", "18:43:15Z", "18:43:15+08:00"},
	{CHECK_ATTEMPT, 2, A2 "freeze.txt", "attempt 2", "attempt 3"},
	{CHECK_CANDIDATE_COUNT, 2, A2 "freeze.txt", "candidates 5", "candidates 6"},
	{CHECK_CANDIDATE_ROOT, 2, A2 "candidates.txt", "agency-1 1 -", "agency-1 1 north"},
	{CHECK_EXCLUDED_COUNT, 2, A2 "freeze.txt", "excluded 1", "excluded 2"},
	{CHECK_EXCLUDED_ROOT, 2, A2 "excluded.txt", "withdrawn", "low-credit"},
	{CHECK_LIST_ORDER, 2, A2 "candidates.txt", "agency-2", "agency-0"},
	{CHECK_LIST_UNIQUE, 2, A2 "candidates.txt", "agency-2", "agency-1"},
	{CHECK_LIST_BOTH, 2, A2 "excluded.txt", "agency-6", "agency-5"},
	{CHECK_WEIGHT_ZERO, 2, A2 "candidates.txt", "agency-3 1", "agency-3 0"},
	{CHECK_WEIGHT_SUM, 2, A2 "candidates.txt", "agency-3 1", "agency-3 2147483648"},
	{CHECK_NOTICE, 2, A2 "notice.txt", "survey", "Survey"},
	{CHECK_RULES, 2, A2 "rules.txt", "3s", "2s"},
	{CHECK_SIGNUP_SET, 2, A2 "signups.txt", "agency-6", "agency-7"},
	{CHECK_SIGNUP_ENTRY, 2, A2 "signups.bin", " - 2026", " x 2026"},
	{CHECK_SIGNUP_ENTRY, 2, A2 "signups.bin", "v1 signup", "v1 sighup"},
	{CHECK_SIGNUP_ENTRY, 2, A2 "signups.bin", "signup prj-demo.1", "signup prj-demo.2"},
	{CHECK_SIGNUP_LEAF, 2, A2 "signups.bin", "18:00:00.000000Z", "18:00:00.000001Z"},
	{CHECK_VALUE_HEAD, 2, A2 "contributions.txt", "attempt 2", "attempt 1"},
	{CHECK_VALUE_HEAD, 2, A2 "contributions.txt", "draw prj-demo.1", "draw prj-demo.2"},
	{CHECK_VALUE_ORDER, 2, A2 "contributions.txt", "value 2 commit", "value 3 commit"},
	{CHECK_VALUE_ORDER, 2, A2 "contributions.txt", "value 2 commit", "value 2 vrf-p256"},
	{CHECK_VRF_LENGTH, 2, A2 "contributions.txt", "value 1 vrf-p256 ", "value 1 vrf-p256 02"},
	{CHECK_RESULT_HEAD, 2, A2 "result.txt", "attempt 2", "attempt 1"},
	{CHECK_PERMUTATION, 2, A2 "result.txt", " agency-3", " agency-2"},
	{CHECK_PERMUTATION, 2, A2 "result.txt", " agency-3", ""},
	{CHECK_PERMUTATION, 2, A2 "result.txt", " agency-3", " agency-6"},
	{CHECK_DRAW, 2, A2 "freeze.txt", "draw prj-demo.1", "draw prj-demo.2"},
	{CHECK_VOID_HEAD, 1, A1 "void.txt", "attempt 1", "attempt 2"},
	{CHECK_VOID_HEAD, 1, A1 "void.txt", "void prj-demo.1", "void prj-demo.2"},
	{CHECK_VOID_PEOPLE, 1, A1 "void.txt", "by usr-a usr-b", "by usr-a usr-a"},
	{CHECK_VOID_PEOPLE, 1, A1 "void.txt", "by usr-a usr-b", "by usr-a -"},
	{CHECK_VOID_PEOPLE, 1, A1 "void.txt", "by usr-a usr-b", "by - -"},
	{CHECK_PREVIOUS, 2, A1 "void.txt", "contributor-stalled", "key-lost"},
	{CHECK_STALLER, 2, A1 "void.txt", "stalled auditor-1", "stalled owner"},
	{CHECK_LIST_KEPT, 2, A2 "freeze.txt", "candidates 5 ", "candidates 5 @"},
};

static void
expect(const struct transcript *t, size_t attempt, enum check c, const char *what)
{
	struct verify_report r = verify(t);

	ck_assert_msg(r.verdict == VERDICT_FAILED, "%s: verdict %d", what, (int)r.verdict);
	ck_assert_int_eq(r.level, 0);
	controlled[c] = true;
	if (state(&r, attempt, c) == VERIFY_FAILS)
		return;
	for (int other = CHECK_OK + 1; other < CHECK_COUNT; other++)
		if (state(&r, attempt, (enum check)other) == VERIFY_FAILS)
			what = arena_printf(
				&arena, "%s; failed: %s", what, check_row((enum check)other)->code);
	ck_abort_msg("%s does not fail: %s", check_row(c)->code, what);
}

/* "@" stands for a hash with other digits than the text's first. */
START_TEST(each_check_finds_the_change_made_for_it)
{
	begin();
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct transcript t = whole;

		if (strchr(edits[i].new, '@') != NULL) {
			const struct text *bytes = transcript_file(&t, edits[i].file);
			const char *at =
				memmem(bytes->at, bytes->len, edits[i].old, strlen(edits[i].old));
			char digit = at[strlen(edits[i].old)];

			transcript_edit(&arena, &t, edits[i].file,
				arena_printf(&arena, "%s%c", edits[i].old, digit),
				arena_printf(
					&arena, "%s%c", edits[i].old, digit == '0' ? '1' : '0'));
		} else
			transcript_edit(&arena, &t, edits[i].file, edits[i].old, edits[i].new);
		expect(&t, edits[i].attempt, edits[i].check,
			arena_printf(&arena, "%s: %s", edits[i].file, edits[i].new));
	}
	arena_reset(&arena);
}
END_TEST

/* Changes the hex digit `skip` bytes behind `before`. */
static void
turn_digit(struct transcript *t, const char *file, const char *before, size_t skip, char to)
{
	struct text *bytes = transcript_file(t, file);
	char *copy = arena_copy(&arena, bytes->at, bytes->len), *at;

	at = memmem(copy, bytes->len, before, strlen(before));
	ck_assert_ptr_nonnull(at);
	at += strlen(before) + skip;
	*at = to != 0 ? to : *at == '0' ? '1' : '0';
	*bytes = text_span(copy, bytes->len);
}

static const struct {
	enum check check;
	const char *file, *before;
	size_t skip;
	char to;
} digits[] = {
	{CHECK_KEY_POINT, A2 "freeze.txt", "auditor-2 ", 1, '4'},
	{CHECK_SIGNUP_SEAL, A2 "signups.txt", "agency-1 ", 0, 0},
	{CHECK_SIGNUP_SEAL, A2 "signups.bin", "seal\":\"", 0, 0},
	{CHECK_VALUE_HEAD, A2 "contributions.txt", "freeze ", 0, 0},
	{CHECK_VRF_GAMMA, A2 "contributions.txt", "value 1 vrf-p256 ", 1, '4'},
	{CHECK_VRF_PROOF, A2 "contributions.txt", "value 1 vrf-p256 ", 66, 0},
	{CHECK_VRF_PROOF, A2 "contributions.txt", "value 3 vrf-p256 ", 160, 0},
	{CHECK_COMMITMENT, A2 "contributions.txt", "commit ", 0, 0},
	{CHECK_RESULT_HEAD, A2 "result.txt", "freeze ", 0, 0},
	{CHECK_SEED, A2 "result.txt", "seed ", 0, 0},
	{CHECK_VOID_HEAD, A1 "void.txt", "freeze ", 0, 0},
	{CHECK_PREVIOUS, A2 "freeze.txt", "previous ", 0, 0},
};

START_TEST(each_check_finds_the_digit_changed_for_it)
{
	begin();
	for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
		struct transcript t = whole;

		turn_digit(&t, digits[i].file, digits[i].before, digits[i].skip, digits[i].to);
		expect(&t, strncmp(digits[i].file, A1, 10) == 0 ? 1 : 2, digits[i].check,
			arena_printf(&arena, "%s: %s", digits[i].file, digits[i].before));
	}
	arena_reset(&arena);
}
END_TEST

static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

START_TEST(an_s_beyond_the_order_is_found)
{
	struct transcript t;

	begin();
	t = whole;
	for (size_t i = 0; i < 64; i++)
		turn_digit(&t, A2 "contributions.txt", "value 1 vrf-p256 ", 98 + i, order_hex[i]);
	expect(&t, 2, CHECK_VRF_SCALAR, "s = order");
	arena_reset(&arena);
}
END_TEST

START_TEST(files_that_are_absent_or_twice_are_noticed)
{
	static const char *const needed[] = {A2 "freeze.txt", A2 "candidates.txt",
		A2 "excluded.txt", A2 "contributions.txt", A2 "result.txt"};
	static const char *const beside[] = {A2 "notice.txt", A2 "rules.txt", A2 "signups.bin"};
	struct verify_report r;
	struct transcript t;

	begin();
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		t = whole;
		transcript_drop(&t, needed[i]);
		r = verify(&t);
		ck_assert_msg(r.verdict == VERDICT_INCOMPLETE, "%s", needed[i]);
	}
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
		t = whole;
		transcript_drop(&t, beside[i]);
		ck_assert_int_eq(verify(&t).verdict, VERDICT_HOLDS);
		draw_verify(&arena, t.files, t.count, &(struct verify_options){0}, &r);
		ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	}
	t = whole;
	t.files[t.count++] = (struct verify_file){
		text_of(A2 "result.txt"), *transcript_file(&t, A2 "result.txt")};
	expect(&t, 2, CHECK_FILES, "result.txt twice");
	draw_verify(&arena, NULL, 0, &draw_only, &r);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	arena_reset(&arena);
}
END_TEST

START_TEST(attempts_that_do_not_follow_one_another_are_noticed)
{
	struct transcript t;

	begin();
	t = whole;
	transcript_drop(&t, A1 "void.txt");
	expect(&t, 1, CHECK_VOID_MISSING, "two freezes without a void");
	t = whole;
	for (size_t i = 0; i < t.count; i++)
		if (text_starts(t.files[i].name, A2))
			t.files[i].name = text_of(arena_printf(&arena, "attempt-3/" TEXT_FMT,
				(int)(t.files[i].name.len - 10), t.files[i].name.at + 10));
	expect(&t, 2, CHECK_ATTEMPT_SEQUENCE, "attempt 2 left out");
	t = whole;
	for (size_t i = 0; i < t.count;)
		if (text_starts(t.files[i].name, A1))
			t.files[i] = t.files[--t.count];
		else
			i++;
	expect(&t, 1, CHECK_ATTEMPT_SEQUENCE, "attempt 1 left out");
	t = whole;
	*transcript_file(&t, A2 "freeze.txt") = *transcript_file(&t, A1 "freeze.txt");
	expect(&t, 2, CHECK_COMMITMENT_REUSED, "the same freeze again");
	arena_reset(&arena);
}
END_TEST

/* Attempts are numbered from 1: what stands in attempt-0/ is not a file of the transcript. */
START_TEST(a_folder_that_is_no_attempt_is_passed_over)
{
	struct verify_report r;
	struct transcript t;

	begin();
	t = whole;
	for (size_t i = 0; i < t.count; i++)
		t.files[i].name = text_of(arena_printf(&arena, "attempt-0/" TEXT_FMT,
			(int)(t.files[i].name.len - 10), t.files[i].name.at + 10));
	r = verify(&t);
	ck_assert_uint_eq(r.count, 1);
	ck_assert(!r.attempts[0].frozen);
	ck_assert_int_eq(state(&r, 1, CHECK_FILES), VERIFY_LEFT);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	arena_reset(&arena);
}
END_TEST

START_TEST(contributions_of_another_attempt_or_order_are_refused)
{
	struct transcript t;
	const struct text *first;
	struct text line;

	begin();
	t = whole;
	first = transcript_file(&t, A1 "contributions.txt");
	line = text_span(memmem(first->at, first->len, "value 1", 7), 17 + 162);
	turn_digit(&t, A2 "contributions.txt", "value 1", 0, ' ');
	for (size_t i = 17; i < line.len; i++)
		turn_digit(&t, A2 "contributions.txt", "value 1", i - 7, line.at[i]);
	expect(&t, 2, CHECK_VRF_PROOF, "the proof of attempt 1");
	t = whole;
	transcript_edit(&arena, &t, A2 "result.txt", "order ", "order agency-9 ");
	expect(&t, 2, CHECK_PERMUTATION, "one too many");
	t = whole;
	*transcript_file(&t, A2 "contributions.txt") = text_of("");
	expect(&t, 2, CHECK_RECORD, "empty");
	arena_reset(&arena);
}
END_TEST

START_TEST(another_order_than_the_seed_gives_is_refused)
{
	struct transcript t;
	struct text *bytes;
	const char *order;
	char *copy;

	begin();
	t = whole;
	bytes = transcript_file(&t, A2 "result.txt");
	copy = arena_copy(&arena, bytes->at, bytes->len);
	order = memmem(copy, bytes->len, "order ", 6);
	/* All ids have eight characters: the last digits of the first two change places. */
	{
		char *a = copy + (order - copy) + 6 + 7, *b = a + 9, kept = *a;

		*a = *b;
		*b = kept;
	}
	*bytes = text_span(copy, bytes->len);
	expect(&t, 2, CHECK_ORDER, "two places swapped");
	arena_reset(&arena);
}
END_TEST

/* The examples of the vectors as bare folders. */
static void
sample_files(struct json_object *v, struct transcript *ret_t)
{
	static const char *const names[][2] = {{"freeze.txt", "freeze_txt"},
		{"candidates.txt", "candidates_txt"}, {"excluded.txt", "excluded_txt"},
		{"result.txt", "result_txt"}};
	struct json_object *list = sample_get(v, "contributions");
	struct text given[8];
	struct draw d;

	*ret_t = (struct transcript){0};
	for (size_t i = 0; i < 4; i++)
		ret_t->files[ret_t->count++] =
			(struct verify_file){text_of(names[i][0]), sample_text(v, names[i][1])};
	ck_assert_int_eq(draw_open(&arena, ret_t->files[0].bytes, ret_t->files[1].bytes,
				 ret_t->files[2].bytes, &d),
		CHECK_OK);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		given[i] = sample_given(&arena, json_object_array_get_idx(list, i));
	ret_t->files[ret_t->count++] = (struct verify_file){text_of("contributions.txt"),
		contributions_build(
			&arena, &d.freeze, &d.f, given, json_object_array_length(list))};
}

static enum beacon_answer
answer(void *arg, const struct contributor *c, struct text given)
{
	ck_assert_uint_eq(given.len, 48);
	ck_assert(text_is(c->name, "quicknet"));
	ck_assert_uint_eq(c->round, 31799517);
	return *(enum beacon_answer *)arg;
}

START_TEST(levels_follow_from_who_contributed_and_what_was_checked)
{
	struct json_object *vectors = sample_open();
	struct verify_options with = draw_only;
	struct verify_report r;
	struct transcript t;
	enum beacon_answer say = BEACON_HOLDS;

	arena_init(&arena, 1 << 24);
	for (size_t i = 0; i < SAMPLES; i++) {
		bool drand = strcmp(sample_names[i], "with_drand") == 0;

		sample_files(sample_get(vectors, sample_names[i]), &t);
		r = verify(&t);
		ck_assert_int_eq(r.verdict, drand ? VERDICT_INCOMPLETE : VERDICT_HOLDS);
		ck_assert_int_eq(r.level, 2);
		ck_assert(r.beacon_left == drand);
	}
	sample_files(sample_get(vectors, "with_drand"), &t);
	with.beacon = answer;
	with.beacon_arg = &say;
	draw_verify(&arena, t.files, t.count, &with, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	ck_assert_int_eq(r.level, 2); /* no proof that a witness saw the values before it */
	say = BEACON_FAILS;
	draw_verify(&arena, t.files, t.count, &with, &r);
	ck_assert_int_eq(state(&r, 1, CHECK_BEACON), VERIFY_FAILS);
	controlled[CHECK_BEACON] = true;
	sample_files(sample_get(vectors, "with_drand"), &t);
	transcript_edit(&arena, &t, "contributions.txt", "drand ", "drand 00");
	expect(&t, 1, CHECK_BEACON_FORM, "a longer signature");
	sample_files(sample_get(vectors, "coefficient"), &t);
	transcript_edit(&arena, &t, "result.txt", "value 98", "value 97");
	expect(&t, 1, CHECK_INTEGER, "another value");
	arena_reset(&arena);
	json_object_put(vectors);
}
END_TEST

/* The drand example with another closing time, its proofs made again. */
START_TEST(a_beacon_round_too_near_to_the_close_is_refused)
{
	static const char *const secrets[] = {"operator_sk", NULL, "auditor_sk"};
	struct json_object *vectors = sample_open(), *v = sample_get(vectors, "with_drand");
	struct json_object *list = sample_get(v, "contributions");
	uint8_t alpha[FREEZE_ALPHA_LEN], proofs[3][VRF_PROOF_LEN];
	struct text given[4], freeze = {0};
	struct transcript t;
	struct draw_end e;
	struct draw d;

	arena_init(&arena, 1 << 24);
	sample_files(v, &t);
	transcript_edit(&arena, &t, "freeze.txt", "18:43:15Z", "18:43:16Z");
	freeze = *transcript_file(&t, "freeze.txt");
	ck_assert_int_eq(
		draw_open(&arena, freeze, t.files[1].bytes, t.files[2].bytes, &d), CHECK_OK);
	freeze_alpha(&d.f, alpha);
	for (size_t i = 0; i < 4; i++) {
		given[i] = sample_given(&arena, json_object_array_get_idx(list, i));
		if (d.freeze.contributors[i].source != DRAW_VRF)
			continue;
		ck_assert(vrf_prove(
			(const uint8_t *)sample_hex(&arena, sample_get(vectors, "keys"), secrets[i])
				.at,
			text_span((char *)alpha, sizeof alpha), proofs[i]));
		given[i] = text_span((char *)proofs[i], VRF_PROOF_LEN);
	}
	ck_assert_int_eq(draw_finish(&arena, &d, given, &e), CHECK_OK);
	*transcript_file(&t, "contributions.txt") = e.contributions_text;
	*transcript_file(&t, "result.txt") = e.result_text;
	expect(&t, 1, CHECK_BEACON_TIME, "119 seconds");
	arena_reset(&arena);
	json_object_put(vectors);
}
END_TEST

START_TEST(one_key_under_two_names_is_refused)
{
	struct transcript t;
	const struct text *bytes;
	const char *key;

	begin();
	t = whole;
	bytes = transcript_file(&t, A2 "freeze.txt");
	key = (const char *)memmem(bytes->at, bytes->len, "operator ", 9) + 9;
	for (size_t i = 0; i < 2 * VRF_KEY_LEN; i++)
		turn_digit(&t, A2 "freeze.txt", "auditor-2 ", i, key[i]);
	expect(&t, 2, CHECK_CONTRIBUTOR_KEY, "the operator as witness");
	arena_reset(&arena);
}
END_TEST

static void
cut_last_value(struct transcript *t)
{
	struct text *bytes = transcript_file(t, A2 "contributions.txt");

	bytes->len =
		(size_t)((const char *)memmem(bytes->at, bytes->len, "value 3", 7) - bytes->at);
}

START_TEST(a_result_before_the_last_value_is_refused_and_a_missing_value_is_incomplete)
{
	struct verify_report r;
	struct transcript t;

	begin();
	t = whole;
	cut_last_value(&t);
	expect(&t, 2, CHECK_VALUE_COUNT, "two of three values");
	transcript_drop(&t, A2 "result.txt");
	r = verify(&t);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	ck_assert_int_eq(r.level, 0);
	ck_assert(text_is(r.attempts[1].rows[CHECK_VALUE_COUNT].about, "auditor-2"));
	arena_reset(&arena);
}
END_TEST

static void
same_rows(const struct verify_report *r, const struct verify_report *s)
{
	ck_assert_uint_eq(r->count, s->count);
	ck_assert_int_eq(r->verdict, s->verdict);
	for (size_t i = 0; i < r->count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
			const struct verify_row *x = &r->attempts[i].rows[c],
						*y = &s->attempts[i].rows[c];

			ck_assert_msg(x->state == y->state && x->file == y->file &&
					x->line == y->line && text_eq(x->about, y->about),
				"attempt %zu: %s", i + 1, check_row((enum check)c)->code);
		}
}

/* As many files as a transcript may have, and attempts; the order in which they come is nothing. */
START_TEST(thousands_of_files_are_found_in_any_order)
{
	enum {
		FILES = 10000,
		ATTEMPTS = 1000
	};
	static struct verify_file many[FILES], turned[FILES];
	struct verify_report r, s;
	size_t count = 0;

	begin();
	for (size_t i = 0; i < whole.count; i++)
		many[count++] = whole.files[i];
	for (size_t i = 3; i <= ATTEMPTS; i++)
		many[count++] = (struct verify_file){
			text_of(arena_printf(&arena, "attempt-%zu/void.txt", i)), text_of("x\n")};
	for (size_t i = 0; count < FILES; i++)
		many[count++] = (struct verify_file){
			text_of(arena_printf(&arena, "attempt-%zu/%zu", i % ATTEMPTS + 1, i)),
			text_of("")};
	for (size_t i = 0; i < FILES; i++)
		turned[i] = many[i * 7919 % FILES];
	draw_verify(&arena, many, FILES, &draw_only, &r);
	draw_verify(&arena, turned, FILES, &draw_only, &s);
	ck_assert_uint_eq(r.count, ATTEMPTS);
	same_rows(&r, &s);
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
		for (size_t i = 1; i <= 2; i++)
			ck_assert(state(&r, i, (enum check)c) != VERIFY_FAILS ||
				c == CHECK_VOID_MISSING); /* of the second */
	ck_assert_int_eq(state(&r, 3, CHECK_PROTOCOL), VERIFY_FAILS);
	arena_reset(&arena);
}
END_TEST

START_TEST(docs_draw_lists_every_check)
{
	const char *root = getenv("FAIRLOT_SOURCE");
	char *text;
	size_t len;
	FILE *f;

	arena_init(&arena, 1 << 20);
	f = fopen(arena_printf(&arena, "%s/docs/DRAW.md", root), "r");
	ck_assert_ptr_nonnull(f);
	text = arena_alloc(&arena, 1 << 16);
	len = fread(text, 1, (1 << 16) - 1, f);
	ck_assert(fclose(f) == 0 && len > 0);
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
		const struct check_row *row = check_row((enum check)c);

		ck_assert_msg(strstr(text,
				      arena_printf(&arena, "\n| `%s` | %s |\n", row->code,
					      row->en)) != NULL,
			"%s", row->code);
		ck_assert(text_is_utf8(text_of(row->zh)));
	}
	arena_reset(&arena);
}
END_TEST

/* Needs all tests in one process: CK_FORK=no, as the build runs them. */
START_TEST(no_check_is_without_a_test_that_breaks_it)
{
	const char *fork = getenv("CK_FORK");

	if (fork == NULL || strcmp(fork, "no") != 0)
		return;
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
		ck_assert_msg(controlled[c] || check_row((enum check)c)->group == GROUP_JOURNAL,
			"%s", check_row((enum check)c)->code);
}
END_TEST

SUITE(verify, a_sound_transcript_holds_row_by_row, each_check_finds_the_change_made_for_it,
	each_check_finds_the_digit_changed_for_it, an_s_beyond_the_order_is_found,
	files_that_are_absent_or_twice_are_noticed,
	attempts_that_do_not_follow_one_another_are_noticed,
	a_folder_that_is_no_attempt_is_passed_over,
	contributions_of_another_attempt_or_order_are_refused,
	another_order_than_the_seed_gives_is_refused,
	levels_follow_from_who_contributed_and_what_was_checked,
	a_beacon_round_too_near_to_the_close_is_refused, one_key_under_two_names_is_refused,
	a_result_before_the_last_value_is_refused_and_a_missing_value_is_incomplete,
	thousands_of_files_are_found_in_any_order, docs_draw_lists_every_check,
	no_check_is_without_a_test_that_breaks_it)
