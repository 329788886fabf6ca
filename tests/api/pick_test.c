/* A catalogue pick over the interface, to the last payment. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *market;
static const char *offer[3]; /* of agency 0, 1, 2 */

/* Offers at 80,000, 75,000 and 120,000 yuan, the last one above the usual ceiling. */
static struct scene *
market_with_offers(void)
{
	static const int price[3] = {8000000, 7500000, 12000000};

	if (market != NULL)
		return market;
	market = scene_new("demo");
	for (int i = 0; i < 3; i++) {
		scene_does(market, AGENCY + i, "POST /v1/offers", NULL,
			scene_text(market,
				"{\"item\":\"I001\",\"title\":\"勘测定界 %d 日\",\"price_fen\":%d,"
				"\"working_days\":%d,\"promise\":\"按时交付\"}",
				10 - i, price[i], 10 - i));
		offer[i] = scene_member(market, "/id");
	}
	return market;
}

static const char *
pick_body(struct scene *s, int agency)
{
	return scene_text(
		s, "{\"offer_id\":\"%s\",\"reason\":\"价格合理，业绩良好\"}", offer[agency]);
}

static void
picked(struct scene *s, const char *project, int agency)
{
	scene_does(s, OWNER, scene_text(s, "POST /v1/projects/%s/pick", project), NULL,
		pick_body(s, agency));
	ck_assert_str_eq(scene_member(s, "/pick/agency_id"), s->agency_id[agency]);
}

static const char *
answer_of(struct scene *s, const char *project)
{
	return scene_text(s, "POST /v1/projects/%s/pick/answer", project);
}

START_TEST(offers_are_listed_in_the_order_asked_for)
{
	static const int order[3] = {1, 0, 2};
	struct scene *s = market_with_offers();

	scene_does(s, NOBODY, "GET /v1/offers?item=I001&sort=price", NULL, NULL);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(
			scene_member(s, scene_text(s, "/items/%d/id", i)), offer[order[i]]);
	scene_does(s, NOBODY, "GET /v1/offers?category=C01&sort=-price&price_max_fen=8000000", NULL,
		NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/id"), offer[0]);
	ck_assert_str_eq(scene_member(s, "/items/1/id"), offer[1]);
	ck_assert_str_eq(scene_member(s, "/items/2/id"), "");
	scene_does(s, NOBODY, "GET /v1/offers?region=430700&sort=days&limit=1", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/id"), offer[2]);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/offers/%s", offer[1]), NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/price_fen"), 7500000);
}
END_TEST

START_TEST(pick_goes_from_the_catalogue_to_payment)
{
	struct scene *s = market_with_offers();
	const char *project = life_open(s, "pick", NULL, "");
	const char *path = scene_text(s, "/v1/projects/%s", project);
	const char *pick = scene_text(s, "POST %s/pick", path);

	scene_refused(s, OWNER, pick, NULL, pick_body(s, 0), "wrong-state", "pick.state");
	scene_refused(s, AGENCY, scene_text(s, "POST %s/signups", path), NULL, NULL, "rule",
		"signup.mode");
	life_pass(s, project, "/deadline_at", "selecting");
	scene_refused(s, STRANGER, pick, NULL, pick_body(s, 0), "not-found", "");
	scene_refused(s, OWNER, pick, NULL, pick_body(s, 2), "rule", "pick.price");
	picked(s, project, 0);
	scene_refused(s, OWNER, pick, NULL, pick_body(s, 1), "duplicate", "pick.one");
	scene_does(s, NOBODY, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/pick/agency_id"), "");
	scene_refused(s, AGENCY + 1, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":true}", "not-found", "");
	scene_does(s, AGENCY, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":false,\"reason\":\"任务已满\"}");
	ck_assert_str_eq(scene_member(s, "/pick/answer"), "declined");
	picked(s, project, 1);
	scene_does(s, AGENCY + 1, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":true}");
	ck_assert_str_eq(scene_member(s, "/state"), "selected");
	scene_does(s, NOBODY, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/pick/agency_id"), s->agency_id[1]);
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, 1, 7500000);
	life_ledger(s);
	scene_does(s, NOBODY, "GET /v1/statistics", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/orders_pick"), 1);
	invariants_hold(s->pg);
}
END_TEST

/* An answer is late by the clock, whether or not the timer has run; then the timer runs. */
START_TEST(pick_that_is_not_answered_in_time_is_picked_anew)
{
	struct scene *s = market_with_offers();
	const char *project = life_open(s, "pick", NULL, "");
	const char *path = scene_text(s, "/v1/projects/%s", project);
	const char *agency = scene_text(s, "/v1/agencies/%s", s->agency_id[0]);
	const uint64_t points = strtoull(scene_look(s, agency, "/credit_points"), NULL, 10);
	PGconn *holder;

	life_pass(s, project, "/deadline_at", "selecting");
	picked(s, project, 0);
	holder = scene_hold(s, "pick_due", project);
	pg_clock_set(s->pg, scene_look(s, path, "/pick/answer_due"));
	scene_refused(s, AGENCY, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":true}", "late", "pick.answer");
	scene_release(&holder);
	scene_until(
		s, "overdue", "SELECT answer FROM market.pick WHERE project_id = '%s'", project);
	scene_refused(s, AGENCY, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":true}", "wrong-state", "pick.answer");
	ck_assert_uint_eq(strtoull(scene_look(s, agency, "/credit_points"), NULL, 10), points - 5);
	picked(s, project, 1);
	scene_does(s, AGENCY + 1, answer_of(s, project), scene_look(s, path, "/version"),
		"{\"accept\":true,\"reason\":\"可承接\"}");
	life_pass(s, project, "/standstill_until", "awarded");
	invariants_hold(s->pg);
}
END_TEST

START_TEST(pick_without_an_offer_fails)
{
	struct scene *s = market_with_offers();
	const char *project;

	for (int i = 0; i < 2; i++) {
		const char *path = scene_text(s, "/v1/offers/%s", offer[i]);

		scene_does(s, AGENCY + i, scene_text(s, "DELETE %s", path),
			scene_look(s, path, "/version"), NULL);
		ck_assert_str_eq(scene_member(s, "/state"), "withdrawn");
	}
	project = life_open(s, "pick", NULL, "");
	life_pass(s, project, "/deadline_at", "failed");
	invariants_hold(s->pg);
	scene_free(&market);
}
END_TEST

SUITE(pick, offers_are_listed_in_the_order_asked_for, pick_goes_from_the_catalogue_to_payment,
	pick_that_is_not_answered_in_time_is_picked_anew, pick_without_an_offer_fails)
