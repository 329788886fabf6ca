/* The live auction, from the labels to the standing. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

static struct pg_answer
bid(struct choice *w, const char *auction, int agency, long long fen)
{
	return choice_call(w, SQL_auction_bid, w->agency[agency], auction, -1,
		choice_text(w, "{\"amount_fen\":%lld}", fen));
}

/* A live auction with the first `count` agencies as bidders: step 1000, four seconds, window two,
 * at most twenty. */
static const char *
live(struct choice *w, int count, const char *more)
{
	const char *project =
		choice_open(w, "auction", choice_text(w, ",\"step_fen\":1000%s", more));

	for (int i = 0; i < count; i++) {
		struct pg_answer a = choice_signup(w, project, i);

		choice_accepts(&a, 201);
	}
	choice_deadline(w, project);
	ck_assert_str_eq(choice_state(w, project), "selecting");
	return pg_value(w->pg, "SELECT id FROM market.auction WHERE project_id = '%s'", project);
}

static const char *
project_of(struct choice *w, const char *auction)
{
	return pg_value(w->pg, "SELECT project_id FROM market.auction WHERE id = '%s'", auction);
}

static void
to_end(struct choice *w, const char *auction)
{
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT effective_end FROM market.auction WHERE id = '%s'",
			auction));
}

START_TEST(bids_are_held_to_ceiling_step_and_floor)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, ",\"floor_fen\":90000");
	struct pg_answer a = bid(w, auction, 0, 100001);

	choice_refuses(&a, "bid-too-high", "auction.ceiling");
	a = bid(w, auction, 0, 89999);
	choice_refuses(&a, "rule", "auction.floor");
	a = bid(w, auction, 0, 100000);
	choice_accepts(&a, 201);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/seq"), "1");
	a = bid(w, auction, 1, 99001);
	choice_refuses(&a, "bid-too-high", "auction.step");
	ck_assert_str_eq(a.pointer, "/amount_fen");
	a = bid(w, auction, 1, 99000);
	choice_accepts(&a, 201);
	a = bid(w, auction, 0, 90500);
	choice_accepts(&a, 201);
	a = bid(w, auction, 1, 90000); /* less than a step, but the floor */
	choice_accepts(&a, 201);
	a = bid(w, auction, 1, 90000);
	choice_refuses(&a, "duplicate", "auction.floor-once");
	a = bid(w, auction, 2, 90000);
	choice_accepts(&a, 201);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/seq"), "5");
	a = bid(w, auction, 4, 90000);
	choice_refuses(&a, "ineligible", "auction.bidder");
	choice_free(&w);
}
END_TEST

START_TEST(a_late_bid_is_refused_even_if_the_closing_job_has_not_run)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, "");
	struct pg_answer a;

	to_end(w, auction);
	a = bid(w, auction, 0, 100000);
	choice_refuses(&a, "late", "auction.end");
	pg_clock_move(w->pg, "-1 microsecond");
	a = bid(w, auction, 0, 100000);
	choice_accepts(&a, 201);
	choice_free(&w);
}
END_TEST

START_TEST(an_improving_bid_in_the_window_extends_and_a_refused_one_never_does)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, ",\"floor_fen\":90000");
	const char *end = pg_value(w->pg, "SELECT effective_end FROM market.auction");
	struct pg_answer a = bid(w, auction, 0, 99000);

	ck_assert_str_eq(pg_value(w->pg, "SELECT effective_end FROM market.auction"), end);
	pg_clock_move(w->pg, "3 seconds");
	a = bid(w, auction, 1, 98500);
	choice_refuses(&a, "bid-too-high", "auction.step");
	ck_assert_str_eq(pg_value(w->pg, "SELECT effective_end FROM market.auction"), end);
	a = bid(w, auction, 1, 98000);
	choice_accepts(&a, 201);
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT extract(epoch FROM effective_end - starts_at) "
				 "FROM market.auction"),
		5);
	a = bid(w, auction, 1, 90000);
	choice_accepts(&a, 201);
	pg_clock_move(w->pg, "1 second");
	a = bid(w, auction, 2, 90000); /* equal at the floor: accepted, moves nothing */
	choice_accepts(&a, 201);
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT extract(epoch FROM effective_end - starts_at) "
				 "FROM market.auction"),
		5);
	choice_free(&w);
}
END_TEST

START_TEST(the_hard_end_holds_and_the_job_follows_the_end)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, "");
	struct pg_answer a;

	for (int i = 0; i < 40; i++) {
		to_end(w, auction);
		pg_clock_move(w->pg, "-1 millisecond");
		a = bid(w, auction, i % 3, 100000 - 1000 * i);
		if (a.code[0] != '\0')
			break;
		pg_clock_move(w->pg, "1 millisecond");
		if (pg_number(w->pg, "SELECT (effective_end = hard_end)::int FROM market.auction"))
			break;
		ck_assert(!choice_job(w, SQL_job_auction_end, auction));
		ck_assert_int_eq(pg_number(w->pg,
					 "SELECT count(*) FROM market.job j, "
					 "market.auction a WHERE j.subject = a.id AND "
					 "j.due_at = a.effective_end"),
			1);
	}
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT extract(epoch FROM effective_end - starts_at) "
				 "FROM market.auction"),
		20);
	to_end(w, auction);
	ck_assert(choice_job(w, SQL_job_auction_end, auction));
	ck_assert(!choice_job(w, SQL_job_auction_end, auction));
	ck_assert_str_eq(choice_state(w, project_of(w, auction)), "selected");
	choice_free(&w);
}
END_TEST

START_TEST(bid_times_never_go_back)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, "");

	pg_clock_move(w->pg, "1 second");
	bid(w, auction, 0, 100000);
	pg_clock_move(w->pg, "-500 milliseconds");
	bid(w, auction, 1, 99000);
	ck_assert_int_eq(
		pg_number(w->pg, "SELECT count(DISTINCT at) * 10 + count(*) FROM market.bid"), 12);
	choice_free(&w);
}
END_TEST

START_TEST(bidders_are_labels_until_the_end)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, ""), *project = project_of(w, auction);
	struct pg_answer a;

	for (int i = 0; i < 3; i++)
		bid(w, auction, i, 100000 - 1000 * i);
	for (int end = 0; end < 2; end++) {
		for (int page = 0; page < 2; page++) {
			a = pg_call(w->pg, w->pg->reader, page ? SQL_auction_bids : SQL_auction_get,
				"id", auction, NULL);
			ck_assert_str_eq(a.code, "");
			for (int i = 0; i < 3; i++)
				ck_assert_int_eq(strstr(a.body, w->agency_id[i]) != NULL, end);
		}
		to_end(w, auction);
		choice_job(w, SQL_job_auction_end, auction);
	}
	/* What is known stays known when everybody gives up. */
	for (int i = 2; i >= 0; i--) {
		choice_done(w, 200, SQL_award_decline, w->agency[i], project,
			choice_version(w, project), "{\"reason\":\"x\"}");
	}
	ck_assert_str_eq(choice_state(w, project), "failed");
	a = pg_call(w->pg, w->pg->reader, SQL_auction_get, "id", auction, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "ended");
	ck_assert_ptr_nonnull(strstr(a.body, w->agency_id[0]));
	ck_assert_str_eq(pg_value(w->pg,
				 "SELECT split_part(convert_from(entry, 'UTF8'), ' ', 4) FROM "
				 "market.outbox WHERE kind = 'bid' ORDER BY id LIMIT 1"),
		pg_value(w->pg, "SELECT label FROM market.signup WHERE agency_id = '%s'",
			w->agency_id[0]));
	ck_assert_int_eq(
		pg_number(w->pg,
			"SELECT count(*) FROM market.outbox WHERE kind = 'auction-end' AND "
			"convert_from(entry, 'UTF8') LIKE '%%\"labels\":{%%%s%%'",
			w->agency_id[0]),
		1);
	choice_free(&w);
}
END_TEST

START_TEST(a_replayed_bid_gives_the_same_receipt)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, "");
	struct pg_answer a[2];

	for (int i = 0; i < 2; i++)
		a[i] = pg_call(w->pg, w->pg->writer, SQL_auction_bid, "caller", w->agency[0],
			"need", "2", "idem", "one", "id", auction, "body", "{\"amount_fen\":90000}",
			NULL);
	ck_assert(a[1].replayed);
	for (int i = 3; i < 8; i++)
		ck_assert_str_eq(PQgetvalue(a[0].rows, 0, i), PQgetvalue(a[1].rows, 0, i));
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.bid"), 1);
	choice_free(&w);
}
END_TEST

START_TEST(the_best_bid_wins_and_the_rest_stand_by_their_best)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 3, ""), *project = project_of(w, auction);

	bid(w, auction, 0, 100000);
	bid(w, auction, 1, 95000);
	bid(w, auction, 2, 92000);
	bid(w, auction, 0, 90000);
	to_end(w, auction);
	ck_assert(choice_job(w, SQL_job_auction_end, auction));
	ck_assert_str_eq(pg_value(w->pg,
				 "SELECT string_agg(amount_fen || state, ' ' ORDER BY place) FROM "
				 "market.standing WHERE project_id = '%s'",
				 project),
		"90000winner 92000substitute 95000substitute");
	choice_free(&w);
}
END_TEST

START_TEST(fewer_bidders_than_the_minimum_fail)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 4, ""), *project = project_of(w, auction);
	struct pg_answer a;

	bid(w, auction, 0, 100000);
	bid(w, auction, 1, 95000);
	bid(w, auction, 0, 90000);
	to_end(w, auction);
	ck_assert(choice_job(w, SQL_job_auction_end, auction));
	ck_assert_str_eq(choice_state(w, project), "failed");
	a = bid(w, auction, 2, 80000);
	choice_refuses(&a, "wrong-state", "auction.end");
	project = choice_open(w, "auction", "");
	choice_signup(w, project, 0);
	choice_signup(w, project, 1);
	choice_deadline(w, project);
	ck_assert_str_eq(choice_state(w, project), "failed");
	choice_free(&w);
}
END_TEST

START_TEST(a_tie_at_the_floor_is_drawn_among_the_tied)
{
	struct choice *w = choice_new();
	const char *auction = live(w, 4, ",\"floor_fen\":90000"), *project = project_of(w, auction);
	const char *draw = choice_text(w, "%s.1.tie", project);
	struct pg_answer a;

	bid(w, auction, 0, 95000);
	for (int i = 1; i < 4; i++)
		bid(w, auction, i, 90000);
	to_end(w, auction);
	ck_assert(choice_job(w, SQL_job_auction_end, auction));
	ck_assert_str_eq(choice_state(w, project), "selecting");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.job WHERE kind = "
				 "'draw_freeze' AND subject = '%s' AND due_at <= api.now()",
				 draw),
		1);
	a = choice_freeze(w, draw);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT split_part(excluded, ' ', 2) FROM market.draw"), "outbid");
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(w, project), "selected");
	ck_assert_str_eq(
		pg_value(w->pg,
			"SELECT agency_id || amount_fen FROM market.standing WHERE place = 4"),
		choice_text(w, "%s95000", w->agency_id[0]));
	ck_assert_str_eq(pg_value(w->pg,
				 "SELECT agency_id FROM market.standing WHERE place = 1 AND "
				 "state = 'winner' AND amount_fen = 90000"),
		pg_member(w->pg, a.body, "/order/0"));
	choice_free(&w);
}
END_TEST

START_TEST(an_auction_that_nobody_could_join_in_time_starts_when_the_job_runs)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "auction", "");

	for (int i = 0; i < 3; i++)
		choice_signup(w, project, i);
	pg_clock_move(w->pg, "1 hour");
	ck_assert(choice_job(w, SQL_job_project_deadline, project));
	ck_assert_int_eq(
		pg_number(w->pg, "SELECT (starts_at = api.now())::int FROM market.auction"), 1);
	choice_free(&w);
}
END_TEST

SUITE(auction, bids_are_held_to_ceiling_step_and_floor,
	a_late_bid_is_refused_even_if_the_closing_job_has_not_run,
	an_improving_bid_in_the_window_extends_and_a_refused_one_never_does,
	the_hard_end_holds_and_the_job_follows_the_end, bid_times_never_go_back,
	bidders_are_labels_until_the_end, a_replayed_bid_gives_the_same_receipt,
	the_best_bid_wins_and_the_rest_stand_by_their_best, fewer_bidders_than_the_minimum_fail,
	a_tie_at_the_floor_is_drawn_among_the_tied,
	an_auction_that_nobody_could_join_in_time_starts_when_the_job_runs)
