/* A live reverse auction over the interface, to the last payment, by profile cn-default: it runs
 * for two hours, is extended by 300 seconds, and at most four hours long. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

#define CEILING_AND_FLOOR \
	"\"price_basis\":\"ceiling\",\"ceiling_fen\":10000000,\"floor_fen\":7000000," \
	"\"step_fen\":100000"

static struct scene *market;

static struct scene *
scene_market(void)
{
	if (market == NULL)
		market = scene_new("cn-default");
	return market;
}

/* An auction with the first `count` agencies as bidders, at its beginning. */
static const char *
auction_live(struct scene *s, int count, const char *more, const char **ret_project)
{
	const char *project = life_open(s, "auction", CEILING_AND_FLOOR, more);

	for (int i = 0; i < count; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	*ret_project = project;
	return scene_look(s, scene_text(s, "/v1/projects/%s", project), "/auction_id");
}

static const char *
path_of(struct scene *s, const char *auction)
{
	return scene_text(s, "/v1/auctions/%s", auction);
}

static void
bids(struct scene *s, const char *auction, int agency, int64_t fen)
{
	scene_does(s, AGENCY + agency, scene_text(s, "POST %s/bids", path_of(s, auction)), NULL,
		scene_text(s, "{\"amount_fen\":%" PRId64 "}", fen));
	ck_assert_int_eq(scene_number(s, "/amount_fen"), fen);
	ck_assert_str_eq(scene_member(s, "/agency_id"), "");
	life_receipt(s, "bid", auction);
}

static void
bid_refused(struct scene *s, const char *auction, int agency, int64_t fen, const char *code,
	const char *place)
{
	scene_refused(s, AGENCY + agency, scene_text(s, "POST %s/bids", path_of(s, auction)), NULL,
		scene_text(s, "{\"amount_fen\":%" PRId64 "}", fen), code, place);
}

/* The clock stands so many seconds before the present end. */
static void
near_end(struct scene *s, const char *auction, int seconds)
{
	pg_clock_set(s->pg,
		pg_value(s->pg,
			"SELECT effective_end - %d * interval '1 second' FROM market.auction WHERE "
			"id = '%s'",
			seconds, auction));
}

static void
auction_until(struct scene *s, const char *auction, const char *state)
{
	scene_until(s, state, "SELECT state FROM market.auction WHERE id = '%s'", auction);
}

START_TEST(bid_is_taken_by_ceiling_step_and_floor)
{
	struct scene *s = scene_market();
	const char *project, *auction = auction_live(s, 3, "", &project);

	bid_refused(s, auction, 3, 9000000, "ineligible", "auction.bidder");
	bid_refused(s, auction, 0, 10000001, "bid-too-high", "auction.ceiling");
	bids(s, auction, 0, 10000000);
	ck_assert_int_eq(scene_number(s, "/seq"), 1);
	bid_refused(s, auction, 1, 10000000, "bid-too-high", "/amount_fen");
	bid_refused(s, auction, 1, 9900001, "bid-too-high", "auction.step");
	bids(s, auction, 1, 9900000);
	ck_assert_int_eq(scene_number(s, "/seq"), 2);
	bid_refused(s, auction, 2, 6999999, "rule", "auction.floor");
	bids(s, auction, 2, 7000000);
	bids(s, auction, 0, 7000000);
	bid_refused(s, auction, 0, 7000000, "duplicate", "");
	scene_does(s, NOBODY, scene_text(s, "GET %s", path_of(s, auction)), NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/best_fen"), 7000000);
	ck_assert_int_eq(scene_number(s, "/bids"), 4);
	scene_does(
		s, NOBODY, scene_text(s, "GET %s/bids?limit=3", path_of(s, auction)), NULL, NULL);
	ck_assert_str_ne(scene_member(s, "/next_cursor"), "");
	scene_does(s, NOBODY,
		scene_text(s, "GET %s/bids?limit=3&cursor=%s", path_of(s, auction),
			scene_member(s, "/next_cursor")),
		NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/items/0/seq"), 4);
	ck_assert_str_eq(scene_member(s, "/items/1/seq"), "");
}
END_TEST

/* Only an improving bid inside the window moves the end, and none beyond the cap. */
START_TEST(end_moves_with_an_improving_bid_and_stops_at_the_cap)
{
	struct scene *s = scene_market();
	const char *project, *auction = auction_live(s, 3, "", &project), *end;
	int64_t fen = 10000000;
	int moves = 0;

	end = scene_look(s, path_of(s, auction), "/effective_end");
	near_end(s, auction, 301);
	bids(s, auction, 0, fen);
	ck_assert_str_eq(scene_member(s, "/effective_end"), end);
	near_end(s, auction, 10);
	bid_refused(s, auction, 1, fen, "bid-too-high", "auction.step");
	ck_assert_str_eq(scene_look(s, path_of(s, auction), "/effective_end"), end);
	do {
		end = scene_look(s, path_of(s, auction), "/effective_end");
		near_end(s, auction, 1);
		fen -= 100000;
		bids(s, auction, ++moves % 3, fen);
	} while (strcmp(scene_member(s, "/effective_end"), end) != 0);
	ck_assert_str_eq(end, scene_look(s, path_of(s, auction), "/hard_end"));
	/* Two hours, 299 seconds at a time, and the bid that moved nothing. */
	ck_assert_int_eq(moves, 7200 / 299 + 1 + 1);
	near_end(s, auction, 0);
	auction_until(s, auction, "ended");
}
END_TEST

/* Nobody learns who bids before the end; a bid after the end is late although the timer that
 * closes the auction is held back. */
START_TEST(auction_goes_from_registration_to_payment)
{
	struct scene *s = scene_market();
	const char *project, *auction = auction_live(s, 3, "", &project), *label;
	const char *path = path_of(s, auction);
	static const int order[3] = {1, 2, 0}, bidder[4] = {0, 1, 2, 1};
	PGconn *holder;

	bids(s, auction, 0, 9500000);
	bids(s, auction, 1, 9000000);
	label = scene_member(s, "/label");
	bids(s, auction, 2, 8800000);
	bids(s, auction, 1, 8700000);
	ck_assert_str_eq(scene_member(s, "/label"), label);
	for (int who = NOBODY; who < AGENCY + 2; who++) {
		scene_does(s, who, scene_text(s, "GET %s", path), NULL, NULL);
		ck_assert_str_eq(scene_member(s, "/bidders/0/agency_id"), "");
		ck_assert_ptr_null(strstr(s->last.body.at, "agc_"));
		scene_does(s, who, scene_text(s, "GET %s/bids", path), NULL, NULL);
		ck_assert_ptr_null(strstr(s->last.body.at, "agc_"));
	}
	holder = scene_hold(s, "auction_end", auction);
	near_end(s, auction, 0);
	bid_refused(s, auction, 0, 8000000, "late", "auction.end");
	ck_assert_str_eq(scene_look(s, path, "/state"), "live");
	scene_release(&holder);
	auction_until(s, auction, "ended");
	bid_refused(s, auction, 0, 8000000, "late", "auction.end");
	scene_does(s, NOBODY, scene_text(s, "GET %s/bids", path), NULL, NULL);
	for (int i = 0; i < 4; i++)
		ck_assert_str_eq(scene_member(s, scene_text(s, "/items/%d/agency_id", i)),
			s->agency_id[bidder[i]]);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(life_agency(s, project, i), order[i]);
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, 1, 8700000);
	life_ledger(s);
	scene_does(s, REGULATOR, "GET /v1/ledger/totals?mode=auction", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/evidenced_fen"), 8700000);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(tie_at_the_floor_is_drawn)
{
	struct scene *s = scene_market();
	const char *project, *auction = auction_live(s, 3, "", &project), *draw;
	int first;

	bids(s, auction, 0, 8000000);
	bids(s, auction, 2, 7000000);
	bids(s, auction, 1, 7000000);
	near_end(s, auction, 0);
	draw = scene_text(s, "%s.1.tie", project);
	scene_until(s, "contributing", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	life_contribute(s, draw);
	life_transcript(s, draw, 2);
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/purpose"), "tie");
	first = life_agency(s, project, 0);
	ck_assert(first == 1 || first == 2);
	ck_assert_int_eq(life_agency(s, project, 1), 3 - first);
	ck_assert_int_eq(life_agency(s, project, 2), 0);
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, first, 7000000);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(too_few_bidders_fail_the_round)
{
	struct scene *s = scene_market();
	const char *project, *auction = auction_live(s, 3, "", &project);

	bids(s, auction, 0, 9000000);
	bids(s, auction, 1, 8000000);
	near_end(s, auction, 0);
	life_until(s, project, "failed");
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/projects/%s", project), "/end_reason"),
		"too-few-bidders");
	bid_refused(s, auction, 2, 7500000, "wrong-state", "auction.end");
	project = life_open(s, "auction", NULL, "");
	(void)life_signup(s, project, 0);
	(void)life_signup(s, project, 1);
	life_pass(s, project, "/deadline_at", "failed");
	(void)auction_live(s, 2, ",\"fiscal_bp\":0", &project); /* two are enough */
	invariants_hold(s->pg);
	scene_free(&market);
}
END_TEST

SUITE(auction, bid_is_taken_by_ceiling_step_and_floor,
	end_moves_with_an_improving_bid_and_stops_at_the_cap,
	auction_goes_from_registration_to_payment, tie_at_the_floor_is_drawn,
	too_few_bidders_fail_the_round)
