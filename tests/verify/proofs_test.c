/* The journal's proofs in a transcript: sound ones hold, and whatever a maker gets wrong fails the
 * check that is about it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/ledger/note.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/sample.h"
#include "tests/verify/made.h"

enum {
	SEEDS = 60
};

static struct arena arena;
static struct made *m;
static struct verify_options options;
static struct verify_report report;

static void
begin(uint64_t seed)
{
	struct dice d = {seed};
	struct text drand;

	arena_init(&arena, SIZE_MAX);
	options = (struct verify_options){0};
	m = arena_new(&arena, struct made);
	drand = sample_drand(&arena);
	made_make(&arena, &d, drand, true, m);
	m->proofs = true;
	made_prove(&arena, &d, m, TWIST_NONE);
}

static void
judge(void)
{
	draw_verify(&arena, m->files, m->count, &options, &report);
}

static const struct verify_row *
row(size_t attempt, enum check c)
{
	return &report.attempts[attempt].rows[c];
}

/* The first attempt in which the check is in this state; the count of attempts if none is. */
static size_t
where(enum check c, enum verify_state state)
{
	size_t i = 0;

	while (i < report.count && row(i, c)->state != state)
		i++;
	return i;
}

START_TEST(what_the_maker_did_right_holds)
{
	size_t held[CHECK_COUNT] = {0};

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		judge();
		for (size_t i = 0; i < report.count; i++)
			for (enum check c = CHECK_LOG_KEY; c <= CHECK_VOID_SIGNATURE; c++) {
				ck_assert_msg(row(i, c)->state != VERIFY_FAILS,
					"seed %llu attempt %zu %s", (unsigned long long)seed, i + 1,
					check_row(c)->code);
				held[c] += row(i, c)->state == VERIFY_HOLDS;
				if (report.attempts[i].frozen && c <= CHECK_PROOF)
					ck_assert_int_eq(row(i, c)->state, VERIFY_HOLDS);
			}
		arena_reset(&arena);
	}
	for (enum check c = CHECK_LOG_KEY; c <= CHECK_VOID_SIGNATURE; c++)
		ck_assert_msg(held[c] > 2, "%s", check_row(c)->code);
}
END_TEST

/* Whether the twist was found by its check, in a transcript in which that held. */
static bool
is_found(uint64_t seed, enum twist twist)
{
	enum check c = twist_check(twist);
	struct dice d = {seed};
	bool found;

	begin(seed);
	judge();
	found = where(c, VERIFY_HOLDS) < report.count;
	made_prove(&arena, &d, m, twist);
	judge();
	found = found && where(c, VERIFY_FAILS) < report.count;
	arena_reset(&arena);
	return found;
}

START_TEST(what_the_maker_did_wrong_fails_the_check_that_is_about_it)
{
	for (enum twist t = TWIST_NONE + 1; t < TWIST_COUNT; t++) {
		size_t found = 0;

		for (uint64_t seed = 1; found == 0 && seed <= SEEDS; seed++)
			found += is_found(seed, t);
		ck_assert_msg(found > 0, "%s", twist_name(t));
	}
}
END_TEST

static bool
all_hold(const enum check checks[3])
{
	for (size_t k = 0; k < 3 && checks[k] != CHECK_OK; k++)
		if (row(0, checks[k])->state != VERIFY_HOLDS)
			return false;
	return true;
}

START_TEST(a_file_that_is_absent_leaves_the_check_that_needs_it)
{
	static const struct {
		const char *file;
		enum check checks[3];
	} cases[] = {{"log.vkey", {CHECK_LOG_KEY, CHECK_PROOF, CHECK_SPOKEN_IN_TURN}},
		{"attempt-1/freeze.tlog-proof", {CHECK_PROOF, CHECK_SPOKEN_IN_TURN, CHECK_KEY_AGE}},
		{"attempt-1/value-1.tlog-proof", {CHECK_PROOF, CHECK_SPOKEN_IN_TURN}},
		{"attempt-1/key-operator.tlog-proof", {CHECK_PROOF, CHECK_KEY_AGE}},
		{"attempt-1/cosign-witness-0.tlog-proof", {CHECK_PROOF, CHECK_COSIGNATURE}},
		{"witnesses.vkeys", {CHECK_COSIGNATURE}},
		{"attempt-1/void-signatures.txt", {CHECK_VOID_SIGNATURE}},
		{"log.vkey", {CHECK_VOID_SIGNATURE}}};

	for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
		const char *name = strrchr(cases[n].file, '/');
		size_t at, seen = 0;

		name = name == NULL ? cases[n].file : name + 1;
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			begin(seed);
			judge();
			at = made_find(m, cases[n].file);
			if (at < m->count && all_hold(cases[n].checks)) {
				made_drop(m, at);
				judge();
				for (size_t k = 0; k < 3 && cases[n].checks[k] != CHECK_OK; k++) {
					ck_assert_int_eq(
						row(0, cases[n].checks[k])->state, VERIFY_LEFT);
					ck_assert(text_is(row(0, cases[n].checks[k])->about, name));
				}
				seen++;
			}
			arena_reset(&arena);
		}
		ck_assert_msg(seen > 0, "%s", cases[n].file);
	}
}
END_TEST

START_TEST(a_file_that_stands_twice_fails)
{
	static const char *const names[] = {
		"log.vkey", "attempt-1/freeze.tlog-proof", "attempt-1/key-operator.tlog-proof"};

	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
		begin(1);
		m->files[m->count] = m->files[made_find(m, names[n])];
		m->count++;
		judge();
		ck_assert_int_eq(row(0, CHECK_FILES)->state, VERIFY_FAILS);
		ck_assert_ptr_nonnull(strstr(names[n], row(0, CHECK_FILES)->file));
		arena_reset(&arena);
	}
}
END_TEST

START_TEST(the_key_that_the_verifying_person_has_must_be_the_one)
{
	struct text line;

	begin(1);
	line = m->files[made_find(m, "log.vkey")].bytes;
	options.log_vkey = text_span(line.at, line.len - 1);
	judge();
	ck_assert_int_eq(row(0, CHECK_LOG_KEY)->state, VERIFY_HOLDS);
	ck_assert(text_is(row(0, CHECK_LOG_KEY)->about, "given"));
	made_drop(m, made_find(m, "log.vkey")); /* then the person's own does */
	judge();
	ck_assert_int_eq(row(0, CHECK_LOG_KEY)->state, VERIFY_HOLDS);
	ck_assert_int_eq(row(0, CHECK_PROOF)->state, VERIFY_HOLDS);
	arena_reset(&arena);
	for (int other = 0; other < 2; other++) {
		uint8_t key[SIGN_KEY_LEN] = {1};
		struct text origin;

		begin(1);
		judge();
		origin = report.attempts[0].draw.freeze.origin;
		options.log_vkey = note_vkey(&arena,
			text_of(arena_printf(&arena, TEXT_FMT "%s/journal", TEXT_ARG(origin),
				other == 0 ? "" : ".example")),
			key);
		judge();
		ck_assert_int_eq(row(0, CHECK_LOG_KEY)->state, VERIFY_FAILS);
		ck_assert_str_eq(
			row(0, CHECK_LOG_KEY)->file, other == 0 ? "log.vkey" : "freeze.txt");
		ck_assert_int_eq(row(0, CHECK_PROOF)->state, VERIFY_UNREACHED);
		arena_reset(&arena);
	}
}
END_TEST

static enum beacon_answer
says_so(void *arg, const struct contributor *c, struct text given)
{
	(void)arg, (void)c, (void)given;
	return BEACON_HOLDS;
}

/* Where a witness saw the others' values before the round, and only there. */
START_TEST(a_drand_round_gives_level_3_when_a_witness_saw_what_came_before)
{
	size_t seen = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		options.beacon = says_so;
		judge();
		if (report.level == 3) {
			ck_assert_int_eq(
				row(report.count - 1, CHECK_BEACON_SEEN)->state, VERIFY_HOLDS);
			made_drop(m, made_find(m, "witnesses.vkeys"));
			judge();
			ck_assert_int_eq(
				row(report.count - 1, CHECK_BEACON_SEEN)->state, VERIFY_LEFT);
			ck_assert_int_eq(report.level, 2);
			seen++;
		}
		arena_reset(&arena);
	}
	ck_assert_uint_gt(seen, 0);
}
END_TEST

START_TEST(whether_a_beacon_was_seen_is_asked_of_the_proof_before_the_cosignatures)
{
	size_t seen = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct dice d = {seed};
		const char *name, *file;
		size_t at;

		begin(seed);
		judge();
		at = where(CHECK_BEACON_SEEN, VERIFY_HOLDS);
		if (at < report.count) {
			file = arena_printf(&arena, "value-%zu.tlog-proof",
				report.attempts[at].draw.freeze.contributors_count - 1);
			name = arena_printf(&arena, "attempt-%zu/%s", at + 1, file);
			made_prove(&arena, &d, m, TWIST_COSIGN_BYTES);
			made_drop(m, made_find(m, name));
			judge();
			ck_assert_int_eq(row(at, CHECK_COSIGNATURE)->state, VERIFY_FAILS);
			ck_assert_int_eq(row(at, CHECK_BEACON_SEEN)->state, VERIFY_LEFT);
			ck_assert(text_is(row(at, CHECK_BEACON_SEEN)->about, file));
			seen++;
		}
		arena_reset(&arena);
	}
	ck_assert_uint_gt(seen, 0);
}
END_TEST

/* A proof file is looked at up to 256 KiB, its signatures up to 100. */
START_TEST(a_proof_that_is_too_long_fails)
{
	struct verify_file *f;
	struct text more, line;

	begin(1);
	f = &m->files[made_find(m, "attempt-1/freeze.tlog-proof")];
	line = note_line(&arena, text_of("someone.example"),
		(const uint8_t[NOTE_ID_LEN + 900]){1, 2, 3, 4}, NOTE_ID_LEN + 900);
	for (int lines = 100; lines <= 400; lines += 300) {
		struct buf b;

		buf_init(&b, &arena, (size_t)1 << 20);
		buf_add(&b, f->bytes.at, f->bytes.len);
		for (int i = 0; i < lines; i++)
			buf_add(&b, line.at, line.len);
		more = buf_text(&b);
		ck_assert((more.len > 256 << 10) == (lines == 400));
		f->bytes = more;
		judge();
		ck_assert(row(0, CHECK_PROOF)->state == VERIFY_FAILS);
		ck_assert_str_eq(row(0, CHECK_PROOF)->file, "freeze.tlog-proof");
		f = &m->files[made_find(m, "attempt-1/freeze.tlog-proof")];
	}
	arena_reset(&arena);
}
END_TEST

/* Nothing but line ends takes no more room than the keys or signatures that would fit. */
START_TEST(a_file_of_line_ends_takes_little_memory)
{
	static const char *const names[] = {"witnesses.vkeys", "void-signatures.txt"};
	static char ends[256 << 10];
	size_t tried[2] = {0};

	memset(ends, '\n', sizeof ends);
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		for (size_t k = 0; k < 2; k++) {
			size_t before, plain;

			begin(seed);
			before = arena.used;
			judge();
			plain = arena.used - before;
			for (size_t i = 0; i < m->count; i++) {
				const char *tail = strrchr(m->files[i].name.at, '/');

				tail = tail == NULL ? m->files[i].name.at : tail + 1;
				if (strcmp(tail, names[k]) != 0)
					continue;
				m->files[i].bytes = text_span(ends, sizeof ends);
				tried[k]++;
			}
			before = arena.used;
			judge();
			ck_assert_uint_lt(
				arena.used - before, plain + report.count * 2 * sizeof ends);
			arena_reset(&arena);
		}
	ck_assert_uint_gt(tried[0], 0);
	ck_assert_uint_gt(tried[1], 0);
}
END_TEST

SUITE(proofs, what_the_maker_did_right_holds, a_file_of_line_ends_takes_little_memory,
	what_the_maker_did_wrong_fails_the_check_that_is_about_it,
	a_file_that_is_absent_leaves_the_check_that_needs_it, a_file_that_stands_twice_fails,
	the_key_that_the_verifying_person_has_must_be_the_one,
	a_drand_round_gives_level_3_when_a_witness_saw_what_came_before,
	whether_a_beacon_was_seen_is_asked_of_the_proof_before_the_cosignatures,
	a_proof_that_is_too_long_fails)
