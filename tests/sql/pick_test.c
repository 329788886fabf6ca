/* The catalogue pick: which offers may be picked, limits, the agency's answer. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

static const char *
offer_of(struct choice *w, int agency, long long price)
{
	return pg_value(w->pg,
		"INSERT INTO market.offer (id, agency_id, item_code, title, price_fen, "
		"working_days, promise, state, created_at, recorded_at) VALUES (api.new_id('off'), "
		"'%s', 'I001', 'offer %lld', %lld, 5, 'p', 'listed', api.now(), api.now()) "
		"RETURNING id",
		w->agency_id[agency], price, price);
}

static struct pg_answer
pick(struct choice *w, const char *project, const char *offer)
{
	return choice_call(w, SQL_pick_create, w->owner, project, -1,
		choice_text(w, "{\"offer_id\":\"%s\",\"reason\":\"价低\"}", offer));
}

static struct pg_answer
answer(struct choice *w, const char *project, int agency, bool accept)
{
	return choice_call(w, SQL_pick_answer, w->agency[agency], project,
		choice_version(w, project),
		accept ? "{\"accept\":true}" : "{\"accept\":false,\"reason\":\"忙\"}");
}

/* A project that waits for a pick; at least one offer is listed before. */
static const char *
selecting(struct choice *w, const char *more)
{
	const char *project = choice_open(w, "pick", more);

	choice_deadline(w, project);
	ck_assert_str_eq(choice_state(w, project), "selecting");
	return project;
}

START_TEST(a_pick_goes_to_standing_with_the_offers_price)
{
	struct choice *w = choice_new();
	const char *offer = offer_of(w, 0, 90000), *project = selecting(w, "");
	struct pg_answer a = pick(w, project, offer);

	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/pick/amount_fen"), "90000");
	a = pg_call(w->pg, w->pg->reader, SQL_project_get, "id", project, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/pick/offer_id"), "");
	a = answer(w, project, 0, true);
	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "selected");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/standing/0/agency_id"), w->agency_id[0]);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/standing/0/amount_fen"), "90000");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.job WHERE subject = '%s' "
				 "AND kind = 'pick_due'",
				 project),
		0);
	a = pg_call(w->pg, w->pg->reader, SQL_project_get, "id", project, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/pick/offer_id"), offer);
	choice_free(&w);
}
END_TEST

START_TEST(an_offer_that_may_not_be_picked_is_refused)
{
	struct choice *w = choice_new();
	const char *good = offer_of(w, 0, 90000), *dear = offer_of(w, 1, 100001);
	const char *gone = offer_of(w, 2, 1000), *other = offer_of(w, 3, 1000);
	const char *avoided = offer_of(w, 4, 1000), *suspended = offer_of(w, 5, 1000);
	const char *project = selecting(w,
		choice_text(w, ",\"avoid\":[{\"agency_id\":\"%s\",\"reason\":\"亲属\"}]",
			w->agency_id[4]));
	struct pg_answer a;

	pg_run(w->pg, "UPDATE market.offer SET state = 'withdrawn' WHERE id = '%s'", gone);
	pg_run(w->pg, "UPDATE market.offer SET item_code = 'I002' WHERE id = '%s'", other);
	pg_run(w->pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
		w->agency_id[5]);
	a = pick(w, project, "off_none");
	choice_refuses(&a, "rule", "pick.offer");
	a = pick(w, project, gone);
	choice_refuses(&a, "rule", "pick.offer");
	a = pick(w, project, other);
	choice_refuses(&a, "rule", "pick.offer");
	a = pick(w, project, dear);
	choice_refuses(&a, "rule", "pick.price");
	a = pick(w, project, avoided);
	choice_refuses(&a, "ineligible", "pick.avoidance");
	a = pick(w, project, suspended);
	choice_refuses(&a, "ineligible", "pick.eligible");
	ck_assert_str_eq(a.pointer, "/offer_id");
	a = pick(w, project, good);
	choice_accepts(&a, 200);
	a = pick(w, project, good);
	choice_refuses(&a, "duplicate", "pick.one");
	choice_free(&w);
}
END_TEST

START_TEST(only_the_owner_picks_and_only_while_selecting)
{
	struct choice *w = choice_new();
	const char *offer = offer_of(w, 0, 90000), *project = choice_open(w, "pick", "");
	const char *body = choice_text(w, "{\"offer_id\":\"%s\",\"reason\":\"价低\"}", offer);
	struct pg_answer a = pick(w, project, offer);

	choice_refuses(&a, "wrong-state", "pick.state");
	choice_deadline(w, project);
	choice_refused(w, "not-found", "", SQL_pick_create, pg_person(w->pg, "owner", ROLE_OWNER),
		project, -1, body);
	choice_free(&w);
}
END_TEST

START_TEST(limits_of_one_pick_and_of_a_pair_in_a_year_hold)
{
	struct choice *w = choice_new();
	const char *price = ",\"ceiling_fen\":1000000000,\"budget_fen\":1000000000";
	const char *limit = offer_of(w, 0, 100000001), *most = offer_of(w, 0, 100000000);
	const char *project = selecting(w, price);
	struct pg_answer a = pick(w, project, limit);

	choice_refuses(&a, "rule", "pick.limit");
	for (int i = 0; i < 10; i++) {
		a = pick(w, project, most);
		choice_accepts(&a, 200);
		a = answer(w, project, 0, true);
		choice_accepts(&a, 200);
		project = selecting(w, price);
	}
	a = pick(w, project, most);
	choice_refuses(&a, "rule", "pick.pair-year");
	/* In the zone +08:00 the next year begins at 16:00 UTC. */
	pg_clock_set(w->pg, "2024-12-31T15:59:59Z");
	a = pick(w, project, most);
	choice_refuses(&a, "rule", "pick.pair-year");
	pg_clock_set(w->pg, "2024-12-31T16:00:00Z");
	a = pick(w, project, most);
	choice_accepts(&a, 200);
	choice_free(&w);
}
END_TEST

START_TEST(only_the_picked_agency_answers_in_time_and_under_the_version)
{
	struct choice *w = choice_new();
	const char *offer = offer_of(w, 0, 90000), *project = selecting(w, "");
	struct pg_answer a;

	pick(w, project, offer);
	a = answer(w, project, 1, true);
	choice_refuses(&a, "not-found", "");
	choice_refused(
		w, "not-found", "", SQL_pick_answer, w->regulator, project, 9, "{\"accept\":true}");
	choice_refused(
		w, "stale", "", SQL_pick_answer, w->agency[0], project, 1, "{\"accept\":true}");
	pg_run(w->pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
		w->agency_id[0]);
	a = answer(w, project, 0, true);
	choice_refuses(&a, "ineligible", "pick.eligible");
	pg_run(w->pg, "UPDATE market.agency SET state = 'active'");
	pg_clock_move(w->pg, "1 hour");
	a = answer(w, project, 0, true);
	choice_refuses(&a, "late", "pick.answer");
	ck_assert(choice_job(w, SQL_job_pick_due, project));
	ck_assert(!choice_job(w, SQL_job_pick_due, project));
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.credit_event WHERE kind = "
				 "'pick-overdue'"),
		1);
	a = pick(w, project, offer);
	choice_accepts(&a, 200);
	ck_assert(!choice_job(w, SQL_job_pick_due, project));
	a = answer(w, project, 0, false);
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(w, project), "selecting");
	a = answer(w, project, 0, true);
	choice_refuses(&a, "wrong-state", "pick.answer");
	a = pick(w, project, offer);
	choice_accepts(&a, 200);
	choice_free(&w);
}
END_TEST

START_TEST(offers_that_could_not_be_picked_do_not_count_for_the_minimum)
{
	struct choice *w = choice_new();
	const char *project;

	offer_of(w, 0, 100001); /* above the ceiling */
	project = choice_open(w, "pick", "");
	ck_assert(!choice_job(w, SQL_job_project_deadline, project)); /* early */
	choice_deadline(w, project);
	ck_assert_str_eq(choice_state(w, project), "failed");
	ck_assert(!choice_job(w, SQL_job_project_deadline, project));
	choice_free(&w);
}
END_TEST

SUITE(pick, a_pick_goes_to_standing_with_the_offers_price,
	an_offer_that_may_not_be_picked_is_refused, only_the_owner_picks_and_only_while_selecting,
	limits_of_one_pick_and_of_a_pair_in_a_year_hold,
	only_the_picked_agency_answers_in_time_and_under_the_version,
	offers_that_could_not_be_picked_do_not_count_for_the_minimum)
