/* A price that is drawn: the draw of the coefficient after the order, what it makes of the ceiling,
 * and what ends it. */
#include <check.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/verify.h"
#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

enum {
	AGENCIES = 4,
	CEILING = 100001
};

/* The usual price of a draw is fixed: these members come later and count. */
#define CEILED	  ",\"price_basis\":\"ceiling\",\"price_fen\":null,\"ceiling_fen\":100001"
#define RANGED	  ",\"coefficient\":{\"lo\":850,\"hi\":950}"
#define WITNESSED ",\"witnesses\":[\"witness-0\",\"witness-1\"]"
#define WITNESSES 2

struct stage {
	struct choice *w;
	const char *project, *draw, *coef, *witness[WITNESSES + 1];
};

static struct stage
stage_new(const char *more)
{
	struct stage s = {.w = choice_new()};
	struct pg_answer a;

	for (int i = 0; i <= WITNESSES; i++)
		s.witness[i] = choice_witness(s.w, i);
	s.project = choice_open(s.w, "draw", choice_text(s.w, CEILED "%s", more));
	s.draw = choice_text(s.w, "%s.1", s.project);
	s.coef = choice_text(s.w, "%s.1.coef", s.project);
	for (int i = 0; i < AGENCIES; i++) {
		a = choice_signup(s.w, s.project, i);
		choice_accepts(&a, 201);
	}
	pg_clock_set(s.w->pg, pg_value(s.w->pg, "SELECT deadline_at FROM market.project"));
	a = choice_freeze(s.w, s.draw);
	ck_assert_str_eq(a.code, "");
	return s;
}

/* Owner and witnesses speak, as many as the draw has. */
static void
spoken(struct stage *s, const char *draw, int witnesses)
{
	struct pg_answer a = choice_contribute(s->w, draw, s->w->owner);

	choice_accepts(&a, 200);
	for (int i = 0; i < witnesses; i++) {
		a = choice_give(s->w, draw, 3 + i, s->witness[i], choice_proof(s->w, draw, i));
		choice_accepts(&a, 200);
	}
}

/* The order is drawn; the coefficient is asked for. */
static struct stage
ordered(const char *more, int witnesses)
{
	struct stage s = stage_new(more);

	spoken(&s, s.draw, witnesses);
	return s;
}

/* As choice_contribute() opens it; seed: what r is made of. */
static struct pg_answer
committed(struct stage *s, const char *seed)
{
	uint8_t r[CONTRIBUTION_R_LEN];
	char hex[2 * HASH_LEN + 1];
	struct hash c;

	ck_assert(hex_decode(
		text_of(pg_value(s->w->pg,
			"SELECT encode(sha256(convert_to('r of %s', 'UTF8')), 'hex')", seed)),
		r, sizeof r));
	c = commitment_of(text_of(s->coef), text_of("owner"), r);
	hex_encode(c.at, HASH_LEN, hex);
	return choice_call(s->w, SQL_project_commit, s->w->owner, s->project,
		choice_version(s->w, s->project),
		choice_text(s->w, "{\"commitment\":\"%s\"}", hex));
}

/* Committed to and frozen. */
static void
frozen(struct stage *s)
{
	struct pg_answer a = committed(s, s->coef);

	choice_accepts(&a, 200);
	a = choice_freeze(s->w, s->coef);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
}

static const char *
looked(struct stage *s, const char *draw, const char *pointer)
{
	struct pg_answer a = pg_call(s->w->pg, s->w->pg->reader, SQL_draw_get, "id", draw, NULL);

	ck_assert_str_eq(a.code, "");
	return pg_member(s->w->pg, a.body, pointer);
}

static const char *
seen(struct stage *s, const char *pointer)
{
	struct pg_answer a =
		pg_call(s->w->pg, s->w->pg->reader, SQL_project_get, "id", s->project, NULL);

	ck_assert_str_eq(a.code, "");
	return pg_member(s->w->pg, a.body, pointer);
}

/* Every attempt of the transcript holds. */
static struct verify_attempt
judged(struct stage *s, const char *draw)
{
	static const struct verify_options options = {.draw_only = true};
	struct pg_answer a =
		pg_call(s->w->pg, s->w->pg->reader, SQL_draw_transcript, "id", draw, NULL);
	struct verify_file files[40];
	struct verify_report r;
	int count = PQntuples(a.rows);

	ck_assert_int_le(count, 40);
	for (int i = 0; i < count; i++) {
		const char *hex = PQgetvalue(a.rows, i, 1) + 2;
		size_t len = strlen(hex) / 2;
		uint8_t *at = arena_alloc(&s->w->pg->arena, len + 1);

		ck_assert(hex_decode(text_span(hex, 2 * len), at, len));
		files[i] = (struct verify_file){
			text_of(PQgetvalue(a.rows, i, 0)), text_span((const char *)at, len)};
	}
	draw_verify(&s->w->pg->arena, files, (size_t)count, &options, &r);
	for (size_t i = 0; i < r.count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			ck_assert_msg(r.attempts[i].rows[c].state != VERIFY_FAILS,
				"attempt %zu: %s", i + 1, check_row((enum check)c)->code);
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	return r.attempts[r.count - 1];
}

/* What a coefficient makes of the ceiling, computed another way than by the database. */
static int64_t
worth(int64_t ceiling, int64_t per_mille)
{
	int64_t fen = ceiling / 1000 * per_mille, rest = ceiling % 1000 * per_mille;

	fen += rest / 1000 + (rest % 1000 >= 500 ? 1 : 0);
	return fen < 1 ? 1 : fen;
}

/* --- what a draft may say --- */

static void
refused(struct choice *w, const char *mode, const char *more, const char *code, const char *pointer,
	const char *says)
{
	struct pg_answer a =
		choice_call(w, SQL_project_create, w->owner, NULL, -1, choice_body(w, mode, more));

	choice_refuses(&a, code, "TR1");
	ck_assert_str_eq(a.pointer, pointer);
	ck_assert_msg(strstr(a.en, says) != NULL, "'%s'", a.en);
}

START_TEST(a_coefficient_that_does_not_fit_is_refused)
{
	struct choice *w = choice_new();

	refused(w, "auction", RANGED, "rule", "/coefficient", "is for draws");
	refused(w, "pick", RANGED, "rule", "/coefficient", "is for draws");
	refused(w, "draw", RANGED, "rule", "/coefficient", "part of a ceiling");
	refused(w, "draw", CEILED ",\"floor_fen\":90000" RANGED, "rule", "/floor_fen", "no floor");
	refused(w, "draw", CEILED ",\"coefficient\":{\"lo\":901,\"hi\":900}", "rule",
		"/coefficient/lo", "above");
	refused(w, "draw", CEILED ",\"coefficient\":{\"lo\":0,\"hi\":900}", "bad-input",
		"/coefficient/lo", "1 to 1000");
	refused(w, "draw", CEILED ",\"coefficient\":{\"lo\":900,\"hi\":1001}", "bad-input",
		"/coefficient/hi", "1 to 1000");
	(void)choice_draft(w, "draw", CEILED ",\"coefficient\":{\"lo\":1,\"hi\":1000}");
	(void)choice_draft(w, "draw", CEILED ",\"coefficient\":{\"lo\":900,\"hi\":900}");
	choice_free(&w);
}
END_TEST

START_TEST(no_row_holds_a_coefficient_that_does_not_fit)
{
	static const char *const bad[] = {"coefficient_hi = NULL", "coefficient_lo = 0",
		"coefficient_lo = 951", "coefficient_hi = 1001",
		"price_basis = 'fixed', price_fen = 1, ceiling_fen = NULL", "mode = 'auction'"};
	static const char *const names[] = {"project_coefficient", "project_coefficient_range",
		"project_coefficient_range", "project_coefficient_range",
		"project_coefficient_price", "project_coefficient_price"};
	struct choice *w = choice_new();

	(void)choice_draft(w, "draw", CEILED RANGED);
	for (int i = 0; i < 6; i++) {
		PGresult *r = PQexec(
			w->pg->super, choice_text(w, "UPDATE market.project SET %s", bad[i]));

		ck_assert_str_eq(PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME), names[i]);
		PQclear(r);
	}
	choice_free(&w);
}
END_TEST

START_TEST(a_price_basis_without_a_coefficient_drops_it)
{
	struct choice *w = choice_new();
	const char *project = choice_draft(w, "draw", CEILED RANGED);
	struct pg_answer a = choice_call(w, SQL_project_edit, w->owner, project, 1,
		"{\"title\":\"另一标题\",\"coefficient\":{\"lo\":800,\"hi\":810}}");

	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/coefficient/lo"), "800");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/coefficient/hi"), "810");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/coefficient/draw_id"), "");
	a = choice_call(w, SQL_project_edit, w->owner, project, 2,
		"{\"price_basis\":\"ceiling\",\"ceiling_fen\":90000}");
	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/coefficient"), "");
	choice_free(&w);
}
END_TEST

/* --- the amount --- */

START_TEST(a_coefficient_rounds_half_up_and_leaves_at_least_one_fen)
{
	static const struct {
		int64_t ceiling;
		int per_mille;
		int64_t fen;
	} rows[] = {
		{100000, 850, 85000},
		{1, 1, 1}, /* nothing would be left */
		{499, 1, 1},
		{1499, 1, 1},
		{1500, 1, 2},
		{1501, 1, 2},
		{3, 500, 2},
		{1001, 500, 501},
		{1001, 499, 499}, /* 499.499 */
		{100001, 1000, 100001},
		{INT64_C(100000000000), 999, INT64_C(99900000000)},
		{INT64_C(10000000000000), 1000, INT64_C(10000000000000)},
		{INT64_C(10000000000000), 999, INT64_C(9990000000000)},
		{INT64_C(9999999999999), 1, INT64_C(10000000000)},
		{INT64_C(9999999999500), 1, INT64_C(10000000000)},
		{INT64_C(9999999999499), 1, INT64_C(9999999999)},
	};
	struct pg *pg = pg_new();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ck_assert_int_eq(worth(rows[i].ceiling, rows[i].per_mille), rows[i].fen);
		ck_assert_int_eq(pg_number(pg, "SELECT api.coefficient_fen(%lld, %d)",
					 (long long)rows[i].ceiling, rows[i].per_mille),
			rows[i].fen);
	}
	ck_assert_str_eq(pg_value(pg, "SELECT api.coefficient_fen(100000, NULL)"), "");
	ck_assert_int_eq(
		pg_number(pg,
			"SELECT count(*) FROM generate_series(1, 3000) c, generate_series(1, 1000) "
			"v "
			"WHERE api.coefficient_fen(c, v) <> greatest(1, round(c * v / 1000.0))"),
		0);
	pg_free(&pg);
}
END_TEST

/* --- the draw of the coefficient --- */

START_TEST(after_the_order_a_coefficient_is_drawn_and_makes_the_price)
{
	struct stage s = ordered(RANGED ",\"winners\":2,\"budget_fen\":200002", 0);
	struct pg_answer a;
	struct verify_attempt t;
	int64_t value;

	ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
	ck_assert_str_eq(seen(&s, "/standing/0"), "");
	ck_assert_str_eq(seen(&s, "/standstill_until"), "");
	ck_assert_str_eq(seen(&s, "/draw_id"), s.draw);
	ck_assert_str_eq(seen(&s, "/coefficient/draw_id"), s.coef);
	ck_assert_str_eq(seen(&s, "/coefficient/value"), "");
	ck_assert_str_eq(looked(&s, s.draw, "/state"), "drawn");
	ck_assert_str_eq(looked(&s, s.draw, "/range"), "");
	ck_assert_str_eq(looked(&s, s.coef, "/state"), "requested");
	ck_assert_str_eq(looked(&s, s.coef, "/awaited"), "owner");
	/* Neither a freeze nor a value before the owner has committed anew. */
	a = choice_freeze(s.w, s.coef);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	a = choice_contribute(s.w, s.coef, s.w->owner);
	choice_refuses(&a, "wrong-state", "draw.frozen");
	a = choice_call(s.w, SQL_project_commit, s.w->owner, s.project,
		choice_version(s.w, s.project),
		choice_text(s.w, "{\"commitment\":\"%s\"}",
			pg_value(s.w->pg, "SELECT encode(commitment, 'hex') FROM market.round")));
	choice_refuses(&a, "duplicate", "draw.commitment");
	/* The list is the one of the order, whatever happened to an agency since. */
	pg_run(s.w->pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
		s.w->agency_id[3]);
	frozen(&s);
	ck_assert_str_eq(looked(&s, s.coef, "/candidates"), "4");
	ck_assert_str_eq(looked(&s, s.coef, "/method"), "integer");
	ck_assert_str_eq(looked(&s, s.coef, "/purpose"), "coef");
	ck_assert_str_eq(looked(&s, s.coef, "/range/lo"), "850");
	ck_assert_str_eq(looked(&s, s.coef, "/range/hi"), "950");
	ck_assert_str_eq(looked(&s, s.coef, "/value"), "");
	ck_assert_str_eq(looked(&s, s.coef, "/close_at"), looked(&s, s.draw, "/close_at"));
	ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
	spoken(&s, s.coef, 0);
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	t = judged(&s, s.coef);
	ck_assert_int_eq(t.draw.freeze.method, DRAW_INTEGER);
	ck_assert(text_is(t.draw.freeze.label, "coef"));
	ck_assert_uint_eq(t.draw.freeze.lo, 850);
	ck_assert_uint_eq(t.draw.freeze.hi, 950);
	value = (int64_t)t.result.value;
	ck_assert_int_eq(
		pg_number(s.w->pg, "SELECT '%s'::int", seen(&s, "/coefficient/value")), value);
	ck_assert_int_eq(
		pg_number(s.w->pg, "SELECT '%s'::int", looked(&s, s.coef, "/value")), value);
	ck_assert_str_eq(looked(&s, s.coef, "/order/0"), "");
	ck_assert_str_eq(seen(&s, "/standing/3/agency_id"), looked(&s, s.draw, "/order/3"));
	ck_assert_int_eq(
		pg_number(s.w->pg,
			"SELECT count(*) FROM market.standing WHERE amount_fen = %lld AND state = "
			"CASE WHEN place <= 2 THEN 'winner' ELSE 'substitute' END",
			(long long)worth(CEILING, value)),
		AGENCIES);
	ck_assert_str_eq(pg_value(s.w->pg,
				 "SELECT split_part(convert_from(entry, 'UTF8'), E'\\n', 2)::json "
				 "->> 'value' "
				 "FROM market.outbox WHERE kind = 'result' AND subject = '%s'",
				 s.coef),
		looked(&s, s.coef, "/value"));
	(void)judged(&s, s.draw);
	choice_free(&s.w);
}
END_TEST

/* The award is the amount, what is left of the lot is saved; the standstill begins with the
 * coefficient and not before. */
START_TEST(the_award_is_the_drawn_amount_and_the_rest_is_saved)
{
	struct stage s = ordered(RANGED, 0);
	int64_t fen;

	pg_clock_move(s.w->pg, "10 minutes");
	ck_assert(!choice_job(s.w, SQL_job_project_award, s.project));
	frozen(&s);
	spoken(&s, s.coef, 0);
	fen = worth(CEILING, pg_number(s.w->pg, "SELECT api.result_value('%s')", s.coef));
	ck_assert_str_eq(
		pg_value(s.w->pg, "SELECT standstill_until - api.now() FROM market.project"),
		"00:00:01");
	pg_clock_move(s.w->pg, "1 second");
	ck_assert(choice_job(s.w, SQL_job_project_award, s.project));
	ck_assert_int_eq(pg_number(s.w->pg, "SELECT award_fen FROM market.orders"), fen);
	ck_assert_int_eq(pg_number(s.w->pg,
				 "SELECT debits_posted FROM market.account WHERE kind = "
				 "'award_committed'"),
		fen);
	ck_assert_int_eq(pg_number(s.w->pg,
				 "SELECT debits_posted FROM market.account WHERE kind = 'saving'"),
		200000 - fen);
	choice_free(&s.w);
}
END_TEST

START_TEST(of_one_number_the_coefficient_is_that_number)
{
	struct stage s = ordered(",\"coefficient\":{\"lo\":900,\"hi\":900}", 0);

	frozen(&s);
	spoken(&s, s.coef, 0);
	ck_assert_str_eq(looked(&s, s.coef, "/value"), "900");
	ck_assert_str_eq(seen(&s, "/standing/0/amount_fen"), "90001"); /* 90,000.9 */
	(void)judged(&s, s.coef);
	choice_free(&s.w);
}
END_TEST

/* The freeze has fixed who speaks: a beacon set behind it is seen in the coefficient alone. */
START_TEST(a_coefficient_has_the_beacon_of_its_order)
{
	struct stage s = stage_new(RANGED);

	pg_run(s.w->pg, "UPDATE market.draw SET beacon = 'drand'");
	spoken(&s, s.draw, 0);
	ck_assert_str_eq(looked(&s, s.coef, "/beacon"), "drand");
	choice_free(&s.w);
}
END_TEST

/* What the order is drawn by does not matter to the coefficient. */
START_TEST(weighted_draws_and_quotas_have_a_coefficient_too)
{
	static const char *const more[] = {RANGED
		",\"method\":\"weighted\",\"winners\":2,\"budget_fen\":200002",
		RANGED ",\"winners\":2,\"budget_fen\":200002,\"stratum\":\"category\",\"quotas\":[{"
		       "\"stratum\":\"C01\","
		       "\"winners\":1}]"};

	for (int i = 0; i < 2; i++) {
		struct stage s = ordered(more[i], 0);
		struct verify_attempt t;

		frozen(&s);
		spoken(&s, s.coef, 0);
		t = judged(&s, s.coef);
		ck_assert_uint_eq(t.draw.candidates.count, AGENCIES);
		ck_assert_uint_eq(t.draw.freeze.quotas_count, 0);
		ck_assert_uint_eq(t.draw.candidates.at[0].weight, i == 0 ? 100 : 1);
		ck_assert_str_eq(choice_state(s.w, s.project), "selected");
		choice_free(&s.w);
	}
}
END_TEST

/* Substitutes that are entered when those before are used up. */
START_TEST(later_substitutes_have_the_same_amount)
{
	struct stage s = ordered(RANGED, 0);
	const char *fen;
	struct pg_answer a;

	frozen(&s);
	spoken(&s, s.coef, 0);
	fen = seen(&s, "/standing/0/amount_fen");
	pg_run(s.w->pg, "DELETE FROM market.standing WHERE place > 1");
	for (int i = 0; i < AGENCIES; i++)
		if (strcmp(s.w->agency_id[i], seen(&s, "/standing/0/agency_id")) == 0) {
			a = choice_call(s.w, SQL_award_decline, s.w->agency[i], s.project,
				choice_version(s.w, s.project), "{\"reason\":\"人手不足\"}");
			choice_accepts(&a, 200);
			break;
		}
	ck_assert_str_eq(seen(&s, "/standing/1/state"), "winner");
	ck_assert_str_eq(seen(&s, "/standing/1/agency_id"), looked(&s, s.draw, "/order/1"));
	ck_assert_str_eq(seen(&s, "/standing/3/amount_fen"), fen);
	choice_free(&s.w);
}
END_TEST

START_TEST(a_result_that_is_no_number_of_the_range_is_refused)
{
	static const char *const lines[] = {
		"value 849", "value 951", "value 0900", "value 900x", "value ", "order 900", ""};
	struct stage s = ordered(RANGED, 0);

	frozen(&s);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct pg_answer a = pg_call(s.w->pg, s.w->pg->writer, SQL_draw_write, "caller",
			s.w->owner, "need", "1", "id", s.coef, "index", "2", "version",
			looked(&s, s.coef, "/version"), "value",
			pg_value(s.w->pg, "SELECT sha256(convert_to('r of %s', 'UTF8'))", s.coef),
			"seed", "\\x00", "result",
			choice_text(s.w,
				"fairlot-draw/v1\ndraw %s\nattempt 1\nfreeze %s\nseed 00\n%s\n",
				s.coef, looked(&s, s.coef, "/freeze_hash"), lines[i]),
			NULL);

		choice_refuses(&a, "conflict", "TR6");
	}
	choice_free(&s.w);
}
END_TEST

/* --- what ends it --- */

/* Silent before the commitment, or before the value: as in every draw the round ends. */
START_TEST(an_owner_that_is_silent_ends_the_round)
{
	for (int committing = 0; committing < 2; committing++) {
		struct stage s = ordered(RANGED, 0);
		struct pg_answer a;

		if (committing)
			frozen(&s);
		ck_assert(!choice_job(s.w, SQL_job_draw_stall, s.coef));
		pg_clock_move(s.w->pg, "1 hour");
		a = committing ? choice_contribute(s.w, s.coef, s.w->owner) : committed(&s, s.coef);
		choice_refuses(&a, "late", "draw.stall");
		ck_assert(choice_job(s.w, SQL_job_draw_stall, s.coef));
		ck_assert_str_eq(choice_state(s.w, s.project), "failed");
		ck_assert_str_eq(seen(&s, "/end_reason"), "owner-stalled");
		ck_assert_str_eq(looked(&s, s.draw, "/state"), "void");
		ck_assert_str_eq(looked(&s, s.coef, "/state"), "void");
		/* The next round is drafted: what was published still names its coefficient. */
		a = choice_call(s.w, SQL_project_round, s.w->owner, s.project, -1, NULL);
		choice_accepts(&a, 201);
		ck_assert_str_eq(pg_member(s.w->pg, a.body, "/coefficient/draw_id"), "");
		a = choice_call(s.w, SQL_project_edit, s.w->owner, s.project,
			choice_version(s.w, s.project),
			"{\"price_basis\":\"fixed\",\"price_fen\":1000}");
		choice_accepts(&a, 200);
		ck_assert_str_eq(seen(&s, "/coefficient/lo"), "850");
		ck_assert_str_eq(seen(&s, "/coefficient/draw_id"), s.coef);
		ck_assert_str_eq(looked(&s, s.coef, "/range/hi"), "950");
		choice_free(&s.w);
	}
}
END_TEST

static const char *
void_asked(struct stage *s, const char *body)
{
	struct pg_answer a =
		choice_call(s->w, SQL_project_void, s->w->reviewer, s->project, -1, body);

	choice_accepts(&a, 201);
	return pg_member(s->w->pg, a.body, "/id");
}

static struct pg_answer
void_signed(struct stage *s, const char *request, int witness)
{
	return choice_void_sign(s->w, request, s->witness[witness], witness, witness);
}

/* Only the coefficient is drawn again: the order stands. */
START_TEST(a_witness_that_stalls_the_coefficient_is_replaced_and_the_order_stays)
{
	struct stage s = ordered(RANGED WITNESSED, WITNESSES);
	const char *order = looked(&s, s.draw, "/order"), *request;
	struct pg_answer a;

	frozen(&s);
	ck_assert_str_eq(looked(&s, s.coef, "/level"), "L2");
	a = choice_contribute(s.w, s.coef, s.w->owner);
	choice_accepts(&a, 200);
	a = choice_give(s.w, s.coef, 3, s.witness[0], choice_proof(s.w, s.coef, 0));
	choice_accepts(&a, 200);
	pg_clock_move(s.w->pg, "1 hour");
	ck_assert(choice_job(s.w, SQL_job_draw_stall, s.coef));
	/* The list is that of the order. */
	a = choice_call(s.w, SQL_project_void, s.w->reviewer, s.project, -1,
		"{\"reason\":\"list-changed\"}");
	choice_refuses(&a, "rule", "draw.coefficient");
	ck_assert_str_eq(a.pointer, "/reason");
	request = void_asked(&s,
		"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\","
		"\"replacement\":\"witness-2\"}");
	a = choice_call(s.w, SQL_void_confirm, s.w->reviewer2, request, 1, NULL);
	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(s.w->pg, a.body, "/owed/0"), "witness-0");
	ck_assert_str_eq(pg_member(s.w->pg, a.body, "/owed/1"), "");
	a = void_signed(&s, request, 0);
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
	ck_assert_str_eq(looked(&s, s.draw, "/state"), "drawn");
	ck_assert_str_eq(looked(&s, s.draw, "/order"), order);
	ck_assert_str_eq(looked(&s, s.coef, "/attempt"), "2");
	ck_assert_str_eq(looked(&s, s.coef, "/state"), "requested");
	a = committed(&s, s.coef);
	choice_refuses(&a, "duplicate", "draw.commitment");
	a = committed(&s, "the second");
	choice_accepts(&a, 200);
	a = choice_freeze(s.w, s.coef);
	ck_assert_str_eq(a.code, "");
	a = choice_give(s.w, s.coef, 2, s.w->owner,
		pg_value(s.w->pg, "SELECT encode(sha256('r of the second'), 'hex')"));
	choice_accepts(&a, 200);
	a = choice_give(s.w, s.coef, 3, s.witness[0], choice_proof(s.w, s.coef, 0));
	choice_accepts(&a, 200);
	a = choice_give(s.w, s.coef, 4, s.witness[2], choice_proof(s.w, s.coef, 2));
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(s.w, s.project), "selected");
	(void)judged(&s, s.coef);
	choice_free(&s.w);
}
END_TEST

/* The winner is known by then: as after the choice a regulator takes part, and every witness of the
 * order signs, whether or not the coefficient has values. */
START_TEST(a_void_while_a_coefficient_is_owed_takes_regulator_and_witnesses)
{
	for (int freezing = 0; freezing < 2; freezing++) {
		struct stage s = ordered(RANGED WITNESSED, WITNESSES);
		const char *request;
		struct pg_answer a;

		if (freezing)
			frozen(&s);
		request = void_asked(&s, "{\"reason\":\"notice-error\"}");
		a = choice_call(s.w, SQL_void_confirm, s.w->reviewer2, request, 1, NULL);
		choice_refuses(&a, "rule", "TR12");
		a = choice_call(s.w, SQL_void_confirm, s.w->regulator, request, 1, NULL);
		choice_accepts(&a, 200);
		ck_assert_str_eq(pg_member(s.w->pg, a.body, "/state"), "signing");
		ck_assert_str_eq(pg_member(s.w->pg, a.body, "/owed/1"), "witness-1");
		a = void_signed(&s, request, 0);
		choice_accepts(&a, 200);
		ck_assert_str_eq(choice_state(s.w, s.project), "selecting");
		a = void_signed(&s, request, 1);
		choice_accepts(&a, 200);
		ck_assert_str_eq(choice_state(s.w, s.project), "voided");
		ck_assert_str_eq(looked(&s, s.coef, "/state"), "void");
		ck_assert_str_eq(pg_value(s.w->pg, "SELECT record FROM market.void_request"),
			pg_value(s.w->pg, "SELECT void FROM market.draw WHERE id = '%s'", s.draw));
		ck_assert_int_eq(pg_number(s.w->pg, "SELECT count(*) FROM market.job"), 0);
		choice_free(&s.w);
	}
}
END_TEST

/* Who wins is chance that the report judges; what it costs is not. */
START_TEST(the_report_of_fairness_counts_the_order_and_not_the_coefficient)
{
	struct stage s = ordered(RANGED, 0);
	struct pg_answer a;

	frozen(&s);
	spoken(&s, s.coef, 0);
	a = pg_call(s.w->pg, s.w->pg->reader, SQL_draw_fairness, NULL);
	for (int i = 0; i < AGENCIES; i++)
		ck_assert_str_eq(
			pg_member(s.w->pg, a.body, choice_text(s.w, "/items/%d/draws", i)), "1");
	ck_assert_str_eq(pg_member(s.w->pg, a.body, "/items/4/draws"), "");
	choice_free(&s.w);
}
END_TEST

/* --- two at a time --- */

/* It waits as long as the test needs, however busy the machine is. */
static PGconn *
session(struct stage *s)
{
	PGconn *c = pg_connect(s->w->pg, "fairlot_writer");

	(void)pg_ask(s->w->pg, c, "SET lock_timeout = '60s'");
	(void)pg_ask(s->w->pg, c, "SET statement_timeout = '60s'");
	return c;
}

static PGconn *
hold(struct stage *s)
{
	PGconn *c = pg_connect(s->w->pg, "postgres");

	(void)pg_ask(s->w->pg, c, "BEGIN");
	(void)pg_ask(s->w->pg, c, "SELECT FROM market.project FOR UPDATE");
	return c;
}

static void
pass(struct stage *s, PGconn *c)
{
	(void)pg_ask(s->w->pg, c, "COMMIT");
	PQfinish(c);
}

START_TEST(a_commitment_that_waited_past_its_time_is_late)
{
	struct stage s = ordered(RANGED, 0);
	PGconn *owner = session(&s), *first;
	long long version = choice_version(s.w, s.project);
	struct pg_answer a;

	first = hold(&s);
	choice_send(s.w, owner, SQL_project_commit, s.w->owner, s.project, version,
		choice_text(s.w, "{\"commitment\":\"%064d\"}", 1));
	ck_assert(pg_waits(s.w->pg, owner));
	pg_clock_move(s.w->pg, "1 hour");
	pass(&s, first);
	a = pg_receive(s.w->pg, owner);
	choice_refuses(&a, "late", "draw.stall");
	PQfinish(owner);
	choice_free(&s.w);
}
END_TEST

START_TEST(of_two_last_values_at_once_one_draws_the_coefficient)
{
	struct stage s = ordered(RANGED, 0);
	PGconn *first, *owner[2];
	const char *value, *result, *version;
	struct pg_answer a;

	frozen(&s);
	value = pg_value(s.w->pg, "SELECT sha256(convert_to('r of %s', 'UTF8'))", s.coef);
	version = looked(&s, s.coef, "/version");
	result = choice_text(s.w,
		"fairlot-draw/v1\ndraw %s\nattempt 1\nfreeze %s\nseed 00\nvalue 900\n", s.coef,
		looked(&s, s.coef, "/freeze_hash"));
	for (int i = 0; i < 2; i++)
		owner[i] = session(&s);
	first = hold(&s);
	for (int i = 0; i < 2; i++) {
		pg_send(s.w->pg, owner[i], SQL_draw_write, "caller", s.w->owner, "need", "1", "id",
			s.coef, "index", "2", "version", version, "value", value, "seed", "\\x00",
			"result", result, NULL);
		ck_assert(pg_waits(s.w->pg, owner[i]));
	}
	pass(&s, first);
	for (int i = 0; i < 2; i++) {
		a = pg_receive(s.w->pg, owner[i]);
		choice_accepts(&a, 200);
		PQfinish(owner[i]);
	}
	ck_assert_int_eq(pg_number(s.w->pg, "SELECT count(*) FROM market.standing"), AGENCIES);
	ck_assert_int_eq(
		pg_number(s.w->pg, "SELECT count(*) FROM market.outbox WHERE kind = 'result'"), 2);
	choice_free(&s.w);
}
END_TEST

SUITE(coefficient, a_coefficient_that_does_not_fit_is_refused,
	no_row_holds_a_coefficient_that_does_not_fit, a_price_basis_without_a_coefficient_drops_it,
	a_coefficient_rounds_half_up_and_leaves_at_least_one_fen,
	after_the_order_a_coefficient_is_drawn_and_makes_the_price,
	the_award_is_the_drawn_amount_and_the_rest_is_saved,
	of_one_number_the_coefficient_is_that_number, a_coefficient_has_the_beacon_of_its_order,
	weighted_draws_and_quotas_have_a_coefficient_too, later_substitutes_have_the_same_amount,
	a_result_that_is_no_number_of_the_range_is_refused, an_owner_that_is_silent_ends_the_round,
	a_witness_that_stalls_the_coefficient_is_replaced_and_the_order_stays,
	a_void_while_a_coefficient_is_owed_takes_regulator_and_witnesses,
	the_report_of_fairness_counts_the_order_and_not_the_coefficient,
	a_commitment_that_waited_past_its_time_is_late,
	of_two_last_values_at_once_one_draws_the_coefficient)
