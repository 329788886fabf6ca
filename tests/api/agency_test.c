/* The catalogue that everyone reads, and the registration of agencies: refused, changed, passed,
 * checked again, put under one control. */
#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *market;

static struct scene *
scene_market(void)
{
	if (market == NULL)
		market = scene_new("demo");
	return market;
}

static void
reads(struct scene *s, const char *target)
{
	scene_does(s, NOBODY, scene_text(s, "GET %s", target), NULL, NULL);
	ck_assert(text_is(answer_field(&s->last, "Access-Control-Allow-Origin"), "*"));
}

START_TEST(catalogue_is_read_by_anyone)
{
	struct scene *s = scene_market();

	reads(s, "/v1/categories");
	ck_assert_str_eq(scene_member(s, "/items/29/code"), "C30");
	ck_assert_int_eq(scene_number(s, "/items/0/agencies"), SCENE_AGENCIES);
	reads(s, "/v1/items?search=%E5%9C%B0%E7%B1%8D&limit=5"); /* 地籍 */
	ck_assert_str_eq(scene_member(s, "/items/0/code"), "I002");
	reads(s, "/v1/items/I001");
	ck_assert_str_eq(scene_member(s, "/requirement/qualifications/0/code"), "Q01");
	reads(s, "/v1/qualifications");
	ck_assert_str_eq(scene_member(s, "/items/0/grades/0"), "甲级");
	reads(s, "/v1/regions");
	reads(s, "/v1/calendar?year=2024");
	ck_assert_str_eq(scene_member(s, "/items/0/date"), "2024-01-01");
	reads(s, "/v1/statistics");
	ck_assert_int_eq(scene_number(s, "/items"), 141);
	scene_refused(s, NOBODY, "GET /v1/items/I999", NULL, NULL, "not-found", "id");
	scene_refused(s, NOBODY, "GET /v1/calendar", NULL, NULL, "bad-input", "year");
}
END_TEST

/* The text of a profile has the hash that is told, and is found by it. */
START_TEST(policy_is_found_by_name_and_by_the_hash_of_its_text)
{
	struct scene *s = scene_market();
	const char *text, *hash;
	char hex[2 * HASH_LEN + 1];
	struct hash h;

	reads(s, "/v1/policies");
	ck_assert_str_eq(scene_member(s, "/items/0/name"), "cn-default");
	ck_assert_str_eq(scene_member(s, "/items/1/name"), "demo");
	reads(s, "/v1/policies/cn-default");
	text = scene_member(s, "/text");
	hash = scene_member(s, "/hash");
	h = hash_of(text, strlen(text));
	hex_encode(h.at, HASH_LEN, hex);
	ck_assert_str_eq(hex, hash);
	reads(s, scene_text(s, "/v1/policies/%s", hash));
	ck_assert_str_eq(scene_member(s, "/name"), "cn-default");
	scene_refused(s, NOBODY, "GET /v1/policies/none", NULL, NULL, "not-found", "id");
}
END_TEST

/* A new agency's key; its credit code has a wrong check character that someone gave a reason for,
 * or not. */
static void
newcomer(struct scene *s, int who, const char *code, const char *override)
{
	scene_does(s, OPERATOR, "POST /v1/organisations", NULL,
		scene_text(s,
			"{\"kind\":\"agency\",\"name\":\"新来的%d\",\"credit_code\":\"%s\"%s}", who,
			code, override));
	s->org_id[who] = scene_member(s, "/id");
	scene_does(s, OPERATOR, scene_text(s, "POST /v1/organisations/%s/users", s->org_id[who]),
		NULL, "{\"name\":\"经办人\",\"roles\":[\"agency\"]}");
	s->user_id[who] = scene_member(s, "/id");
	scene_does(s, OPERATOR, scene_text(s, "POST /v1/users/%s/keys", s->user_id[who]), NULL,
		"{\"label\":\"x\",\"roles\":[\"agency\"]}");
	memcpy(s->key[who], scene_member(s, "/secret"), KEY_LEN + 1);
}

static const char registration[] =
	"{\"legal_representative\":\"某某\",\"phone\":\"0736-1234567\",\"address\":\"某路 1 号\","
	"\"categories\":[\"C01\"]}";

START_TEST(registration_is_refused_with_a_reason_changed_and_passed)
{
	struct scene *s = scene_market();
	const int who = STRANGER; /* its place is taken here */
	const char *path, *version;

	newcomer(s, who, "91350100M000100Y44", ",\"credit_code_override\":\"证照原件如此\"");
	scene_refused(s, who, "POST /v1/agencies", NULL,
		"{\"legal_representative\":\"某某\",\"phone\":\"0736-1234567\",\"address\":"
		"\"某路\","
		"\"categories\":[\"C01\",\"C99\"]}",
		"rule", "/categories/1");
	scene_does(s, who, "POST /v1/agencies", NULL, registration);
	path = scene_text(s, "/v1/agencies/%s", scene_member(s, "/id"));
	scene_refused(s, who, "POST /v1/agencies", NULL, registration, "duplicate", "AG1");
	scene_refused(s, NOBODY, scene_text(s, "GET %s", path), NULL, NULL, "not-found", "id");
	scene_does(s, who, scene_text(s, "POST %s/submission", path), NULL, NULL);
	version = scene_member(s, "/version");
	scene_refused(s, who, scene_text(s, "PATCH %s", path), version,
		"{\"phone\":\"0736-7654321\"}", "wrong-state", "");
	scene_refused(s, REVIEWER, scene_text(s, "POST %s/check", path), version,
		"{\"decision\":\"refuse\"}", "rule", "/reason");
	scene_does(s, REVIEWER, scene_text(s, "POST %s/check", path), version,
		"{\"decision\":\"refuse\",\"reason\":\"电话无法接通\"}");
	ck_assert_str_eq(scene_member(s, "/state"), "draft");
	ck_assert_str_eq(scene_member(s, "/warnings/0"), "credit-code-check");
	scene_does(s, who, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/check_reason"), "电话无法接通");
	ck_assert_str_eq(scene_member(s, "/warnings/0"), "");
	version = scene_member(s, "/version");
	scene_does(s, who, scene_text(s, "PATCH %s", path), version,
		"{\"phone\":\"0736-7654321\",\"region\":\"430700\"}");
	ck_assert_str_eq(scene_member(s, "/phone"), "0736-7654321");
	scene_does(s, who, scene_text(s, "POST %s/submission", path), NULL, NULL);
	scene_does(s, OPERATOR, "GET /v1/agencies?state=checking", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/name"), "新来的4");
	scene_refused(
		s, OWNER, "GET /v1/agencies?state=checking", NULL, NULL, "forbidden", "state");
	scene_does(s, OPERATOR, scene_text(s, "POST %s/check", path),
		scene_look(s, path, "/version"), "{\"decision\":\"pass\"}");
	pg_clock_set(s->pg, scene_member(s, "/notice_until"));
	scene_until(s, "active", "SELECT state FROM market.agency WHERE organisation_id = '%s'",
		s->org_id[who]);
	reads(s, path);
	ck_assert_str_eq(scene_member(s, "/state"), "active");
	scene_does(s, who, "GET /v1/me", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/agency_state"), "active");
}
END_TEST

/* A new certificate of an active agency counts only after another check. */
START_TEST(new_certificate_counts_after_its_check)
{
	struct scene *s = scene_market();
	const char *path = scene_text(s, "/v1/agencies/%s", s->agency_id[0]);
	static const char body[] = "{\"qualification\":\"Q02\",\"grade\":\"甲级\",\"issuer\":"
				   "\"省厅\",\"number\":\"KC-1\","
				   "\"expires_on\":\"2025-12-31\"}";

	scene_refused(s, AGENCY, scene_text(s, "POST %s/certificates", path), NULL,
		"{\"qualification\":\"Q02\",\"grade\":\"特级\",\"issuer\":\"省厅\",\"number\":\"KC-"
		"1\","
		"\"expires_on\":\"2025-12-31\"}",
		"rule", "/grade");
	scene_refused(s, AGENCY, scene_text(s, "POST %s/certificates", path), NULL,
		"{\"qualification\":\"Q02\",\"grade\":\"甲级\",\"issuer\":\"省厅\",\"number\":\"KC-"
		"1\","
		"\"expires_on\":\"2024-02-29\"}",
		"rule", "/expires_on");
	scene_does(s, AGENCY, scene_text(s, "POST %s/certificates", path), NULL, body);
	ck_assert_str_eq(scene_member(s, "/state"), "active");
	ck_assert_str_eq(scene_member(s, "/certificates/1/state"), "pending");
	scene_refused(s, AGENCY + 1,
		scene_text(s, "POST /v1/agencies/%s/certificates", s->agency_id[1]), NULL, body,
		"duplicate", "/number");
	reads(s, path);
	ck_assert_str_eq(scene_member(s, "/certificates/1/state"), "");
	scene_does(s, OPERATOR, "GET /v1/agencies?pending=true", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/id"), s->agency_id[0]);
	scene_does(s, OPERATOR, scene_text(s, "POST %s/check", path),
		scene_look(s, path, "/version"), "{\"decision\":\"pass\"}");
	reads(s, path);
	ck_assert_str_eq(scene_member(s, "/certificates/1/state"), "valid");
}
END_TEST

/* Two under one control have one ticket: whoever is first signs up. */
START_TEST(agencies_under_one_control_have_one_ticket)
{
	struct scene *s = scene_market();
	const char *path = scene_text(s, "/v1/agencies/%s", s->agency_id[1]), *project;

	scene_does(s, AGENCY + 1, scene_text(s, "POST %s/certificates", path), NULL,
		"{\"qualification\":\"Q02\",\"grade\":\"乙级\",\"issuer\":\"省厅\",\"number\":\"KC-"
		"2\","
		"\"expires_on\":\"2025-12-31\"}");
	scene_does(s, OPERATOR, scene_text(s, "POST %s/check", path), scene_member(s, "/version"),
		scene_text(s, "{\"decision\":\"pass\",\"group_with\":\"%s\"}", s->agency_id[2]));
	ck_assert_str_ne(scene_member(s, "/controller_group"), "");
	ck_assert_str_eq(scene_member(s, "/controller_group"),
		scene_look(
			s, scene_text(s, "/v1/agencies/%s", s->agency_id[2]), "/controller_group"));
	project = life_open(s, "draw", NULL, "");
	(void)life_signup(s, project, 2);
	scene_refused(s, AGENCY + 1, scene_text(s, "POST /v1/projects/%s/signups", project), NULL,
		NULL, "duplicate", "signup.group");
	invariants_hold(s->pg);
	scene_free(&market);
}
END_TEST

SUITE(agency, catalogue_is_read_by_anyone, policy_is_found_by_name_and_by_the_hash_of_its_text,
	registration_is_refused_with_a_reason_changed_and_passed,
	new_certificate_counts_after_its_check, agencies_under_one_control_have_one_ticket)
