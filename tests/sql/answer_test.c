/* The answers of catalogue, people, agencies and offers have the shapes that proto/in describes. */
#include <check.h>

#include "proto/shape.h"
#include "tests/support/market.h"
#include "tests/support/shaped.h"
#include "tests/support/suite.h"

extern const struct shape shape_category_page, shape_item, shape_item_page,
	shape_qualification_page, shape_region_page, shape_calendar_page, shape_policy,
	shape_policy_page, shape_organisation, shape_user, shape_me, shape_key, shape_key_secret,
	shape_key_page, shape_agency, shape_agency_page, shape_offer, shape_offer_page;

#define READ(...)  pg_call(pg, pg->reader, __VA_ARGS__, NULL)
#define WRITE(...) pg_call(pg, pg->writer, __VA_ARGS__, NULL)

START_TEST(the_catalogue_answers_as_described)
{
	struct pg *pg = market_new();

	(void)market_agency(pg, "active", "{C01}");
	shaped(pg, &shape_category_page, READ(SQL_category_list));
	shaped(pg, &shape_item_page, READ(SQL_item_list, "limit", "200"));
	shaped(pg, &shape_item_page, READ(SQL_item_list, "limit", "7"));
	shaped(pg, &shape_item_page, READ(SQL_item_list, "search", "没有"));
	shaped(pg, &shape_item, READ(SQL_item_get, "id", "I001"));
	shaped(pg, &shape_item, READ(SQL_item_get, "id", "I044"));
	shaped(pg, &shape_qualification_page, READ(SQL_qualification_list));
	shaped(pg, &shape_region_page, READ(SQL_region_list));
	shaped(pg, &shape_calendar_page, READ(SQL_calendar_list, "year", "2026"));
	shaped(pg, &shape_policy_page, READ(SQL_policy_list));
	shaped(pg, &shape_policy, READ(SQL_policy_get, "id", "demo"));
	pg_free(&pg);
}
END_TEST

START_TEST(people_and_keys_answer_as_described)
{
	struct pg *pg = market_new();
	const char *operator= pg_person(pg, "operator", 4), *org, *user;
	struct pg_answer a;

	a = WRITE(SQL_organisation_create, "caller", operator, "need", "4", "idem", "k1", "body",
		"{\"kind\":\"auditor\",\"name\":\"某局\",\"credit_code\":\"91350100M000100Y43\"}");
	shaped(pg, &shape_organisation, a);
	org = pg_member(pg, a.body, "/id");
	shaped(pg, &shape_organisation, READ(SQL_organisation_get, "caller", operator, "id", org));
	a = WRITE(SQL_user_create, "caller", operator, "need", "4", "idem", "k2", "id", org, "body",
		"{\"name\":\"张三\",\"roles\":[\"auditor\",\"witness\"]}");
	shaped(pg, &shape_user, a);
	user = pg_member(pg, a.body, "/id");
	a = WRITE(SQL_key_create, "caller", operator, "need", "63", "idem", "k3", "id", user,
		"body",
		"{\"label\":\"x\",\"roles\":[\"auditor\"],\"expires_at\":\"2100-01-01T00:00:00Z\"}",
		"secret_hash", "\\x11");
	shaped(pg, &shape_key_secret, a);
	shaped(pg, &shape_me, READ(SQL_user_me, "caller", pg_member(pg, a.body, "/id")));
	shaped(pg, &shape_me, READ(SQL_user_me, "caller", market_agency(pg, "draft", "{C01}")));
	shaped(pg, &shape_key_page, READ(SQL_key_list, "caller", operator, "id", user));
	shaped(pg, &shape_key,
		WRITE(SQL_key_revoke, "caller", operator, "need", "63", "if_match", "1", "id",
			pg_member(pg, a.body, "/id")));
	pg_free(&pg);
}
END_TEST

START_TEST(agencies_and_offers_answer_as_described)
{
	struct pg *pg = market_new();
	const char *operator= pg_person(pg, "operator", 4), *agency = pg_person(pg, "agency", 2);
	const char *id;
	struct pg_answer a;

	pg_run(pg,
		"UPDATE market.organisation SET credit_code = '91350100M000100Y44' WHERE id = '%s'",
		pg_org_of(pg, agency));
	a = WRITE(SQL_agency_register, "caller", agency, "need", "2", "idem", "k1", "body",
		"{\"legal_representative\":\"某某\",\"phone\":\"0736-7000000\",\"address\":"
		"\"某路\","
		"\"categories\":[\"C01\"]}");
	shaped(pg, &shape_agency, a);
	id = pg_member(pg, a.body, "/id");
	shaped(pg, &shape_agency,
		WRITE(SQL_agency_certify, "caller", agency, "need", "2", "idem", "k2", "id", id,
			"body",
			"{\"qualification\":\"Q01\",\"grade\":\"甲级\",\"issuer\":\"某厅\","
			"\"number\":\"1\",\"expires_on\":\"2100-01-01\"}"));
	shaped(pg, &shape_agency,
		WRITE(SQL_agency_submit, "caller", agency, "need", "2", "idem", "k3", "id", id));
	/* Another has the same legal representative. */
	(void)market_agency(pg, "active", "{C01}");
	a = READ(SQL_agency_get, "caller", operator, "id", id);
	shaped(pg, &shape_agency, a);
	ck_assert_str_eq(pg_member(pg, a.body, "/related/0/by"), "legal_representative");
	shaped(pg, &shape_agency,
		WRITE(SQL_agency_check, "caller", operator, "need", "4", "idem", "k4", "if_match",
			"3", "id", id, "body",
			"{\"decision\":\"pass\",\"override\":\"营业执照如此\"}"));
	pg_run(pg, "UPDATE market.agency SET state = 'active' WHERE id = '%s'", id);
	shaped(pg, &shape_agency_page, READ(SQL_agency_list, "limit", "1"));
	shaped(pg, &shape_agency, READ(SQL_agency_get, "id", id));
	a = WRITE(SQL_offer_create, "caller", agency, "need", "2", "idem", "k5", "body",
		"{\"item\":\"I001\",\"title\":\"x\",\"price_fen\":1,\"working_days\":1,"
		"\"promise\":\"x\"}");
	shaped(pg, &shape_offer, a);
	shaped(pg, &shape_offer_page, READ(SQL_offer_list, "sort", "newest"));
	pg_free(&pg);
}
END_TEST

SUITE(answer, the_catalogue_answers_as_described, people_and_keys_answer_as_described,
	agencies_and_offers_answer_as_described)
