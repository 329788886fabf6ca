/* Two sessions at one choice.  One holds the row inside its transaction, the others stand at the
 * lock (pg_waits), then it lets go: every order of events is made, none is hoped for. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

static PGconn *
session(struct choice *w)
{
	return pg_connect(w->pg, "fairlot_writer");
}

/* A session that holds a row of a table until pass(). */
static PGconn *
hold(struct choice *w, const char *table, const char *id)
{
	PGconn *c = pg_connect(w->pg, "postgres");

	(void)pg_ask(w->pg, c, "BEGIN");
	(void)pg_ask(w->pg, c, "SELECT FROM market.%s WHERE id = '%s' FOR UPDATE", table, id);
	return c;
}

static void
pass(struct choice *w, PGconn *c)
{
	(void)pg_ask(w->pg, c, "COMMIT");
	PQfinish(c);
}

static const char *
live(struct choice *w, const char *more)
{
	const char *project = choice_open(w, "auction", more);

	for (int i = 0; i < 3; i++)
		choice_signup(w, project, i);
	choice_deadline(w, project);
	return pg_value(w->pg, "SELECT id FROM market.auction");
}

static void
to_deadline(struct choice *w, const char *project)
{
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
}

START_TEST(of_two_equal_bids_one_is_accepted)
{
	struct choice *w = choice_new();
	const char *auction = live(w, "");
	PGconn *first = hold(w, "auction", auction), *bidder[2] = {session(w), session(w)};
	int accepted = 0;

	for (int i = 0; i < 2; i++) {
		choice_send(w, bidder[i], SQL_auction_bid, w->agency[i], auction, -1,
			"{\"amount_fen\":90000}");
		ck_assert(pg_waits(w->pg, bidder[i]));
	}
	pass(w, first);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_receive(w->pg, bidder[i]);

		if (a.code[0] == '\0')
			accepted++;
		else
			choice_refuses(&a, "bid-too-high", "auction.step");
		PQfinish(bidder[i]);
	}
	ck_assert_int_eq(accepted, 1);
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.bid"), 1);
	choice_free(&w);
}
END_TEST

START_TEST(a_bid_that_waited_past_the_end_is_late)
{
	struct choice *w = choice_new();
	const char *auction = live(w, "");
	PGconn *first = hold(w, "auction", auction), *bidder = session(w);
	struct pg_answer a;

	choice_send(
		w, bidder, SQL_auction_bid, w->agency[0], auction, -1, "{\"amount_fen\":90000}");
	ck_assert(pg_waits(w->pg, bidder));
	pg_clock_set(w->pg, pg_value(w->pg, "SELECT effective_end FROM market.auction"));
	pass(w, first);
	a = pg_receive(w->pg, bidder);
	choice_refuses(&a, "late", "auction.end");
	PQfinish(bidder);
	choice_free(&w);
}
END_TEST

START_TEST(a_close_that_waited_for_an_extending_bid_does_not_close)
{
	struct choice *w = choice_new();
	const char *auction = live(w, "");
	PGconn *bidder = session(w), *closer = session(w);
	struct pg_answer a;

	pg_clock_set(w->pg,
		pg_value(w->pg,
			"SELECT effective_end - interval '1 millisecond' FROM market.auction"));
	(void)pg_ask(w->pg, bidder, "BEGIN");
	choice_send(
		w, bidder, SQL_auction_bid, w->agency[0], auction, -1, "{\"amount_fen\":90000}");
	a = pg_receive(w->pg, bidder);
	choice_accepts(&a, 201);
	pg_clock_move(w->pg, "1 millisecond");
	pg_send(w->pg, closer, SQL_job_auction_end, "subject", auction, NULL);
	ck_assert(pg_waits(w->pg, closer));
	(void)pg_ask(w->pg, bidder, "COMMIT");
	a = pg_receive(w->pg, closer);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	ck_assert_str_eq(pg_value(w->pg, "SELECT state FROM market.auction"), "live");
	PQfinish(bidder);
	PQfinish(closer);
	choice_free(&w);
}
END_TEST

/* The read of the freeze job does not see the withdrawal, which took place in time and commits
 * late: the write must not freeze the old list. */
START_TEST(a_freeze_that_did_not_see_a_withdrawal_is_refused)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"fiscal_bp\":0"), *signup;
	const char *draw = choice_text(w, "%s.1", project);
	PGconn *agency = session(w), *freezer = session(w);
	struct pg_answer a = choice_signup(w, project, 0);

	signup = pg_member(w->pg, a.body, "/id");
	choice_signup(w, project, 1);
	(void)pg_ask(w->pg, agency, "BEGIN");
	choice_send(w, agency, SQL_signup_withdraw, w->agency[0], signup, 1, NULL);
	a = pg_receive(w->pg, agency);
	choice_accepts(&a, 200);
	to_deadline(w, project);
	choice_freeze_send(w, freezer, draw);
	ck_assert(pg_waits(w->pg, freezer));
	(void)pg_ask(w->pg, agency, "COMMIT");
	a = pg_receive(w->pg, freezer);
	choice_refuses(&a, "conflict", "TR4");
	a = choice_freeze(w, draw);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	ck_assert_int_eq(pg_number(w->pg, "SELECT api.line_count(excluded) FROM market.draw"), 1);
	PQfinish(agency);
	PQfinish(freezer);
	choice_free(&w);
}
END_TEST

START_TEST(a_freeze_that_did_not_see_a_sign_up_is_refused)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"fiscal_bp\":0");
	const char *draw = choice_text(w, "%s.1", project);
	PGconn *agency = session(w), *freezer = session(w);
	struct pg_answer a = choice_signup(w, project, 0);

	(void)pg_ask(w->pg, agency, "BEGIN");
	choice_send(w, agency, SQL_signup_create, w->agency[1], project, -1, NULL);
	a = pg_receive(w->pg, agency);
	choice_accepts(&a, 201);
	to_deadline(w, project);
	choice_freeze_send(w, freezer, draw);
	ck_assert(pg_waits(w->pg, freezer));
	(void)pg_ask(w->pg, agency, "COMMIT");
	a = pg_receive(w->pg, freezer);
	choice_refuses(&a, "conflict", "TR4");
	a = choice_freeze(w, draw);
	ck_assert_int_eq(pg_number(w->pg, "SELECT api.line_count(candidates) FROM market.draw"), 2);
	PQfinish(agency);
	PQfinish(freezer);
	choice_free(&w);
}
END_TEST

START_TEST(a_sign_up_that_waited_past_the_deadline_is_late)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	PGconn *first = hold(w, "project", project), *agency = session(w);
	struct pg_answer a;

	choice_send(w, agency, SQL_signup_create, w->agency[0], project, -1, NULL);
	ck_assert(pg_waits(w->pg, agency));
	to_deadline(w, project);
	pass(w, first);
	a = pg_receive(w->pg, agency);
	choice_refuses(&a, "late", "signup.deadline");
	PQfinish(agency);
	choice_free(&w);
}
END_TEST

START_TEST(of_two_sign_ups_under_one_control_one_is_taken)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	PGconn *first, *agency[2] = {session(w), session(w)};
	int taken = 0;

	pg_run(w->pg, "UPDATE market.agency SET controller_group = 'g1'");
	first = hold(w, "project", project);
	for (int i = 0; i < 2; i++) {
		choice_send(w, agency[i], SQL_signup_create, w->agency[i], project, -1, NULL);
		ck_assert(pg_waits(w->pg, agency[i]));
	}
	pass(w, first);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_receive(w->pg, agency[i]);

		if (a.code[0] == '\0')
			taken++;
		else
			choice_refuses(&a, "duplicate", "signup.group");
		PQfinish(agency[i]);
	}
	ck_assert_int_eq(taken, 1);
	choice_free(&w);
}
END_TEST

START_TEST(of_two_reviewers_of_one_version_one_publishes)
{
	struct choice *w = choice_new();
	const char *project = choice_review(w, "draw", "");
	const char *who[2] = {w->reviewer, w->reviewer2};
	PGconn *first = hold(w, "project", project), *reviewer[2] = {session(w), session(w)};
	int published = 0;

	for (int i = 0; i < 2; i++) {
		choice_send(w, reviewer[i], SQL_project_review, who[i], project,
			choice_version(w, project), "{\"publish\":true}");
		ck_assert(pg_waits(w->pg, reviewer[i]));
	}
	pass(w, first);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_receive(w->pg, reviewer[i]);

		if (a.code[0] == '\0')
			published++;
		else
			choice_refuses(&a, "stale", "");
		PQfinish(reviewer[i]);
	}
	ck_assert_int_eq(published, 1);
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.round"), 1);
	choice_free(&w);
}
END_TEST

/* Each pick alone is within the year's limit of the pair, both are not. */
START_TEST(of_two_picks_beyond_the_years_limit_one_is_taken)
{
	struct choice *w = choice_new();
	const char *price = ",\"ceiling_fen\":1000000000,\"budget_fen\":1000000000";
	const char *offer = pg_value(w->pg,
		"INSERT INTO market.offer (id, agency_id, item_code, title, price_fen, "
		"working_days, promise, state, created_at, recorded_at) VALUES (api.new_id('off'), "
		"'%s', 'I001', 'o', 100000000, 5, 'p', 'listed', api.now(), api.now()) RETURNING "
		"id",
		w->agency_id[0]);
	const char *body = choice_text(w, "{\"offer_id\":\"%s\",\"reason\":\"价低\"}", offer);
	const char *project[2];
	PGconn *first, *owner[2] = {session(w), session(w)};
	int taken = 0;

	for (int i = 0; i < 9; i++) {
		project[0] = choice_open(w, "pick", price);
		choice_deadline(w, project[0]);
		choice_call(w, SQL_pick_create, w->owner, project[0], -1, body);
	}
	for (int i = 0; i < 2; i++)
		project[i] = choice_open(w, "pick", price);
	choice_deadline(w, project[0]);
	ck_assert(choice_job(w, SQL_job_project_deadline, project[1]));
	first = hold(w, "organisation", pg_org_of(w->pg, w->owner));
	for (int i = 0; i < 2; i++) {
		choice_send(w, owner[i], SQL_pick_create, w->owner, project[i], -1, body);
		ck_assert(pg_waits(w->pg, owner[i]));
	}
	pass(w, first);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_receive(w->pg, owner[i]);

		if (a.code[0] == '\0')
			taken++;
		else
			choice_refuses(&a, "rule", "pick.pair-year");
		PQfinish(owner[i]);
	}
	ck_assert_int_eq(taken, 1);
	choice_free(&w);
}
END_TEST

SUITE(choice_race, of_two_equal_bids_one_is_accepted, a_bid_that_waited_past_the_end_is_late,
	a_close_that_waited_for_an_extending_bid_does_not_close,
	a_freeze_that_did_not_see_a_withdrawal_is_refused,
	a_freeze_that_did_not_see_a_sign_up_is_refused,
	a_sign_up_that_waited_past_the_deadline_is_late,
	of_two_sign_ups_under_one_control_one_is_taken,
	of_two_reviewers_of_one_version_one_publishes,
	of_two_picks_beyond_the_years_limit_one_is_taken)
