/* Voids of one attempt and the attempt that follows (TR12); disqualification by two people. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/verify.h"
#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

enum {
	WITNESSES = 3
};

struct stage {
	struct choice *w;
	const char *project, *draw, *witness[WITNESSES], *request;
};

/* Frozen, with witness-0 and witness-1; witness-2 is announced too. */
static struct stage
stage_new(const char *more)
{
	struct stage s = {.w = choice_new()};
	struct pg_answer a;

	for (int i = 0; i < WITNESSES; i++)
		s.witness[i] = choice_witness(s.w, i);
	s.project = choice_open(s.w, "draw",
		choice_text(s.w, ",\"witnesses\":[\"witness-0\",\"witness-1\"]%s", more));
	s.draw = choice_text(s.w, "%s.1", s.project);
	for (int i = 0; i < 4; i++) {
		a = choice_signup(s.w, s.project, i);
		choice_accepts(&a, 201);
	}
	pg_clock_set(s.w->pg, pg_value(s.w->pg, "SELECT deadline_at FROM market.project"));
	a = choice_freeze(s.w, s.draw);
	ck_assert_str_eq(a.code, "");
	return s;
}

/* The owner and witness-0 speak; witness-1 does not. */
static void
stalled(struct stage *s)
{
	struct pg_answer a = choice_contribute(s->w, s->draw, s->w->owner);

	choice_accepts(&a, 200);
	a = choice_give(s->w, s->draw, 3, s->witness[0], choice_proof(s->w, s->draw, 0));
	choice_accepts(&a, 200);
	pg_clock_move(s->w->pg, "1 hour");
	ck_assert(choice_job(s->w, SQL_job_draw_stall, s->draw));
}

static struct pg_answer
void_asked(struct stage *s, const char *body)
{
	struct pg_answer a =
		choice_call(s->w, SQL_project_void, s->w->reviewer, s->project, -1, body);

	if (a.code[0] == '\0')
		s->request = pg_member(s->w->pg, a.body, "/id");
	return a;
}

static const char *
cosign_key(struct stage *s, int witness)
{
	return pg_value(s->w->pg, "SELECT cosign_key FROM market.witness WHERE name = 'witness-%d'",
		witness);
}

static struct pg_answer
void_says(struct stage *s, int witness, int signature)
{
	return choice_void_sign(s->w, s->request, s->witness[witness], witness, signature);
}

static struct pg_answer
void_signed(struct stage *s, int witness)
{
	return void_says(s, witness, witness);
}

/* witness-1 is voided; what is owed is signed. */
static void
voided(struct stage *s, const char *replacement)
{
	struct pg_answer a = void_asked(s,
		choice_text(s->w,
			"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\"%s}",
			replacement));

	choice_accepts(&a, 201);
	a = choice_done(s->w, 200, SQL_void_confirm, s->w->regulator, s->request, 1, NULL);
	ck_assert_str_eq(pg_member(s->w->pg, a.body, "/state"), "signing");
	ck_assert_str_eq(pg_member(s->w->pg, a.body, "/owed/0"), "witness-0");
	ck_assert_str_eq(pg_member(s->w->pg, a.body, "/owed/1"), "");
	a = void_signed(s, 0);
	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(s->w->pg, a.body, "/state"), "confirmed");
}

static const char *
looked(struct stage *s, const char *pointer)
{
	struct pg_answer a = pg_call(s->w->pg, s->w->pg->reader, SQL_draw_get, "id", s->draw, NULL);

	return pg_member(s->w->pg, a.body, pointer);
}

static const char *
second_r(struct stage *s)
{
	return pg_value(s->w->pg, "SELECT encode(sha256('second r of %s'), 'hex')", s->draw);
}

static struct pg_answer
committed(struct stage *s, const char *hex)
{
	return choice_call(s->w, SQL_project_commit, s->w->owner, s->project,
		choice_version(s->w, s->project),
		choice_text(s->w, "{\"commitment\":\"%s\"}", hex));
}

static const char *
second_commitment(struct stage *s)
{
	uint8_t r[CONTRIBUTION_R_LEN];
	char hex[2 * HASH_LEN + 1];
	struct hash c;

	ck_assert(hex_decode(text_of(second_r(s)), r, sizeof r));
	c = commitment_of(text_of(s->draw), text_of("owner"), r);
	hex_encode(c.at, HASH_LEN, hex);
	return choice_text(s->w, "%s", hex);
}

static struct verify_report
transcript_judged(struct stage *s, const char *file)
{
	struct pg_answer a =
		pg_call(s->w->pg, s->w->pg->reader, SQL_draw_transcript, "id", s->draw, NULL);
	struct verify_file files[40];
	struct verify_options options = {0};
	struct verify_report r;
	int count = PQntuples(a.rows);
	bool found = false;

	ck_assert_int_le(count, 40);
	for (int i = 0; i < count; i++) {
		const char *hex = PQgetvalue(a.rows, i, 1) + 2;
		size_t len = strlen(hex) / 2;
		uint8_t *at = arena_alloc(&s->w->pg->arena, len + 1);

		ck_assert(hex_decode(text_span(hex, 2 * len), at, len));
		files[i] = (struct verify_file){
			text_of(PQgetvalue(a.rows, i, 0)), text_span((const char *)at, len)};
		found = found || strcmp(PQgetvalue(a.rows, i, 0), file) == 0;
	}
	ck_assert_msg(found, "no %s", file);
	draw_verify(&s->w->pg->arena, files, (size_t)count, &options, &r);
	for (size_t i = 0; i < r.count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			ck_assert_msg(r.attempts[i].rows[c].state != VERIFY_FAILS,
				"attempt %zu: %s", i + 1, check_row((enum check)c)->code);
	return r;
}

START_TEST(a_witness_that_stalled_is_replaced_in_the_next_attempt)
{
	struct stage s = stage_new("");
	const char *old;
	struct verify_report r;
	struct pg_answer a;

	stalled(&s);
	old = choice_proof(s.w, s.draw, 0);
	voided(&s, ",\"replacement\":\"witness-2\"");
	ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
	ck_assert_str_eq(looked(&s, "/state"), "requested");
	ck_assert_str_eq(looked(&s, "/attempt"), "2");
	ck_assert_str_eq(looked(&s, "/awaited"), "owner");
	ck_assert_str_eq(looked(&s, "/attempts/0/void_reason"), "contributor-stalled");
	/* Neither a value nor a freeze before the owner has committed anew. */
	a = choice_freeze(s.w, s.draw);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	a = committed(&s, pg_value(s.w->pg, "SELECT encode(commitment, 'hex') FROM market.round"));
	choice_refuses(&a, "duplicate", "draw.commitment");
	a = committed(&s, second_commitment(&s));
	choice_accepts(&a, 200);
	ck_assert_str_eq(looked(&s, "/state"), "open");
	a = choice_freeze(s.w, s.draw);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	ck_assert_str_eq(looked(&s, "/contributions/3/name"), "witness-2");
	a = choice_give(s.w, s.draw, 2, s.w->owner, second_r(&s));
	choice_accepts(&a, 200);
	ck_assert_str_ne(old, choice_proof(s.w, s.draw, 0));
	a = choice_give(s.w, s.draw, 3, s.witness[0], choice_proof(s.w, s.draw, 0));
	choice_accepts(&a, 200);
	a = choice_give(s.w, s.draw, 4, s.witness[2], choice_proof(s.w, s.draw, 2));
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	r = transcript_judged(&s, "attempt-1/void-signatures.txt");
	ck_assert_uint_eq(r.count, 2);
	ck_assert_int_eq(r.level, 2);
	/* They hold; whose keys they are by is for the journal to say, which is not there. */
	ck_assert_int_eq(r.attempts[0].rows[CHECK_VOID_SIGNATURE].state, VERIFY_LEFT);
	ck_assert(text_is(r.attempts[0].rows[CHECK_VOID_SIGNATURE].about, "log.vkey"));
	choice_free(&s.w);
}
END_TEST

START_TEST(without_a_replacement_the_next_attempt_has_one_witness_less)
{
	struct stage s = stage_new("");
	struct pg_answer a;

	stalled(&s);
	voided(&s, "");
	a = committed(&s, second_commitment(&s));
	choice_accepts(&a, 200);
	choice_freeze(s.w, s.draw);
	ck_assert_str_eq(looked(&s, "/contributions/2/name"), "witness-0");
	ck_assert_str_eq(looked(&s, "/contributions/3/name"), "");
	ck_assert_str_eq(looked(&s, "/level"), "L2");
	choice_free(&s.w);
}
END_TEST

START_TEST(nobody_is_replaced_who_did_not_stall)
{
	struct stage s = stage_new("");
	struct pg_answer a =
		void_asked(&s, "{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\"}");

	choice_refuses(&a, "rule", "draw.stall");
	a = void_asked(&s, "{\"reason\":\"contributor-stalled\"}");
	choice_refuses(&a, "rule", "TR12");
	stalled(&s);
	a = void_asked(&s, "{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-0\"}");
	choice_refuses(&a, "rule", "draw.stall");
	a = void_asked(&s,
		"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\","
		"\"replacement\":\"witness-0\"}");
	choice_refuses(&a, "rule", "draw.replacement");
	a = void_asked(&s,
		"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\","
		"\"replacement\":\"operator\"}");
	choice_refuses(&a, "rule", "draw.replacement");
	a = void_asked(&s, "{\"reason\":\"list-changed\",\"replacement\":\"witness-2\"}");
	choice_refuses(&a, "rule", "draw.replacement");
	a = void_asked(&s, "{\"reason\":\"notice-error\",\"replacement\":\"witness-2\"}");
	choice_refuses(&a, "rule", "draw.replacement");
	a = void_asked(&s, "{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\"}");
	choice_accepts(&a, 201);
	/* It speaks at last: the request lapses. */
	a = choice_give(s.w, s.draw, 4, s.witness[1], choice_proof(s.w, s.draw, 1));
	choice_accepts(&a, 200);
	choice_refused(
		s.w, "wrong-state", "TR12", SQL_void_confirm, s.w->regulator, s.request, 2, NULL);
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	choice_free(&s.w);
}
END_TEST

START_TEST(who_is_awaited_in_time_or_spoke_late_is_not_replaced)
{
	struct stage s = stage_new("");
	struct pg_answer a = choice_contribute(s.w, s.draw, s.w->owner);

	choice_accepts(&a, 200);
	a = void_asked(&s, "{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-0\"}");
	choice_refuses(&a, "rule", "draw.stall");
	pg_clock_move(s.w->pg, "1 hour");
	ck_assert(choice_job(s.w, SQL_job_draw_stall, s.draw));
	a = choice_give(s.w, s.draw, 3, s.witness[0], choice_proof(s.w, s.draw, 0));
	choice_accepts(&a, 200);
	a = void_asked(&s, "{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-0\"}");
	choice_refuses(&a, "rule", "draw.stall");
	choice_free(&s.w);
}
END_TEST

START_TEST(a_replacement_whose_key_ended_meanwhile_is_refused)
{
	struct stage s = stage_new("");
	struct pg_answer a;

	stalled(&s);
	a = void_asked(&s,
		"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\","
		"\"replacement\":\"witness-2\"}");
	choice_accepts(&a, 201);
	pg_run(s.w->pg,
		"UPDATE market.draw_key SET retired_at = api.now() WHERE name = 'witness-2'");
	choice_refused(s.w, "rule", "draw.replacement", SQL_void_confirm, s.w->regulator, s.request,
		1, NULL);
	choice_free(&s.w);
}
END_TEST

START_TEST(a_void_of_a_frozen_draw_is_signed_by_every_witness)
{
	struct stage s = stage_new("");
	struct pg_answer a = void_asked(&s, "{\"reason\":\"notice-error\"}");

	choice_accepts(&a, 201);
	a = void_signed(&s, 0);
	choice_refuses(&a, "wrong-state", "void.signing");
	choice_done(s.w, 200, SQL_void_confirm, s.w->regulator, s.request, 1, NULL);
	a = void_asked(&s, "{\"reason\":\"notice-error\"}");
	choice_refuses(&a, "duplicate", "TR12");
	s.request = pg_value(s.w->pg, "SELECT id FROM market.void_request");
	a = void_signed(&s, 2);
	choice_refuses(&a, "forbidden", "void.witness");
	a = void_signed(&s, 1);
	choice_accepts(&a, 200);
	a = void_signed(&s, 1);
	choice_accepts(&a, 200); /* the same fact */
	a = void_says(&s, 1, 7);
	choice_refuses(&a, "forbidden", "void.witness");
	ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
	pg_clock_move(s.w->pg, "5 minutes");
	a = void_signed(&s, 0);
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(s.w, s.project), "voided");
	a = void_signed(&s, 0); /* it was under way when its repeat was read */
	choice_accepts(&a, 200);
	a = void_says(&s, 0, 7);
	choice_refuses(&a, "wrong-state", "void.signing");
	ck_assert_int_eq(pg_number(s.w->pg, "SELECT count(*) FROM market.void_signature"), 2);
	/* What was signed is what stands. */
	ck_assert_str_eq(pg_value(s.w->pg, "SELECT record FROM market.void_request"),
		pg_value(s.w->pg, "SELECT void FROM market.draw"));
	choice_free(&s.w);
}
END_TEST

static const char *
winner_key(struct stage *s)
{
	return pg_value(s->w->pg,
		"SELECT k.id FROM market.standing s JOIN market.agency a ON a.id = s.agency_id "
		"JOIN market.api_key k USING (organisation_id) WHERE s.place = 1");
}

/* The last signature comes when one place has its order and another is filled again. */
START_TEST(a_void_that_was_signed_too_late_ends_no_round_that_has_an_order)
{
	struct stage s = stage_new(",\"winners\":2");
	struct pg_answer a = void_asked(&s, "{\"reason\":\"notice-error\"}");

	choice_accepts(&a, 201);
	choice_done(s.w, 200, SQL_void_confirm, s.w->regulator, s.request, 1, NULL);
	a = void_signed(&s, 0);
	choice_accepts(&a, 200);
	a = choice_contribute(s.w, s.draw, s.w->owner);
	choice_accepts(&a, 200);
	for (int i = 0; i < 2; i++) {
		a = choice_give(s.w, s.draw, 3 + i, s.witness[i], choice_proof(s.w, s.draw, i));
		choice_accepts(&a, 200);
	}
	pg_clock_move(s.w->pg, "1 second");
	ck_assert(choice_job(s.w, SQL_job_project_award, s.project));
	choice_done(s.w, 200, SQL_award_decline, winner_key(&s), s.project,
		choice_version(s.w, s.project), "{\"reason\":\"x\"}");
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	a = void_signed(&s, 1);
	choice_refuses(&a, "wrong-state", "TR12");
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	choice_free(&s.w);
}
END_TEST

START_TEST(an_owner_that_does_not_commit_anew_ends_the_round)
{
	struct stage s = stage_new("");
	struct pg_answer a;

	stalled(&s);
	voided(&s, "");
	ck_assert(!choice_job(s.w, SQL_job_draw_stall, s.draw));
	pg_clock_move(s.w->pg, "1 hour");
	a = committed(&s, second_commitment(&s));
	choice_refuses(&a, "late", "draw.stall");
	ck_assert(choice_job(s.w, SQL_job_draw_stall, s.draw));
	ck_assert_str_eq(choice_state(s.w, s.project), "failed");
	ck_assert_str_eq(
		pg_value(s.w->pg, "SELECT end_reason FROM market.project"), "owner-stalled");
	choice_free(&s.w);
}
END_TEST

/* The list is judged anew only when the void says so. */
START_TEST(the_next_attempt_keeps_the_list_unless_that_is_what_changed)
{
	for (int changed = 0; changed < 2; changed++) {
		struct stage s = stage_new("");
		struct pg_answer a;

		stalled(&s);
		pg_run(s.w->pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
			s.w->agency_id[3]);
		if (changed) {
			a = void_asked(&s, "{\"reason\":\"list-changed\"}");
			choice_accepts(&a, 201);
			choice_done(s.w, 200, SQL_void_confirm, s.w->regulator, s.request, 1, NULL);
			void_signed(&s, 0);
			a = void_signed(&s, 1);
			choice_accepts(&a, 200);
		} else
			voided(&s, "");
		a = committed(&s, second_commitment(&s));
		choice_accepts(&a, 200);
		a = choice_freeze(s.w, s.draw);
		ck_assert_str_eq(a.code, "");
		ck_assert_str_eq(looked(&s, "/candidates"), changed ? "3" : "4");
		transcript_judged(&s, "attempt-2/signups.bin");
		choice_free(&s.w);
	}
}
END_TEST

START_TEST(a_disqualification_takes_operator_and_regulator_and_moves_the_next_up)
{
	struct stage s = stage_new("");
	struct pg_answer a = choice_call(s.w, SQL_disqualification_create, s.w->reviewer, s.project,
		-1, "{\"place\":1,\"reason\":\"collusion\"}");

	choice_refuses(&a, "wrong-state", "draw.disqualify");
	stalled(&s);
	a = choice_give(s.w, s.draw, 4, s.witness[1], choice_proof(s.w, s.draw, 1));
	choice_accepts(&a, 200);
	choice_refused(s.w, "rule", "draw.disqualify", SQL_disqualification_create, s.w->reviewer,
		s.project, -1, "{\"place\":2,\"reason\":\"collusion\"}");
	a = choice_done(s.w, 201, SQL_disqualification_create, s.w->reviewer, s.project, -1,
		"{\"place\":1,\"reason\":\"collusion\"}");
	s.request = pg_member(s.w->pg, a.body, "/id");
	choice_refused(s.w, "duplicate", "draw.disqualify", SQL_disqualification_create,
		s.w->reviewer2, s.project, -1, "{\"place\":1,\"reason\":\"collusion\"}");
	choice_refused(s.w, "rule", "draw.disqualify", SQL_disqualification_confirm, s.w->reviewer,
		s.request, 1, NULL);
	choice_done(s.w, 200, SQL_disqualification_confirm, s.w->regulator, s.request, 1, NULL);
	ck_assert_str_eq(
		pg_value(s.w->pg,
			"SELECT state || ' ' || reason FROM market.standing WHERE place = 1"),
		"disqualified disqualified:collusion");
	ck_assert_str_eq(
		pg_value(s.w->pg, "SELECT state FROM market.standing WHERE place = 2"), "winner");
	choice_refused(s.w, "wrong-state", "draw.disqualify", SQL_disqualification_confirm,
		s.w->regulator, s.request, 2, NULL);
	choice_free(&s.w);
}
END_TEST

START_TEST(a_draw_has_a_next_attempt_between_freeze_and_result_only)
{
	struct stage s = stage_new("");
	const char *open = choice_open(s.w, "draw", "");
	struct pg_answer a = choice_refused(s.w, "wrong-state", "draw.attempt", SQL_project_void,
		s.w->reviewer, open, -1, "{\"reason\":\"list-changed\"}");

	stalled(&s);
	a = void_asked(&s, "{\"reason\":\"list-changed\"}");
	choice_accepts(&a, 201);
	choice_done(s.w, 200, SQL_void_confirm, s.w->regulator, s.request, 1, NULL);
	a = void_signed(&s, 0);
	choice_accepts(&a, 200);
	/* What the last signature carries out is still about this attempt: no event leaves it
	 * otherwise, so the state is set by hand. */
	pg_run(s.w->pg, "UPDATE market.draw SET state = 'drawn' WHERE id = '%s'", s.draw);
	a = void_signed(&s, 1);
	choice_refuses(&a, "conflict", "draw.attempt");
	pg_run(s.w->pg, "UPDATE market.draw SET state = 'contributing' WHERE id = '%s'", s.draw);
	a = choice_give(s.w, s.draw, 4, s.witness[1], choice_proof(s.w, s.draw, 1));
	choice_accepts(&a, 200);
	a = void_asked(&s, "{\"reason\":\"list-changed\"}");
	choice_refuses(&a, "wrong-state", "draw.attempt");
	choice_free(&s.w);
}
END_TEST

static void
sign_refused(struct stage *s, int caller, int name, int key)
{
	struct pg_answer a = pg_call(s->w->pg, s->w->pg->writer, SQL_void_sign, "caller",
		s->witness[caller], "need", "32", "id", s->request, "name",
		choice_text(s->w, "witness-%d", name), "cosign_key", cosign_key(s, key),
		"signature", pg_value(s->w->pg, "SELECT sha512('x')"), NULL);

	choice_refuses(&a, "forbidden", "void.witness");
}

START_TEST(a_void_is_signed_by_its_witness_with_its_own_key)
{
	struct stage s = stage_new("");
	struct pg_answer a = void_asked(&s, "{\"reason\":\"notice-error\"}");

	choice_accepts(&a, 201);
	choice_done(s.w, 200, SQL_void_confirm, s.w->regulator, s.request, 1, NULL);
	sign_refused(&s, 1, 0, 0);
	sign_refused(&s, 0, 1, 0);
	sign_refused(&s, 0, 0, 1);
	a = pg_call(s.w->pg, s.w->pg->reader, SQL_void_sign_read, "caller", s.witness[0], "id",
		s.request, NULL);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, PQfnumber(a.rows, "name")), "witness-0");
	a = pg_call(s.w->pg, s.w->pg->reader, SQL_void_sign_read, "caller", s.witness[2], "id",
		s.request, NULL);
	choice_refuses(&a, "forbidden", "void.witness");
	choice_free(&s.w);
}
END_TEST

START_TEST(a_void_that_nobody_asked_for_is_not_found)
{
	struct stage s = stage_new("");
	struct pg_answer a =
		pg_call(s.w->pg, s.w->pg->reader, SQL_void_get, "id", "vod_none", NULL);

	choice_refuses(&a, "not-found", "");
	a = pg_call(s.w->pg, s.w->pg->reader, SQL_void_sign_read, "caller", s.witness[0], "id",
		"vod_none", NULL);
	choice_refuses(&a, "not-found", "");
	choice_refused(s.w, "not-found", "", SQL_void_confirm, s.w->regulator, "vod_none", 1, NULL);
	s.request = "vod_none";
	a = void_signed(&s, 0);
	choice_refuses(&a, "not-found", "");
	choice_free(&s.w);
}
END_TEST

SUITE(attempt, a_witness_that_stalled_is_replaced_in_the_next_attempt,
	without_a_replacement_the_next_attempt_has_one_witness_less,
	nobody_is_replaced_who_did_not_stall, who_is_awaited_in_time_or_spoke_late_is_not_replaced,
	a_replacement_whose_key_ended_meanwhile_is_refused,
	a_void_of_a_frozen_draw_is_signed_by_every_witness,
	a_void_that_was_signed_too_late_ends_no_round_that_has_an_order,
	an_owner_that_does_not_commit_anew_ends_the_round,
	the_next_attempt_keeps_the_list_unless_that_is_what_changed,
	a_disqualification_takes_operator_and_regulator_and_moves_the_next_up,
	a_draw_has_a_next_attempt_between_freeze_and_result_only,
	a_void_is_signed_by_its_witness_with_its_own_key, a_void_that_nobody_asked_for_is_not_found)
