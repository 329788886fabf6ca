/* Weighted draws, strata with quotas, beacons as an option of a project; the report of fairness. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/verify.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

/* The draft is refused at this member. */
static void
refused(struct choice *w, const char *mode, const char *more, const char *pointer)
{
	struct pg_answer a =
		choice_call(w, SQL_project_create, w->owner, NULL, -1, choice_body(w, mode, more));

	choice_refuses(&a, "rule", "TR1");
	ck_assert_str_eq(a.pointer, pointer);
}

START_TEST(options_that_do_not_fit_are_refused)
{
	struct choice *w = choice_new();

	(void)choice_witness(w, 0);
	refused(w, "pick", ",\"method\":\"weighted\"", "/method");
	refused(w, "draw", ",\"method\":\"weighted\",\"stratum\":\"region\",\"quotas\":[]",
		"/stratum");
	refused(w, "draw", ",\"stratum\":\"region\"", "/quotas");
	refused(w, "draw", ",\"quotas\":[{\"stratum\":\"430702\",\"winners\":1}]", "/quotas");
	refused(w, "draw",
		",\"stratum\":\"region\",\"quotas\":[{\"stratum\":\"430702\",\"winners\":2}]",
		"/quotas");
	refused(w, "draw",
		",\"winners\":2,\"stratum\":\"region\",\"quotas\":[{\"stratum\":\"430702\","
		"\"winners\":1},{\"stratum\":\"430702\",\"winners\":1}]",
		"/quotas");
	/* Nobody here can check a beacon; and without a witness it says nothing. */
	refused(w, "draw", ",\"witnesses\":[\"witness-0\"],\"beacon\":\"drand\"", "/beacon");
	pg_run(w->pg, "INSERT INTO market.setting VALUES ('beacons', 'drand')");
	refused(w, "draw", ",\"witnesses\":[],\"beacon\":\"drand\"", "/beacon");
	refused(w, "draw", ",\"witnesses\":[\"witness-0\"],\"beacon\":\"nist\"", "/beacon");
	(void)choice_draft(w, "draw", ",\"witnesses\":[\"witness-0\"],\"beacon\":\"drand\"");
	choice_free(&w);
}
END_TEST

/* Draws six agencies with these options; the report of the transcript. */
static struct verify_attempt
drawn(struct choice *w, const char *more)
{
	const char *project = choice_open(w, "draw", more);
	const char *draw = choice_text(w, "%s.1", project);
	static const struct verify_options options = {.draw_only = true};
	struct verify_file files[20];
	struct verify_report r;
	struct pg_answer a;

	for (int i = 0; i < CHOICE_AGENCIES; i++) {
		a = choice_signup(w, project, i);
		choice_accepts(&a, 201);
	}
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
	a = choice_freeze(w, draw);
	ck_assert_str_eq(a.code, "");
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_transcript, "id", draw, NULL);
	for (int i = 0; i < PQntuples(a.rows); i++) {
		const char *hex = PQgetvalue(a.rows, i, 1) + 2;
		size_t len = strlen(hex) / 2;
		uint8_t *at = arena_alloc(&w->pg->arena, len + 1);

		ck_assert(hex_decode(text_span(hex, 2 * len), at, len));
		files[i] = (struct verify_file){
			text_of(PQgetvalue(a.rows, i, 0)), text_span((const char *)at, len)};
	}
	draw_verify(&w->pg->arena, files, (size_t)PQntuples(a.rows), &options, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	return r.attempts[0];
}

START_TEST(a_weighted_draw_has_a_ticket_for_each_credit_point)
{
	struct choice *w = choice_new();
	struct verify_attempt t;

	pg_run(w->pg, "UPDATE market.agency SET credit_points = 70 WHERE id = '%s'",
		w->agency_id[2]);
	t = drawn(w, ",\"method\":\"weighted\",\"winners\":2");
	ck_assert_int_eq(t.draw.freeze.method, DRAW_WEIGHTED);
	ck_assert(text_is(t.draw.freeze.label, "shortlist"));
	for (size_t i = 0; i < t.draw.candidates.count; i++)
		ck_assert_uint_eq(t.draw.candidates.at[i].weight,
			text_is(t.draw.candidates.at[i].id, w->agency_id[2]) ? 70 : 100);
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT count(*) FROM market.standing WHERE state = 'winner'"),
		"2");
	choice_free(&w);
}
END_TEST

START_TEST(quotas_are_taken_from_their_strata_first)
{
	struct choice *w = choice_new();
	struct verify_attempt t;

	pg_run(w->pg,
		"INSERT INTO market.region VALUES ('430702', '武陵区', 'Wuling'), ('430703', "
		"'鼎城区', 'Dingcheng') ON CONFLICT DO NOTHING");
	pg_run(w->pg, "UPDATE market.agency SET region = '430702'");
	pg_run(w->pg, "UPDATE market.agency SET region = '430703' WHERE id = '%s'",
		w->agency_id[4]);
	t = drawn(w,
		",\"winners\":2,\"stratum\":\"region\",\"quotas\":[{\"stratum\":\"430703\","
		"\"winners\":1}]");
	ck_assert_uint_eq(t.draw.freeze.quotas_count, 1);
	ck_assert_str_eq(pg_value(w->pg, "SELECT agency_id FROM market.standing WHERE place = 1"),
		w->agency_id[4]);
	choice_free(&w);
}
END_TEST

/* Enters drawn draws of four candidates; who wins is given. */
static void
draws_enter(struct choice *w, const char *project, int count, bool rigged)
{
	pg_run(w->pg,
		"INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, "
		"commitment, "
		"close_at, \"freeze\", freeze_hash, candidates, result, recorded_at) SELECT 'x.' "
		"|| i, "
		"1, '%s', 1, 'main', 'drawn', sha256(i::text::bytea), api.now(), E'a\\nmethod "
		"fisher-yates\\nwinners 1\\ncandidates 4 00\\n', "
		"'\\x00', (SELECT string_agg(a || E' 1 - 00\\n', '') FROM "
		"unnest('{%s,%s,%s,%s}'::text[]) a), E'h\\norder ' || "
		"('{%s,%s,%s,%s}'::text[])[CASE WHEN %s THEN 1 ELSE 1 + i %% 4 END] || E'\\n', "
		"api.now() "
		"FROM generate_series(1, %d) i",
		project, w->agency_id[0], w->agency_id[1], w->agency_id[2], w->agency_id[3],
		w->agency_id[0], w->agency_id[1], w->agency_id[2], w->agency_id[3],
		rigged ? "true" : "false", count);
}

START_TEST(the_report_of_fairness_finds_who_always_wins_and_nobody_else)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	struct pg_answer a;

	draws_enter(w, project, 40, false);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_fairness, NULL);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/draws"), "40");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/wins"), "10");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/expected_millionths"), "10000000");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/corrected_p_millionths"), "1000000");
	pg_run(w->pg, "DELETE FROM market.draw WHERE id LIKE 'x.%%'");
	draws_enter(w, project, 40, true);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_fairness, "limit", "1", NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/agency_id"), w->agency_id[0]);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/corrected_p_millionths"), "0");
	a = pg_call(
		w->pg, w->pg->reader, SQL_draw_fairness, "limit", "200", "cursor", a.next, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/2/wins"), "0");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/3/wins"), "");
	a = pg_call(w->pg, w->pg->reader, SQL_draw_fairness, "by", "owner", NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/owner_id"), pg_org_of(w->pg, w->owner));
	pg_run(w->pg, "DELETE FROM market.draw WHERE id LIKE 'x.%%'");
	choice_free(&w);
}
END_TEST

/* Chances 1/2, 1/3, 1/4: no win 1/4, one 11/24, two 1/4, three 1/24. */
START_TEST(the_p_value_is_that_of_all_cases_counted)
{
	static const int twice_the_tail[] = {500000, 1000000, 583333, 83333};
	struct pg *pg = pg_new();

	for (int wins = 0; wins <= 3; wins++)
		ck_assert_int_eq(pg_number(pg,
					 "SELECT round(1e6 * api.wins_p('{0.5,0.333333333333333333,"
					 "0.25}', %d))",
					 wins),
			twice_the_tail[wins]);
	pg_free(&pg);
}
END_TEST

SUITE(method, options_that_do_not_fit_are_refused,
	a_weighted_draw_has_a_ticket_for_each_credit_point,
	quotas_are_taken_from_their_strata_first,
	the_report_of_fairness_finds_who_always_wins_and_nobody_else,
	the_p_value_is_that_of_all_cases_counted)
