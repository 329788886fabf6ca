/* Standard offers: who may list them, and how they are found. */
#include <check.h>
#include <string.h>

#include "tests/support/market.h"
#include "tests/support/suite.h"

static struct pg_answer
offer(struct pg *pg, const char *agency, const char *idem, const char *item, int fen, int days)
{
	return pg_call(pg, pg->writer, SQL_offer_create, "caller", agency, "need", "2", "idem",
		idem, "body",
		arena_printf(&pg->arena,
			"{\"item\":\"%s\",\"title\":\"%s\",\"price_fen\":%d,\"working_days\":%d,"
			"\"promise\":\"三日内提交\"}",
			item, idem, fen, days),
		NULL);
}

static struct pg *
pg_open(void)
{
	struct pg *pg = market_new();

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	pg_run(pg, "UPDATE market.item SET rule = NULL WHERE code IN ('I001', 'I002', 'I004')");
	return pg;
}

/* The titles of a list in its order. */
static const char *
titles(struct pg *pg, struct pg_answer a)
{
	ck_answered(a, 0);
	return pg_value(pg,
		"SELECT string_agg(e ->> 'title', ' ' ORDER BY o) FROM json_array_elements("
		"$j$%s$j$::json -> 'items') WITH ORDINALITY AS x(e, o)",
		a.body);
}
#define LIST(...) titles(pg, pg_call(pg, pg->reader, SQL_offer_list, __VA_ARGS__, NULL))

START_TEST(an_eligible_agency_lists_an_offer_and_withdraws_it)
{
	struct pg *pg = pg_open();
	const char *agency = market_agency(pg, "active", "{C01}"), *id;
	struct pg_answer a = offer(pg, agency, "k1", "I001", 500000, 10), b;

	ck_answered(a, 201);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "listed");
	ck_assert_str_eq(pg_member(pg, a.body, "/item_name_zh"), "土地勘测定界");
	ck_assert_str_eq(pg_member(pg, a.body, "/agency_id"), market_agency_of(pg, agency));
	ck_assert(offer(pg, agency, "k1", "I001", 500000, 10).replayed);
	id = pg_member(pg, a.body, "/id");
	b = pg_call(pg, pg->reader, SQL_offer_get, "id", id, NULL);
	ck_assert_str_eq(b.body, a.body);
	ck_refused(pg_call(pg, pg->writer, SQL_offer_withdraw, "caller",
			   market_agency(pg, "active", "{C01}"), "need", "2", "if_match", "1", "id",
			   id, NULL),
		"not-found", "", "id");
	ck_refused(pg_call(pg, pg->writer, SQL_offer_withdraw, "caller", agency, "need", "2",
			   "if_match", "2", "id", id, NULL),
		"stale", "", "");
	b = pg_call(pg, pg->writer, SQL_offer_withdraw, "caller", agency, "need", "2", "if_match",
		"1", "id", id, NULL);
	ck_answered(b, 200);
	ck_assert_int_eq(b.version, 2);
	ck_refused(pg_call(pg, pg->writer, SQL_offer_withdraw, "caller", agency, "need", "2",
			   "if_match", "2", "id", id, NULL),
		"wrong-state", "offer.listed", "");
	ck_assert_str_eq(LIST("item", "I001"), "");
	/* What was withdrawn can be listed anew under the same title. */
	ck_answered(pg_call(pg, pg->writer, SQL_offer_create, "caller", agency, "need", "2", "idem",
			    "k2", "body",
			    "{\"item\":\"I001\",\"title\":\"k1\",\"price_fen\":1,"
			    "\"working_days\":1,\"promise\":\"x\"}",
			    NULL),
		201);
	ck_refused(pg_call(pg, pg->reader, SQL_offer_get, "id", "off_none", NULL), "not-found", "",
		"id");
	pg_free(&pg);
}
END_TEST

START_TEST(an_offer_is_refused_to_who_could_not_be_picked)
{
	struct pg *pg = pg_open();
	const char *agency = market_agency(pg, "active", "{C01}");

	ck_refused(offer(pg, market_agency(pg, "notice", "{C01}"), "k1", "I001", 1, 1),
		"ineligible", "not-active", "/item");
	ck_refused(offer(pg, pg_person(pg, "agency", 2), "k1", "I001", 1, 1), "ineligible",
		"not-active", "/item");
	ck_refused(offer(pg, market_agency(pg, "active", "{C02}"), "k1", "I001", 1, 1),
		"ineligible", "no-category", "/item");
	ck_refused(
		offer(pg, agency, "k1", "I003", 1, 1), "ineligible", "no-qualification", "/item");
	ck_refused(offer(pg, agency, "k2", "I999", 1, 1), "rule", "catalogue.item", "/item");
	pg_run(pg, "UPDATE market.item SET active = false WHERE code = 'I002'");
	ck_refused(offer(pg, agency, "k3", "I002", 1, 1), "rule", "catalogue.item", "/item");
	ck_answered(offer(pg, agency, "k4", "I001", 1, 1), 201);
	ck_refused(pg_call(pg, pg->writer, SQL_offer_create, "caller", agency, "need", "2", "idem",
			   "k5", "body",
			   "{\"item\":\"I001\",\"title\":\"k4\",\"price_fen\":1,\"working_days\":1,"
			   "\"promise\":\"x\"}",
			   NULL),
		"duplicate", "offer.title", "/title");
	pg_run(pg,
		"INSERT INTO market.offer (id, agency_id, item_code, title, price_fen, "
		"working_days,"
		" promise, state, created_at, recorded_at) SELECT 'o' || n, '%s', 'I001', n, 1, 1,"
		" 'x', 'listed', api.now(), api.now() FROM generate_series(1, 499) n",
		market_agency_of(pg, agency));
	ck_refused(offer(pg, agency, "k6", "I001", 1, 1), "rule", "offer.count", "");
	pg_free(&pg);
}
END_TEST

START_TEST(offers_are_filtered_and_sorted)
{
	struct pg *pg = pg_open();
	const char *a = market_agency(pg, "active", "{C01}"),
		   *b = market_agency(pg, "active", "{C01}");

	pg_run(pg, "UPDATE market.agency SET region = '430100' WHERE id = '%s'",
		market_agency_of(pg, b));
	(void)offer(pg, a, "p", "I001", 300, 5);
	pg_clock_move(pg, "1 minute");
	(void)offer(pg, b, "q", "I001", 100, 9);
	pg_clock_move(pg, "1 minute");
	(void)offer(pg, a, "r", "I002", 200, 1);
	ck_assert_str_eq(LIST("sort", NULL), "q r p");
	ck_assert_str_eq(LIST("sort", "-price"), "p r q");
	ck_assert_str_eq(LIST("sort", "days"), "r p q");
	ck_assert_str_eq(LIST("sort", "newest"), "r q p");
	ck_assert_str_eq(LIST("item", "I001"), "q p");
	ck_assert_str_eq(LIST("category", "C01"), "q r p");
	ck_assert_str_eq(LIST("category", "C02"), "");
	ck_assert_str_eq(LIST("agency", market_agency_of(pg, a)), "r p");
	ck_assert_str_eq(LIST("region", "430100"), "q");
	ck_assert_str_eq(LIST("price_min_fen", "200"), "r p");
	ck_assert_str_eq(LIST("price_max_fen", "200"), "q r");
	pg_run(pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
		market_agency_of(pg, b));
	ck_assert_str_eq(LIST("sort", NULL), "r p");
	pg_free(&pg);
}
END_TEST

START_TEST(pages_hold_every_offer_once_in_each_order)
{
	static const char *const sorts[] = {"price", "-price", "days", "newest"};
	struct pg *pg = pg_open();
	const char *agency = market_agency(pg, "active", "{C01}");

	for (int i = 0; i < 11; i++)
		(void)offer(pg, agency, arena_printf(&pg->arena, "t%d", i), "I001", 100 + i / 4,
			1 + i / 5);
	for (size_t s = 0; s < 4; s++) {
		const char *all = LIST("sort", sorts[s]), *cursor = NULL;
		char pages[200] = "";

		do {
			struct pg_answer a = pg_call(pg, pg->reader, SQL_offer_list, "sort",
				sorts[s], "limit", "3", "cursor", cursor, NULL);

			(void)snprintf(pages + strlen(pages), sizeof pages - strlen(pages), "%s%s",
				pages[0] == '\0' ? "" : " ", titles(pg, a));
			cursor = a.next[0] == '\0' ? NULL : a.next;
		} while (cursor != NULL);
		ck_assert_str_eq(pages, all);
	}
	/* A cursor belongs to the order it was made in. */
	ck_refused(pg_call(pg, pg->reader, SQL_offer_list, "sort", "days", "cursor",
			   pg_call(pg, pg->reader, SQL_offer_list, "limit", "3", NULL).next, NULL),
		"bad-input", "", "cursor");
	pg_free(&pg);
}
END_TEST

START_TEST(an_offer_shows_the_rating_and_volume_of_its_agency)
{
	struct pg *pg = pg_open();
	const char *agency = market_agency(pg, "active", "{C01}"),
		   *owner = pg_person(pg, "owner", 1);
	const char *id = market_agency_of(pg, agency);
	struct pg_answer a;

	(void)offer(pg, agency, "k", "I001", 100, 1);
	pg_run(pg,
		"INSERT INTO market.project (id, owner_id, author_id, item_code, item_version, "
		"title,"
		" content, mode, profile, fiscal_bp, price_basis, budget_fen, state, search,"
		" created_at, recorded_at) VALUES ('prj_1', '%s', '%s', 'I001', 1, 'x', 'x', "
		"'pick',"
		" 'demo', 0, 'none', 1, 'paid', '', api.now(), api.now())",
		pg_org_of(pg, owner), pg_user_of(pg, owner));
	pg_run(pg,
		"INSERT INTO market.orders (id, project_id, round, lot, place, owner_id, agency_id,"
		" item_code, category_code, mode, fiscal_bp, state, award_fen, contract_fen,"
		" awarded_at, contract_at, recorded_at) SELECT 'ord_' || n, 'prj_1', 1, n, n, '%s',"
		" '%s', 'I001', 'C01', 'pick', 0, s, 1000, 1000, api.now(), at, api.now()"
		" FROM (VALUES (1, 'paid', api.now()), (2, 'in_service', api.now()),"
		" (3, 'awarded', NULL), (4, 'ended', api.now())) x(n, s, at)",
		pg_org_of(pg, owner), id);
	/* Order 1: owner 4, not the older 1, operator 5: (4*5 + 5*2) / 7.  Order 2: owner 3. */
	pg_run(pg,
		"INSERT INTO market.rating (order_id, rater, n, user_id, quality, time, conduct,"
		" price, service, at) SELECT o, r, n, 'u', v, v, v, v, v, api.now() FROM (VALUES"
		" ('ord_1', 'owner', 1, 1), ('ord_1', 'owner', 2, 4), ('ord_1', 'operator', 1, 5),"
		" ('ord_2', 'owner', 1, 3)) x(o, r, n, v)");
	a = pg_call(pg, pg->reader, SQL_offer_list, "item", "I001", NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/agency_rating"), "364");
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/agency_orders"), "2");
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/agency_volume_fen"), "2000");
	a = pg_call(pg, pg->reader, SQL_agency_get, "id", id, NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/ratings"), "2");
	pg_free(&pg);
}
END_TEST

SUITE(offer, an_eligible_agency_lists_an_offer_and_withdraws_it,
	an_offer_is_refused_to_who_could_not_be_picked, offers_are_filtered_and_sorted,
	pages_hold_every_offer_once_in_each_order,
	an_offer_shows_the_rating_and_volume_of_its_agency)
