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

/* What two callers send at once, each to its object; the row of both is held until both wait. */
struct pair {
	enum sql_id write;
	const char *caller[2], *object[2], *body;
	long long if_match;
};

/* Exactly one of the two is accepted; the other is refused so. */
static void
one_of_two(struct choice *w, const char *table, const char *row, const struct pair *pair,
	const char *code, const char *rule)
{
	PGconn *first = hold(w, table, row), *caller[2] = {session(w), session(w)};
	int accepted = 0;

	for (int i = 0; i < 2; i++) {
		choice_send(w, caller[i], pair->write, pair->caller[i], pair->object[i],
			pair->if_match, pair->body);
		ck_assert(pg_waits(w->pg, caller[i]));
	}
	pass(w, first);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_receive(w->pg, caller[i]);

		if (a.code[0] == '\0')
			accepted++;
		else
			choice_refuses(&a, code, rule);
		PQfinish(caller[i]);
	}
	ck_assert_int_eq(accepted, 1);
}

START_TEST(of_two_equal_bids_one_is_accepted)
{
	struct choice *w = choice_new();
	const char *auction = live(w, "");

	one_of_two(w, "auction", auction,
		&(struct pair){SQL_auction_bid, {w->agency[0], w->agency[1]}, {auction, auction},
			"{\"amount_fen\":90000}", -1},
		"bid-too-high", "auction.step");
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

/* A write of agency n commits behind the read of the freeze job, though it took place in time: the
 * write of the freeze must not freeze the old list; the next run of the job does better. */
static void
freeze_misses(struct choice *w, const char *draw, const char *project, enum sql_id write, int n,
	const char *object, long long if_match, int status)
{
	PGconn *agency = session(w), *freezer = session(w);
	struct pg_answer a;

	(void)pg_ask(w->pg, agency, "BEGIN");
	choice_send(w, agency, write, w->agency[n], object, if_match, NULL);
	a = pg_receive(w->pg, agency);
	choice_accepts(&a, status);
	to_deadline(w, project);
	choice_freeze_send(w, freezer, draw);
	ck_assert(pg_waits(w->pg, freezer));
	(void)pg_ask(w->pg, agency, "COMMIT");
	a = pg_receive(w->pg, freezer);
	choice_refuses(&a, "conflict", "TR4");
	a = choice_freeze(w, draw);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	PQfinish(agency);
	PQfinish(freezer);
}

START_TEST(a_freeze_that_did_not_see_a_withdrawal_is_refused)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"fiscal_bp\":0");
	const char *draw = choice_text(w, "%s.1", project);
	struct pg_answer a = choice_signup(w, project, 0);

	choice_signup(w, project, 1);
	freeze_misses(
		w, draw, project, SQL_signup_withdraw, 0, pg_member(w->pg, a.body, "/id"), 1, 200);
	ck_assert_int_eq(pg_number(w->pg, "SELECT api.line_count(excluded) FROM market.draw"), 1);
	choice_free(&w);
}
END_TEST

START_TEST(a_freeze_that_did_not_see_a_sign_up_is_refused)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"fiscal_bp\":0");
	const char *draw = choice_text(w, "%s.1", project);

	choice_signup(w, project, 0);
	freeze_misses(w, draw, project, SQL_signup_create, 1, project, -1, 201);
	ck_assert_int_eq(pg_number(w->pg, "SELECT api.line_count(candidates) FROM market.draw"), 2);
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

	pg_run(w->pg, "UPDATE market.agency SET controller_group = 'g1'");
	one_of_two(w, "project", project,
		&(struct pair){SQL_signup_create, {w->agency[0], w->agency[1]}, {project, project},
			NULL, -1},
		"duplicate", "signup.group");
	choice_free(&w);
}
END_TEST

START_TEST(of_two_reviewers_of_one_version_one_publishes)
{
	struct choice *w = choice_new();
	const char *project = choice_review(w, "draw", "");

	one_of_two(w, "project", project,
		&(struct pair){SQL_project_review, {w->reviewer, w->reviewer2}, {project, project},
			"{\"publish\":true}", choice_version(w, project)},
		"stale", "");
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

	for (int i = 0; i < 9; i++) {
		project[0] = choice_open(w, "pick", price);
		choice_deadline(w, project[0]);
		choice_call(w, SQL_pick_create, w->owner, project[0], -1, body);
	}
	for (int i = 0; i < 2; i++)
		project[i] = choice_open(w, "pick", price);
	choice_deadline(w, project[0]);
	ck_assert(choice_job(w, SQL_job_project_deadline, project[1]));
	one_of_two(w, "organisation", pg_org_of(w->pg, w->owner),
		&(struct pair){
			SQL_pick_create, {w->owner, w->owner}, {project[0], project[1]}, body, -1},
		"rule", "pick.pair-year");
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
