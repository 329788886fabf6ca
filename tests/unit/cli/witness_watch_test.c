/* What a witness answers, and what it does not: each thing that is wrong with a freeze is refused
 * by its own reason. */
#include <check.h>
#include <string.h>

#include "cli/witness_turn.h"
#include "cli/witness_watch.h"
#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/draw/signup.h"
#include "lib/draw/void.h"
#include "lib/draw/void.h"
#include "lib/ledger/merkle.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/fake_log.h"
#include "tests/unit/draw/transcript.h"

#define ORIGIN	  "example.org/journal" /* of the transcript's freezes */
#define ATTEMPT_1 "attempt-1/"
#define ATTEMPT_2 "attempt-2/"

/* A market of one draw: attempt 1 voided, attempt 2 waiting for the witness "auditor-2". */
struct course {
	struct fake *fake;
	struct transcript t;
	struct watch watch;
	const char *announced, *frozen; /* times of their entries */
	const char *key_of;		/* the secret of the announced key of auditor-2 */
	bool synthetic, retired;	/* that key */
	size_t signups;			/* of 6 in the journal */
	size_t values;			/* of attempt 2 */
};

static void
key_make(const char *name, uint8_t ret_key[VRF_KEY_LEN])
{
	struct hash h = hash_of(name, strlen(name));

	h.at[0] &= 0x7f; /* as the transcript makes its secrets */
	ck_assert(vrf_public(h.at, ret_key));
}

static struct arena *
arena_of(struct course *c)
{
	return &c->fake->arena;
}

static void
put(struct course *c, const char *kind, const char *subject, const char *at, struct text payload)
{
	fake_put(c->fake,
		text_of(arena_printf(arena_of(c), "fairlot-entry/v1 %s %s x %s -\n" TEXT_FMT, kind,
			subject, at, TEXT_ARG(payload))));
}

static void
put_key(struct course *c, const char *kind, const char *name, const char *secret, const char *at)
{
	uint8_t key[VRF_KEY_LEN];
	char hex[2 * VRF_KEY_LEN + 1];

	key_make(secret, key);
	hex_encode(key, sizeof key, hex);
	put(c, kind, name, at,
		text_of(arena_printf(arena_of(c),
			"{\"kind\":\"vrf-p256\",\"name\":\"%s\",\"public_key\":\"%s\"%s}\n", name,
			hex, c->synthetic ? ",\"synthetic\":true" : "")));
}

static void
put_signups(struct course *c)
{
	struct text bin = *transcript_file(&c->t, ATTEMPT_1 "signups.bin"), entry;

	for (size_t i = 0; i < c->signups && bundle_cut(&bin, &entry); i++)
		fake_put(c->fake, entry);
}

/* The values of an attempt, the first so many, as its contributions.txt has them. */
static void
put_values(struct course *c, uint32_t attempt, size_t count)
{
	struct text rest = *transcript_file(&c->t,
			    arena_printf(arena_of(c), "attempt-%u/contributions.txt", attempt)),
		    line, word;

	for (size_t i = 0; text_cut(&rest, '\n', &line);) {
		if (!text_starts(line, "value ") || i++ >= count)
			continue;
		for (int n = 0; n < 3; n++)
			ck_assert(text_cut(&line, ' ', &word));
		put(c, "contribution", "prj-demo.1", "2026-09-01T09:00:00.000000Z",
			text_of(arena_printf(arena_of(c),
				"{\"attempt\":%u,\"draw\":\"prj-demo.1\",\"index\":%zu,\"%s\":"
				"\"" TEXT_FMT "\"}\n",
				attempt, i, text_is(word, "commit") ? "value" : "proof",
				TEXT_ARG(line))));
	}
}

static struct course *
course_new(void)
{
	static struct course c;
	uint8_t key[VRF_KEY_LEN];

	c = (struct course){.fake = fake_new(ORIGIN),
		.announced = "2026-08-01T00:00:00.000000Z",
		.frozen = "2026-09-01T08:30:00.000000Z",
		.key_of = "auditor-2",
		.signups = 6,
		.values = 2};
	transcript_make(arena_of(&c), &c.t);
	key_make("auditor-2", key);
	c.watch = (struct watch){.arena = arena_of(&c), .origin = text_of(ORIGIN)};
	memcpy(c.watch.key, key, sizeof key);
	return &c;
}

static void
course_free(struct course *c)
{
	fake_free(&c->fake);
}

static void
feed(struct course *c)
{
	const char *err = "";

	ck_assert_int_eq(fake_pull(c->fake), PULL_NEW);
	ck_assert_msg(log_scan(&c->fake->log, c->watch.next, watch_entry, &c->watch,
			      &c->fake->arena, &err),
		"%s", err);
}

/* The journal of the course, to where the witness is awaited; the witness reads it. */
static struct watch_attempt *
course_run(struct course *c)
{
	put_key(c, "key-announced", "operator", "operator", "2026-08-01T00:00:00.000000Z");
	put_key(c, "key-announced", "auditor-2", c->key_of, c->announced);
	if (c->retired)
		put_key(c, "key-retired", "auditor-2", c->key_of, c->announced);
	put_signups(c);
	put(c, "freeze", "prj-demo.1", "2026-08-31T18:43:20.000000Z",
		*transcript_file(&c->t, ATTEMPT_1 "freeze.txt"));
	put_values(c, 1, 2);
	put(c, "void", "prj-demo.1", "2026-09-01T08:00:00.000000Z",
		*transcript_file(&c->t, ATTEMPT_1 "void.txt"));
	put(c, "freeze", "prj-demo.1", c->frozen, *transcript_file(&c->t, ATTEMPT_2 "freeze.txt"));
	put_values(c, 2, c->values);
	/* The transcript as it is served while the witness is awaited. */
	transcript_drop(&c->t, ATTEMPT_2 "result.txt");
	feed(c);
	ck_assert_uint_eq(c->watch.attempts_count, 1);
	return &c->watch.attempts[0];
}

static const char *
judged(struct course *c, const struct watch_attempt *t)
{
	return watch_judge(&c->watch, &c->fake->log, t, c->t.files, c->t.count, arena_of(c));
}

static void
refuses(struct course *c, const char *want)
{
	const char *why = judged(c, course_run(c));

	ck_assert_msg(why != NULL && strstr(why, want) != NULL, "%s, not %s",
		why == NULL ? "answered" : why, want);
	course_free(c);
}

START_TEST(a_sound_freeze_is_answered_when_it_is_its_turn)
{
	struct course *c = course_new();
	struct watch_attempt *t = course_run(c);

	ck_assert_uint_eq(t->place, 2);
	ck_assert(watch_is_due(t));
	ck_assert_msg(judged(c, t) == NULL, "%s", judged(c, t));
	put_values(c, 2, 3);
	feed(c);
	ck_assert(c->watch.attempts[0].settled && !watch_is_due(&c->watch.attempts[0]));
	course_free(c);
}
END_TEST

START_TEST(nobody_speaks_before_its_turn)
{
	struct course *c = course_new();
	struct watch_attempt *t;

	c->values = 1;
	t = course_run(c);
	ck_assert(!watch_is_due(t));
	put_values(c, 2, 2);
	feed(c);
	ck_assert(watch_is_due(t));
	course_free(c);
}
END_TEST

START_TEST(a_void_attempt_is_not_answered_any_more)
{
	struct course *c = course_new();
	struct text *v = transcript_file(&c->t, ATTEMPT_1 "void.txt");

	(void)course_run(c);
	transcript_edit(arena_of(c), &c->t, ATTEMPT_1 "void.txt", "attempt 1", "attempt 2");
	put(c, "void", "prj-demo.1", "2026-09-01T10:00:00.000000Z", *v);
	feed(c);
	ck_assert(!watch_is_due(&c->watch.attempts[0]));
	course_free(c);
}
END_TEST

START_TEST(two_freezes_of_an_attempt_are_refused_whichever_comes_first)
{
	struct course *c = course_new();
	struct text *freeze = transcript_file(&c->t, ATTEMPT_2 "freeze.txt"), kept = *freeze;
	char hex[2 * VRF_KEY_LEN + 1];

	/* The other one does not even name this witness. */
	hex_encode(c->watch.key, VRF_KEY_LEN, hex);
	transcript_edit(arena_of(c), &c->t, ATTEMPT_2 "freeze.txt",
		arena_printf(arena_of(c), "contributor 3 vrf-p256 auditor-2 %s\n", hex), "");
	put(c, "freeze", "prj-demo.1", "2026-09-01T08:20:00.000000Z", *freeze);
	*freeze = kept;
	refuses(c, "two freezes");
	c = course_new();
	freeze = transcript_file(&c->t, ATTEMPT_2 "freeze.txt");
	kept = *freeze;
	(void)course_run(c);
	transcript_edit(arena_of(c), &c->t, ATTEMPT_2 "freeze.txt", "winners 2", "winners 1");
	put(c, "freeze", "prj-demo.1", "2026-09-01T11:00:00.000000Z", *freeze);
	*freeze = kept;
	feed(c);
	ck_assert_ptr_nonnull(strstr(judged(c, &c->watch.attempts[0]), "two freezes"));
	course_free(c);
}
END_TEST

START_TEST(a_transcript_that_is_not_of_the_journals_freeze_is_refused)
{
	struct course *c = course_new();
	struct watch_attempt *t = course_run(c);

	transcript_edit(arena_of(c), &c->t, ATTEMPT_2 "freeze.txt", "winners 2", "winners 1");
	ck_assert_ptr_nonnull(strstr(judged(c, t), "another freeze"));
	course_free(c);
}
END_TEST

/* A sign-up that no list has. */
static void
put_stranger(struct course *c)
{
	struct hash seal = {{7}};

	fake_put(c->fake,
		signup_entry(arena_of(c), text_of("prj-demo.1"),
			text_of("2026-08-31T18:30:00.000000Z"), &seal));
}

START_TEST(lists_that_are_not_the_journals_signups_are_refused)
{
	struct course *c = course_new();

	/* One was left out … */
	put_stranger(c);
	refuses(c, "7 sign-ups, the lists have 6");
	/* … one was put in … */
	c = course_new();
	c->signups = 5;
	refuses(c, "5 sign-ups, the lists have 6");
	/* … one stands in another's place. */
	c = course_new();
	c->signups = 5;
	put_stranger(c);
	refuses(c, "differ");
}
END_TEST

START_TEST(keys_that_are_absent_young_retired_or_made_up_are_refused)
{
	struct course *c = course_new();

	c->key_of = "somebody";
	refuses(c, "not announced");
	c = course_new();
	c->announced = "2026-08-24T18:43:16.000000Z";
	refuses(c, "too young");
	c = course_new();
	c->announced = "2026-08-24T18:43:15.000000Z"; /* seven days to the second */
	ck_assert_ptr_null(judged(c, course_run(c)));
	course_free(c);
	c = course_new();
	c->retired = true;
	refuses(c, "retired");
	c = course_new();
	c->synthetic = true;
	refuses(c, "not announced");
}
END_TEST

START_TEST(a_freeze_of_another_time_or_journal_is_refused)
{
	struct course *c = course_new();

	c->frozen = "2026-08-31T18:43:14.000000Z";
	refuses(c, "before the deadline");
	c = course_new();
	c->watch.origin = text_of("fairlot.example/market");
	refuses(c, "another journal");
}
END_TEST

/* Values of attempt 1 are sound ones, of another freeze: replayed, forged, exchanged. */
START_TEST(values_before_its_own_are_checked)
{
	struct course *c = course_new();
	struct text *two, one;

	two = transcript_file(&c->t, ATTEMPT_2 "contributions.txt");
	one = *transcript_file(&c->t, ATTEMPT_1 "contributions.txt");
	c->values = 0;
	(void)course_run(c);
	*two = one;
	put_values(c, 2, 2);
	transcript_drop(&c->t, ATTEMPT_2 "contributions.txt");
	feed(c);
	ck_assert(watch_is_due(&c->watch.attempts[0]));
	ck_assert_ptr_nonnull(strstr(judged(c, &c->watch.attempts[0]), "value 1: vrf-"));
	course_free(c);
}
END_TEST

START_TEST(what_a_transcript_shows_by_itself_must_hold)
{
	static const struct {
		const char *file, *old, *new, *want;
	} edits[] = {
		{ATTEMPT_2 "candidates.txt", "agency-1 1", "agency-1 2", "candidate-root"},
		{ATTEMPT_2 "rules.txt", "notice 3s", "notice 4s", "rules-hash"},
		{ATTEMPT_2 "notice.txt", "survey", "design", "notice-hash"},
		{ATTEMPT_2 "excluded.txt", "withdrawn", "suspended", "excluded-root"},
		{ATTEMPT_1 "void.txt", "by usr-a usr-b", "by usr-a usr-c", "previous"},
		{ATTEMPT_2 "signups.txt", "agency-1 ", "agency-9 ", "signup"},
	};

	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct course *c = course_new();
		struct watch_attempt *t = course_run(c);
		const char *why;

		transcript_edit(arena_of(c), &c->t, edits[i].file, edits[i].old, edits[i].new);
		why = judged(c, t);
		ck_assert_msg(why != NULL && strstr(why, edits[i].want) != NULL, "%s, not %s",
			why == NULL ? "answered" : why, edits[i].want);
		course_free(c);
	}
}
END_TEST

START_TEST(files_that_are_absent_are_no_reason_to_answer)
{
	static const char *const names[] = {ATTEMPT_2 "signups.bin", ATTEMPT_2 "notice.txt",
		ATTEMPT_2 "rules.txt", ATTEMPT_2 "candidates.txt", ATTEMPT_1 "void.txt",
		ATTEMPT_2 "freeze.txt"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct course *c = course_new();
		struct watch_attempt *t = course_run(c);

		transcript_drop(&c->t, names[i]);
		ck_assert_msg(judged(c, t) != NULL, "%s", names[i]);
		course_free(c);
	}
}
END_TEST

/* The record of a void of attempt 2, which awaits the witness or, with one value, the owner. */
static const char *
void_judged(struct course *c, const char *draw, const char *stalled, const char *second, bool other)
{
	struct watch_attempt *t = &c->watch.attempts[0];
	struct void_record v = {.draw = text_of(draw),
		.attempt = 2,
		.has_freeze = true,
		.freeze = t->f,
		.reason = text_of(stalled == NULL ? "notice-error" : "contributor-stalled"),
		.stalled = text_of(stalled),
		.by = {text_of("usr-a"), text_of(second)},
		.at = text_of("2026-09-02T08:00:00Z")};
	struct text record;

	v.freeze.at[0] ^= other;
	ck_assert_int_eq(void_build(arena_of(c), &v, &record), CHECK_OK);
	return witness_void_fault(&c->watch, record, arena_of(c));
}

START_TEST(a_void_is_signed_when_the_journal_shows_what_it_says)
{
	struct course *c = course_new();
	const char *why;

	c->values = 1;
	(void)course_run(c);
	ck_assert_ptr_null(void_judged(c, "prj-demo.1", "owner", "usr-b", false));
	ck_assert_ptr_null(void_judged(c, "prj-demo.1", NULL, "usr-b", false));
	why = void_judged(c, "prj-demo.1", "operator", "usr-b", false);
	ck_assert_ptr_nonnull(strstr(why, "does not stall"));
	why = void_judged(c, "prj-demo.1", "owner", "usr-b", true);
	ck_assert_ptr_nonnull(strstr(why, "another freeze"));
	why = void_judged(c, "prj-other.1", "owner", "usr-b", false);
	ck_assert_ptr_nonnull(strstr(why, "no freeze"));
	why = witness_void_fault(&c->watch, text_of("rubbish\n"), arena_of(c));
	ck_assert_ptr_nonnull(strstr(why, "no record"));
	put_values(c, 2, 2);
	feed(c);
	why = void_judged(c, "prj-demo.1", "owner", "usr-b", false);
	ck_assert_ptr_nonnull(strstr(why, "this witness"));
	course_free(c);
}
END_TEST

START_TEST(entries_that_are_none_are_passed_over)
{
	static const char *const kinds[] = {
		"key-announced", "key-retired", "contribution", "freeze", "void", "award"};
	static const char *const payloads[] = {"", "null\n", "{}\n", "[1]\n", "fairlot-draw/v1\n",
		"{\"attempt\":-1,\"index\":0,\"proof\":\"zz\"}\n",
		"{\"attempt\":2,\"index\":99999999999,\"proof\":\"00\"}\n",
		"{\"kind\":\"vrf-p256\",\"public_key\":\"00\"}\n"};
	struct course *c = course_new();

	(void)course_run(c);
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		for (size_t p = 0; p < sizeof payloads / sizeof payloads[0]; p++)
			put(c, kinds[k], "prj-demo.1", "2026-09-02T00:00:00.000000Z",
				text_of(payloads[p]));
	fake_put(c->fake, text_of("rubbish"));
	fake_put(c->fake, text_of(""));
	feed(c);
	ck_assert_uint_eq(c->watch.attempts_count, 1);
	ck_assert_ptr_null(judged(c, &c->watch.attempts[0]));
	course_free(c);
}
END_TEST

SUITE(witness_watch, a_sound_freeze_is_answered_when_it_is_its_turn, nobody_speaks_before_its_turn,
	a_void_attempt_is_not_answered_any_more,
	two_freezes_of_an_attempt_are_refused_whichever_comes_first,
	a_transcript_that_is_not_of_the_journals_freeze_is_refused,
	lists_that_are_not_the_journals_signups_are_refused,
	keys_that_are_absent_young_retired_or_made_up_are_refused,
	a_freeze_of_another_time_or_journal_is_refused, values_before_its_own_are_checked,
	what_a_transcript_shows_by_itself_must_hold, files_that_are_absent_are_no_reason_to_answer,
	a_void_is_signed_when_the_journal_shows_what_it_says, entries_that_are_none_are_passed_over)
