/* From the choice to the award: standstill, objections, substitution, give-up, late voids. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

/* A drawn project with `count` candidates. */
static const char *
drawn(struct choice *w, int count, const char *more)
{
	const char *project = choice_open(w, "draw", more), *draw = choice_text(w, "%s.1", project);
	struct pg_answer a;

	for (int i = 0; i < count; i++)
		choice_signup(w, project, i);
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
	choice_freeze(w, draw);
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	return project;
}

/* The key of the agency at a place. */
static const char *
at_place(struct choice *w, const char *project, int place)
{
	return pg_value(w->pg,
		"SELECT k.id FROM market.standing s JOIN market.agency a ON a.id = s.agency_id "
		"JOIN "
		"market.api_key k ON k.organisation_id = a.organisation_id WHERE s.project_id = "
		"'%s' AND s.place = %d",
		project, place);
}

static const char *
standing(struct choice *w, const char *project)
{
	return pg_value(w->pg,
		"SELECT string_agg(state, ' ' ORDER BY place) FROM market.standing "
		"WHERE project_id = '%s'",
		project);
}

START_TEST(the_award_waits_for_the_standstill)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, "");

	ck_assert(!choice_job(w, SQL_job_project_award, project));
	ck_assert_str_eq(choice_state(w, project), "selected");
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	ck_assert(!choice_job(w, SQL_job_project_award, project));
	ck_assert_str_eq(choice_state(w, project), "awarded");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.orders WHERE award_fen = 100000 AND "
				 "place = 1 AND project_id = '%s'",
				 project),
		1);
	choice_free(&w);
}
END_TEST

START_TEST(an_open_objection_holds_the_award_back_until_it_is_dismissed)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *objection;
	struct pg_answer a = choice_call(
		w, SQL_objection_create, w->agency[0], project, -1, "{\"body\":\"资质存疑\"}");

	choice_accepts(&a, 201);
	objection = pg_member(w->pg, a.body, "/id");
	pg_clock_move(w->pg, "1 second");
	choice_refused(w, "late", "TR7", SQL_objection_create, w->agency[1], project, -1,
		"{\"body\":\"迟到\"}");
	ck_assert(!choice_job(w, SQL_job_project_award, project));
	ck_assert_str_eq(choice_state(w, project), "selected");
	choice_refused(w, "stale", "", SQL_objection_decide, w->regulator, objection, 2,
		"{\"decision\":\"dismissed\",\"reason\":\"不成立\"}");
	choice_refused(w, "rule", "TR7", SQL_objection_decide, w->agency[0], objection, 1,
		"{\"decision\":\"dismissed\",\"reason\":\"不成立\"}");
	choice_done(w, 200, SQL_objection_decide, w->regulator, objection, 1,
		"{\"decision\":\"dismissed\",\"reason\":\"不成立\"}");
	choice_refused(w, "wrong-state", "TR7", SQL_objection_decide, w->regulator, objection, 2,
		"{\"decision\":\"upheld\",\"reason\":\"再议\"}");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	ck_assert_str_eq(choice_state(w, project), "awarded");
	choice_refused(w, "wrong-state", "TR7", SQL_objection_create, w->agency[1], project, -1,
		"{\"body\":\"迟到\"}");
	choice_free(&w);
}
END_TEST

START_TEST(an_upheld_objection_moves_the_next_up)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *objection;
	struct pg_answer a = choice_call(
		w, SQL_objection_create, w->agency[0], project, -1, "{\"body\":\"资质存疑\"}");

	objection = pg_member(w->pg, a.body, "/id");
	a = choice_refused(w, "rule", "TR7", SQL_objection_decide, w->regulator, objection, 1,
		"{\"decision\":\"upheld\",\"reason\":\"成立\",\"place\":2}");
	ck_assert_str_eq(a.pointer, "/place");
	choice_done(w, 200, SQL_objection_decide, w->regulator, objection, 1,
		"{\"decision\":\"upheld\",\"reason\":\"成立\"}");
	ck_assert_str_eq(standing(w, project), "disqualified winner substitute");
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	ck_assert_int_eq(pg_number(w->pg, "SELECT place FROM market.orders"), 2);
	choice_free(&w);
}
END_TEST

START_TEST(a_winner_gives_up_before_and_after_the_award)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 4, ""), *give_up = "{\"reason\":\"人手不足\"}";
	struct pg_answer a = choice_call(w, SQL_award_decline, at_place(w, project, 2), project,
		choice_version(w, project), give_up);

	choice_refuses(&a, "not-found", "");
	choice_refused(
		w, "stale", "", SQL_award_decline, at_place(w, project, 1), project, 1, give_up);
	choice_done(w, 200, SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), give_up);
	ck_assert_str_eq(standing(w, project), "declined winner substitute substitute");
	/* The next in order may have become ineligible: it is passed over. */
	pg_run(w->pg,
		"UPDATE market.agency SET state = 'suspended' WHERE id = (SELECT agency_id FROM "
		"market.standing WHERE place = 3)");
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	a = choice_done(w, 200, SQL_award_decline, at_place(w, project, 2), project,
		choice_version(w, project), give_up);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "selected");
	ck_assert_str_eq(standing(w, project), "declined declined disqualified winner");
	ck_assert_str_eq(pg_value(w->pg, "SELECT state FROM market.orders"), "ended");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.credit_event WHERE kind = "
				 "'give-up'"),
		2);
	/* Nobody is left: the round failed and the whole budget is free again. */
	a = choice_done(w, 200, SQL_award_decline, at_place(w, project, 4), project,
		choice_version(w, project), give_up);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "failed");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/end_reason"), "exhausted");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT sum(debits_posted - credits_posted) FROM "
				 "market.account WHERE kind = 'budget_committed'"),
		0);
	choice_free(&w);
}
END_TEST

/* The standing holds a winner and 20 substitutes; those behind them come from the result, twenty at
 * a time, in its order, until nobody is left. */
START_TEST(substitutes_beyond_the_standing_come_from_the_result)
{
	enum {
		MANY = 43,
		AHEAD = 20
	};
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ""), *draw = choice_text(w, "%s.1", project);
	const char *result, *next;
	struct pg_answer a;

	for (int i = 0; i < MANY; i++) {
		a = choice_call(w, SQL_signup_create, choice_agency(w, i), project, -1, NULL);
		choice_accepts(&a, 201);
	}
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
	choice_freeze(w, draw);
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	result = pg_value(
		w->pg, "SELECT substring(result FROM E'\norder ([^\n]*)\n') FROM market.draw");
	for (int place = 1; place <= MANY; place++) {
		ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.standing"),
			place <= 1 + AHEAD		 ? 1 + AHEAD
				: place <= 1 + 2 * AHEAD ? 1 + 2 * AHEAD
							 : MANY);
		next = pg_value(w->pg,
			"SELECT string_agg(agency_id, ' ' ORDER BY place) FROM market.standing"
			" WHERE state = 'winner'");
		ck_assert_str_eq(
			next, pg_value(w->pg, "SELECT split_part('%s', ' ', %d)", result, place));
		a = choice_call(w, SQL_award_decline, at_place(w, project, place), project,
			choice_version(w, project), "{\"reason\":\"x\"}");
		choice_accepts(&a, 200);
	}
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "failed");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/end_reason"), "exhausted");
	ck_assert_str_eq(result,
		pg_value(w->pg,
			"SELECT string_agg(agency_id, ' ' ORDER BY place) FROM market.standing"
			" WHERE state = 'declined'"));
	choice_free(&w);
}
END_TEST

START_TEST(one_of_two_winners_gives_up_and_the_other_keeps_its_order)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ",\"winners\":2");
	struct pg_answer a;

	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	choice_done(w, 200, SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	ck_assert_str_eq(standing(w, project), "declined winner winner");
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	ck_assert_str_eq(pg_value(w->pg,
				 "SELECT string_agg(place || state, ' ' ORDER BY place) "
				 "FROM market.orders"),
		"1ended 2awarded 3awarded");
	a = choice_done(w, 200, SQL_award_decline, at_place(w, project, 3), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "awarded");
	choice_free(&w);
}
END_TEST

START_TEST(with_a_contract_nobody_gives_up)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, "");

	pg_clock_move(w->pg, "1 second");
	choice_job(w, SQL_job_project_award, project);
	pg_run(w->pg, "UPDATE market.orders SET state = 'contract'");
	choice_refused(w, "wrong-state", "TR8", SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	pg_run(w->pg, "UPDATE market.orders SET state = 'awarded'");
	choice_free(&w);
}
END_TEST

START_TEST(a_round_with_an_order_is_not_voided_while_another_place_is_filled_again)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ",\"winners\":2"), *request;
	struct pg_answer a = choice_call(
		w, SQL_project_void, w->reviewer, project, -1, "{\"reason\":\"complaint-upheld\"}");

	request = pg_member(w->pg, a.body, "/id");
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	choice_done(w, 200, SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	ck_assert_str_eq(choice_state(w, project), "selected");
	choice_refused(w, "wrong-state", "TR12", SQL_void_confirm, w->regulator, request, 1, NULL);
	pg_run(w->pg, "DELETE FROM market.void_request");
	choice_refused(w, "wrong-state", "TR12", SQL_project_void, w->regulator, project, -1,
		"{\"reason\":\"complaint-upheld\"}");
	ck_assert_str_eq(choice_state(w, project), "selected");
	choice_free(&w);
}
END_TEST

START_TEST(an_order_that_ended_keeps_no_round_from_its_void)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, "");

	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	choice_done(w, 200, SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	ck_assert_str_eq(pg_value(w->pg, "SELECT state FROM market.orders"), "ended");
	choice_done(w, 201, SQL_project_void, w->regulator, project, -1,
		"{\"reason\":\"complaint-upheld\"}");
	choice_free(&w);
}
END_TEST

START_TEST(after_the_choice_a_void_needs_the_regulator)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *request;
	struct pg_answer a = choice_call(
		w, SQL_project_void, w->reviewer, project, -1, "{\"reason\":\"complaint-upheld\"}");

	request = pg_member(w->pg, a.body, "/id");
	choice_refused(w, "rule", "TR12", SQL_void_confirm, w->reviewer2, request, 1, NULL);
	choice_done(w, 200, SQL_void_confirm, w->regulator, request, 1, NULL);
	ck_assert_str_eq(choice_state(w, project), "voided");
	ck_assert_str_eq(pg_value(w->pg, "SELECT state FROM market.draw"), "void");
	pg_clock_move(w->pg, "1 hour");
	ck_assert(!choice_job(w, SQL_job_project_award, project));
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.orders"), 0);
	/* After the award there is no void any more. */
	project = drawn(w, 3, "");
	pg_clock_move(w->pg, "1 second");
	choice_job(w, SQL_job_project_award, project);
	choice_refused(w, "wrong-state", "TR12", SQL_project_void, w->regulator, project, -1,
		"{\"reason\":\"complaint-upheld\"}");
	choice_free(&w);
}
END_TEST

START_TEST(whose_project_it_is_decides_no_objection_and_joins_no_void)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *objection, *request;
	const char *void_body = "{\"reason\":\"complaint-upheld\"}";
	struct pg_answer a = choice_call(
		w, SQL_objection_create, w->agency[0], project, -1, "{\"body\":\"资质存疑\"}");

	objection = pg_member(w->pg, a.body, "/id");
	pg_run(w->pg, "UPDATE market.project SET owner_id = '%s'", pg_org_of(w->pg, w->regulator));
	choice_refused(w, "forbidden", "TR7", SQL_objection_decide, w->regulator, objection, 1,
		"{\"decision\":\"dismissed\",\"reason\":\"不成立\"}");
	choice_refused(
		w, "forbidden", "TR12", SQL_project_void, w->regulator, project, -1, void_body);
	a = choice_done(w, 201, SQL_disqualification_create, w->reviewer, project, -1,
		"{\"place\":1,\"reason\":\"材料不实\"}");
	choice_refused(w, "forbidden", "draw.disqualify", SQL_disqualification_confirm,
		w->regulator, pg_member(w->pg, a.body, "/id"), 1, NULL);
	a = choice_done(w, 201, SQL_project_void, w->reviewer, project, -1, void_body);
	request = pg_member(w->pg, a.body, "/id");
	choice_refused(w, "forbidden", "TR12", SQL_void_confirm, w->regulator, request, 1, NULL);
	pg_run(w->pg, "UPDATE market.project SET owner_id = '%s'", pg_org_of(w->pg, w->reviewer));
	choice_refused(w, "forbidden", "draw.disqualify", SQL_disqualification_create, w->reviewer,
		project, -1, "{\"place\":2,\"reason\":\"材料不实\"}");
	pg_run(w->pg, "UPDATE market.project SET owner_id = '%s'", pg_org_of(w->pg, w->owner));
	choice_done(w, 200, SQL_void_confirm, w->regulator, request, 1, NULL);
	choice_free(&w);
}
END_TEST

START_TEST(a_person_has_one_open_objection_and_a_round_has_twenty)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *body = "{\"body\":\"资质存疑\"}";

	for (int i = 0; i < 20; i++) {
		choice_done(w, 201, SQL_objection_create, w->agency[0], project, -1, body);
		if (i == 19)
			break;
		choice_refused(w, "duplicate", "TR7", SQL_objection_create, w->agency[0], project,
			-1, body);
		pg_run(w->pg, "UPDATE market.objection SET state = 'dismissed'");
	}
	choice_refused(w, "rule", "TR7", SQL_objection_create, w->agency[1], project, -1, body);
	pg_run(w->pg, "UPDATE market.objection SET round = 2");
	choice_done(w, 201, SQL_objection_create, w->agency[1], project, -1, body);
	choice_refused(w, "not-found", "", SQL_objection_decide, w->regulator, "obj_none", 1,
		"{\"decision\":\"dismissed\",\"reason\":\"不成立\"}");
	choice_free(&w);
}
END_TEST

START_TEST(a_disqualification_remembers_whose_key_asked_and_is_judged_again)
{
	struct choice *w = choice_new();
	const char *project = drawn(w, 3, ""), *body = "{\"place\":1,\"reason\":\"材料不实\"}",
		   *request;
	struct pg_answer a;

	pg_run(w->pg, "UPDATE market.api_key SET made_by = '{%s}' WHERE id = '%s'",
		pg_user_of(w->pg, w->regulator), w->reviewer);
	a = choice_done(w, 201, SQL_disqualification_create, w->reviewer, project, -1, body);
	request = pg_member(w->pg, a.body, "/id");
	pg_run(w->pg, "UPDATE market.api_key SET made_by = '{}'");
	choice_refused(w, "rule", "draw.disqualify", SQL_disqualification_confirm, w->regulator,
		request, 1, NULL);
	choice_refused(w, "not-found", "", SQL_disqualification_confirm, w->regulator, "dsq_none",
		1, NULL);
	/* The winner gives up before the second person looks. */
	pg_run(w->pg, "UPDATE market.disqualification SET makers = '{}'");
	choice_done(w, 200, SQL_award_decline, at_place(w, project, 1), project,
		choice_version(w, project), "{\"reason\":\"x\"}");
	choice_refused(w, "rule", "draw.disqualify", SQL_disqualification_confirm, w->regulator,
		request, 1, NULL);
	pg_run(w->pg, "DELETE FROM market.disqualification");
	/* With an order it may be, with a contract not. */
	pg_clock_move(w->pg, "1 second");
	ck_assert(choice_job(w, SQL_job_project_award, project));
	pg_run(w->pg, "UPDATE market.orders SET state = 'contract'");
	choice_refused(w, "wrong-state", "draw.disqualify", SQL_disqualification_create,
		w->reviewer, project, -1, "{\"place\":2,\"reason\":\"材料不实\"}");
	pg_run(w->pg, "UPDATE market.orders SET state = 'awarded'");
	choice_done(w, 201, SQL_disqualification_create, w->reviewer, project, -1,
		"{\"place\":2,\"reason\":\"材料不实\"}");
	choice_free(&w);
}
END_TEST

SUITE(award, the_award_waits_for_the_standstill,
	an_open_objection_holds_the_award_back_until_it_is_dismissed,
	an_upheld_objection_moves_the_next_up, a_winner_gives_up_before_and_after_the_award,
	substitutes_beyond_the_standing_come_from_the_result,
	one_of_two_winners_gives_up_and_the_other_keeps_its_order, with_a_contract_nobody_gives_up,
	a_round_with_an_order_is_not_voided_while_another_place_is_filled_again,
	an_order_that_ended_keeps_no_round_from_its_void,
	after_the_choice_a_void_needs_the_regulator,
	a_person_has_one_open_objection_and_a_round_has_twenty,
	whose_project_it_is_decides_no_objection_and_joins_no_void,
	a_disqualification_remembers_whose_key_asked_and_is_judged_again)
