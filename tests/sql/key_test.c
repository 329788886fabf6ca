/* Organisations, users, API keys, the first operator, settings. */
#include <check.h>
#include <string.h>

#include "lib/ident/uscc.h"
#include "tests/support/market.h"
#include "tests/support/suite.h"

#define HASH_A "\\x1111111111111111111111111111111111111111111111111111111111111111"
#define HASH_B "\\x2222222222222222222222222222222222222222222222222222222222222222"

static struct pg_answer
organisation(struct pg *pg, const char *caller, const char *idem, const char *body)
{
	return pg_call(pg, pg->writer, SQL_organisation_create, "caller", caller, "need", "4",
		"idem", idem, "body", body, NULL);
}

static struct pg_answer
key(struct pg *pg, const char *caller, const char *user, const char *idem, const char *roles,
	const char *more)
{
	return pg_call(pg, pg->writer, SQL_key_create, "caller", caller, "need", "63", "idem", idem,
		"id", user, "body",
		arena_printf(&pg->arena, "{\"label\":\"x\",\"roles\":%s%s}", roles, more),
		"secret_hash",
		pg_value(pg, "SELECT '\\x' || encode(sha256('%s%s'), 'hex')", user, idem), NULL);
}

static struct pg_answer
user(struct pg *pg, const char *caller, const char *org, const char *idem, const char *roles)
{
	return pg_call(pg, pg->writer, SQL_user_create, "caller", caller, "need", "4", "idem", idem,
		"id", org, "body",
		arena_printf(&pg->arena, "{\"name\":\"张三\",\"roles\":%s}", roles), NULL);
}

START_TEST(an_operator_enters_an_organisation_once)
{
	struct pg *pg = market_new();
	const char *operator= pg_person(pg, "operator", 4), *owner = pg_person(pg, "owner", 1);
	const char *body = "{\"kind\":\"owner\",\"name\":\"某局\",\"credit_code\":"
			   "\"91350100M000100Y43\",\"region\":\"430700\"}";
	struct pg_answer a = organisation(pg, operator, "k1", body), b;

	ck_answered(a, 201);
	ck_assert_int_eq(a.version, 1);
	ck_assert_str_eq(pg_member(pg, a.body, "/credit_code_override"), "");
	b = organisation(pg, operator, "k1", body);
	ck_assert(b.replayed);
	ck_assert_str_eq(a.body, b.body);
	ck_refused(organisation(pg, operator, "k2", body), "duplicate", "people.credit-code",
		"/credit_code");
	ck_refused(organisation(pg, owner, "k3", body), "forbidden", "", "");
	ck_refused(organisation(pg, operator, "k4",
			   "{\"kind\":\"owner\",\"name\":\"某局\",\"credit_code\":"
			   "\"91330100799655058B\",\"region\":\"999999\"}"),
		"rule", "catalogue.region", "/region");
	pg_free(&pg);
}
END_TEST

START_TEST(of_two_who_enter_one_credit_code_at_once_one_is_refused)
{
	struct pg *pg = pg_new();
	const char *operator= pg_person(pg, "operator", 4);
	const char *body =
		"{\"kind\":\"owner\",\"name\":\"x\",\"credit_code\":\"91350100M000100Y43\"}";
	PGconn *other = pg_connect(pg, "fairlot_writer");

	PQclear(PQexec(other, "BEGIN"));
	ck_answered(pg_call(pg, other, SQL_organisation_create, "caller", operator, "need", "4",
			    "idem", "k1", "body", body, NULL),
		201);
	pg_send(pg, pg->writer, SQL_organisation_create, "caller", operator, "need", "4", "idem",
		"k2", "body", body, NULL);
	ck_assert(pg_waits(pg, pg->writer));
	PQclear(PQexec(other, "COMMIT"));
	ck_refused(pg_receive(pg, pg->writer), "duplicate", "people.credit-code", "/credit_code");
	PQfinish(other);
	pg_free(&pg);
}
END_TEST

START_TEST(a_wrong_check_character_passes_only_with_a_reason)
{
	struct pg *pg = market_new();
	const char *operator= pg_person(pg, "operator", 4);
	struct pg_answer a;

	ck_refused(organisation(pg, operator, "k1",
			   "{\"kind\":\"owner\",\"name\":\"某局\",\"credit_code\":"
			   "\"91350100M000100Y4Z\"}"),
		"bad-input", "credit-code.form", "/credit_code");
	ck_refused(organisation(pg, operator, "k2",
			   "{\"kind\":\"owner\",\"name\":\"某局\",\"credit_code\":"
			   "\"91350100M000100Y44\"}"),
		"credit-code-check", "credit-code.check", "/credit_code");
	a = organisation(pg, operator, "k3",
		"{\"kind\":\"owner\",\"name\":\"某局\",\"credit_code\":\"91350100M000100Y44\","
		"\"credit_code_override\":\"营业执照如此\"}");
	ck_answered(a, 201);
	ck_assert_str_eq(pg_member(pg, a.body, "/credit_code_override"), "营业执照如此");
	pg_free(&pg);
}
END_TEST

START_TEST(database_and_library_judge_credit_codes_alike)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXYIOZa";
	static const char *const codes[] = {"91350100M000100Y43", "91330100799655058B",
		"9144030071526726XG", "914403001922038216", "91110000802100433B",
		"91350100M000100Y4Z", "91350100M000100Y4", ""};
	static const char *const names[] = {
		[USCC_OK] = "ok",
		[USCC_BAD_FORM] = "form",
		[USCC_BAD_CHECK] = "check",
		[USCC_WARN_ORG] = "organisation",
	};
	struct pg *pg = pg_new();

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char code[20] = "";

		ck_assert_str_eq(pg_value(pg, "SELECT api.credit_code('%s')", codes[i]),
			names[uscc_check(text_of(codes[i]))]);
		for (size_t at = 0; at < strlen(codes[i]); at++) {
			memcpy(code, codes[i], strlen(codes[i]));
			code[at] = alphabet[(at * 7 + i * 5) % (sizeof alphabet - 1)];
			ck_assert_str_eq(pg_value(pg, "SELECT api.credit_code('%s')", code),
				names[uscc_check(text_of(code))]);
		}
	}
	pg_free(&pg);
}
END_TEST

START_TEST(an_organisation_is_seen_by_its_own_and_by_supervisors)
{
	struct pg *pg = pg_new();
	const char *owner = pg_person(pg, "owner", 1), *other = pg_person(pg, "owner", 1);
	const char *auditor = pg_person(pg, "auditor", 16), *id = pg_org_of(pg, owner);

	ck_answered(
		pg_call(pg, pg->reader, SQL_organisation_get, "caller", owner, "id", id, NULL), 0);
	ck_answered(
		pg_call(pg, pg->reader, SQL_organisation_get, "caller", auditor, "id", id, NULL),
		0);
	ck_refused(pg_call(pg, pg->reader, SQL_organisation_get, "caller", other, "id", id, NULL),
		"not-found", "", "id");
	pg_free(&pg);
}
END_TEST

START_TEST(a_user_holds_roles_that_its_organisation_may_have)
{
	static const struct {
		const char *kind, *roles, *code, *rule, *pointer;
	} cases[] = {
		{"owner", "[\"owner\"]", "", "", ""},
		{"regulator", "[\"regulator\",\"owner\"]", "", "", ""},
		{"auditor", "[\"auditor\",\"witness\"]", "", "", ""},
		{"owner", "[\"operator\"]", "rule", "people.role", "/roles"},
		{"agency", "[\"agency\",\"owner\"]", "rule", "people.role", "/roles"},
		{"operator", "[\"operator\",\"regulator\"]", "rule", "people.role", "/roles"},
		{"owner", "[\"owner\",\"king\"]", "bad-input", "people.role", "/roles/1"},
		{"owner", "[]", "bad-input", "people.role", "/roles"},
	};
	struct pg *pg = pg_new();
	const char *operator= pg_person(pg, "operator", 4);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *org = pg_org_of(pg, pg_person(pg, cases[i].kind, 0));
		struct pg_answer a = user(
			pg, operator, org, arena_printf(&pg->arena, "k%zu", i), cases[i].roles);

		ck_assert_str_eq(a.code, cases[i].code);
		ck_assert_str_eq(a.rule, cases[i].rule);
		ck_assert_str_eq(a.pointer, cases[i].pointer);
		if (a.code[0] == '\0')
			ck_assert_str_eq(pg_member(pg, a.body, "/organisation_id"), org);
	}
	ck_refused(user(pg, operator, "org_none", "k9", "[\"owner\"]"), "not-found", "", "id");
	pg_free(&pg);
}
END_TEST

START_TEST(only_the_hash_of_a_secret_is_kept)
{
	struct pg *pg = pg_new();
	const char *owner = pg_person(pg, "owner", 1);
	struct pg_answer a, b;

	a = pg_call(pg, pg->writer, SQL_key_create, "caller", owner, "need", "63", "idem", "k1",
		"id", pg_user_of(pg, owner), "body", "{\"label\":\"x\",\"roles\":[\"owner\"]}",
		"secret_hash", HASH_A, NULL);
	ck_answered(a, 201);
	ck_assert_str_eq(pg_member(pg, a.body, "/secret"), "");
	b = pg_call(pg, pg->reader, SQL_auth_key, "secret_hash", HASH_A, NULL);
	ck_assert_int_eq(PQntuples(b.rows), 1);
	ck_assert_str_eq(PQgetvalue(b.rows, 0, 0), pg_member(pg, a.body, "/id"));
	ck_assert_str_eq(PQgetvalue(b.rows, 0, 1), pg_user_of(pg, owner));
	ck_assert_str_eq(PQgetvalue(b.rows, 0, 2), pg_org_of(pg, owner));
	ck_assert_str_eq(PQgetvalue(b.rows, 0, 3), "1");
	b = pg_call(pg, pg->reader, SQL_auth_key, "secret_hash", HASH_B, NULL);
	ck_assert_int_eq(PQntuples(b.rows), 0);
	ck_refused(pg_call(pg, pg->writer, SQL_key_create, "caller", owner, "need", "63", "idem",
			   "k2", "id", pg_user_of(pg, owner), "body",
			   "{\"label\":\"x\",\"roles\":[\"owner\"]}", "secret_hash", HASH_A, NULL),
		"duplicate", "key.secret", "");
	pg_free(&pg);
}
END_TEST

START_TEST(a_key_never_has_more_than_its_user_or_the_key_in_hand)
{
	struct pg *pg = pg_new();
	const char *both = pg_person(pg, "auditor", 48), *operator= pg_person(pg, "operator", 4);
	const char *me = pg_user_of(pg, both);
	const char *narrow =
		pg_member(pg, key(pg, both, me, "k1", "[\"witness\"]", "").body, "/id");

	ck_refused(key(pg, both, me, "k2", "[\"operator\"]", ""), "rule", "key.roles", "/roles");
	ck_refused(key(pg, narrow, me, "k3", "[\"auditor\"]", ""), "rule", "key.roles", "/roles");
	ck_answered(key(pg, narrow, me, "k4", "[\"witness\"]", ""), 201);
	ck_answered(key(pg, operator, me, "k5", "[\"auditor\",\"witness\"]", ""), 201);
	ck_refused(
		key(pg, operator, me, "k6", "[\"operator\"]", ""), "rule", "key.roles", "/roles");
	ck_refused(key(pg, both, pg_user_of(pg, operator), "k7", "[\"auditor\"]", ""), "not-found",
		"", "id");
	pg_free(&pg);
}
END_TEST

START_TEST(a_key_ends_at_its_expiry)
{
	struct pg *pg = pg_new();
	const char *owner = pg_person(pg, "owner", 1), *me = pg_user_of(pg, owner), *id;

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	ck_refused(
		key(pg, owner, me, "k1", "[\"owner\"]", ",\"expires_at\":\"2024-03-01T01:00:00Z\""),
		"rule", "key.expiry", "/expires_at");
	id = pg_member(pg,
		key(pg, owner, me, "k2", "[\"owner\"]", ",\"expires_at\":\"2024-03-02T01:00:00Z\"")
			.body,
		"/id");
	ck_answered(pg_call(pg, pg->reader, SQL_user_me, "caller", id, NULL), 0);
	/* It makes none that lives longer. */
	ck_refused(key(pg, id, me, "k3", "[\"owner\"]", ""), "rule", "key.expiry", "/expires_at");
	ck_refused(key(pg, id, me, "k4", "[\"owner\"]", ",\"expires_at\":\"2024-03-02T01:00:01Z\""),
		"rule", "key.expiry", "/expires_at");
	ck_answered(
		key(pg, id, me, "k5", "[\"owner\"]", ",\"expires_at\":\"2024-03-02T01:00:00Z\""),
		201);
	pg_clock_move(pg, "1 day");
	ck_refused(
		pg_call(pg, pg->reader, SQL_user_me, "caller", id, NULL), "unauthorized", "", "");
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.api_key k,"
				 " LATERAL api.auth_key(k.secret_hash) WHERE k.id = '%s'",
				 id),
		0);
	pg_free(&pg);
}
END_TEST

START_TEST(a_key_is_revoked_once_by_its_user_or_an_operator)
{
	struct pg *pg = pg_new();
	const char *owner = pg_person(pg, "owner", 1), *other = pg_person(pg, "owner", 1);
	const char *id = pg_member(
		pg, key(pg, owner, pg_user_of(pg, owner), "k1", "[\"owner\"]", "").body, "/id");

	ck_refused(pg_call(pg, pg->writer, SQL_key_revoke, "caller", other, "need", "63",
			   "if_match", "1", "id", id, NULL),
		"not-found", "", "id");
	ck_refused(pg_call(pg, pg->writer, SQL_key_revoke, "caller", owner, "need", "63",
			   "if_match", "2", "id", id, NULL),
		"stale", "", "");
	ck_answered(pg_call(pg, pg->writer, SQL_key_revoke, "caller", owner, "need", "63",
			    "if_match", "1", "id", id, NULL),
		200);
	ck_refused(pg_call(pg, pg->writer, SQL_key_revoke, "caller", owner, "need", "63",
			   "if_match", "2", "id", id, NULL),
		"wrong-state", "key.revoked", "");
	ck_refused(
		pg_call(pg, pg->reader, SQL_user_me, "caller", id, NULL), "unauthorized", "", "");
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.api_key k,"
				 " LATERAL api.auth_key(k.secret_hash) WHERE k.id = '%s'",
				 id),
		0);
	pg_free(&pg);
}
END_TEST

START_TEST(keys_are_listed_in_pages_for_their_user)
{
	struct pg *pg = pg_new();
	const char *owner = pg_person(pg, "owner", 1), *me = pg_user_of(pg, owner);
	struct pg_answer a;

	for (int i = 0; i < 3; i++)
		(void)key(pg, owner, me, arena_printf(&pg->arena, "k%d", i), "[\"owner\"]", "");
	a = pg_call(pg, pg->reader, SQL_key_list, "caller", owner, "id", me, "limit", "3", NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/id"), owner);
	ck_assert_str_ne(pg_member(pg, a.body, "/items/2/id"), "");
	ck_assert_str_eq(pg_member(pg, a.body, "/next_cursor"), a.next);
	a = pg_call(pg, pg->reader, SQL_key_list, "caller", owner, "id", me, "limit", "3", "cursor",
		a.next, NULL);
	ck_assert_str_ne(pg_member(pg, a.body, "/items/0/id"), "");
	ck_assert_str_eq(pg_member(pg, a.body, "/items/1/id"), "");
	ck_assert_str_eq(a.next, "");
	ck_refused(pg_call(pg, pg->reader, SQL_key_list, "caller", pg_person(pg, "owner", 1), "id",
			   me, NULL),
		"not-found", "", "id");
	ck_refused(pg_call(pg, pg->reader, SQL_key_list, "caller", owner, "id", me, "cursor",
			   "b2Zm", NULL),
		"bad-input", "", "cursor");
	pg_free(&pg);
}
END_TEST

START_TEST(me_says_who_the_key_is_and_last_use_is_kept)
{
	struct pg *pg = market_new();
	const char *agency = market_agency(pg, "active", "{C01}");
	struct pg_answer a = pg_call(pg, pg->reader, SQL_user_me, "caller", agency, NULL);

	ck_assert_str_eq(pg_member(pg, a.body, "/key_id"), agency);
	ck_assert_str_eq(pg_member(pg, a.body, "/roles/0"), "agency");
	ck_assert_str_eq(pg_member(pg, a.body, "/agency_id"), market_agency_of(pg, agency));
	ck_refused(pg_call(pg, pg->reader, SQL_user_me, NULL), "unauthorized", "", "");
	a = pg_call(pg, pg->writer, SQL_key_used, "ids",
		arena_printf(&pg->arena, "{%s,key_none}", agency), NULL);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "1");
	ck_assert_str_ne(
		pg_value(pg, "SELECT last_used_at FROM market.api_key WHERE id = '%s'", agency),
		"");
	pg_free(&pg);
}
END_TEST

START_TEST(the_first_operator_is_made_once_and_by_the_migrator)
{
	struct pg *pg = pg_new();
	PGconn *migrator = pg_connect(pg, "fairlot_migrator");
	struct pg_answer a;

#define FIRST(conn, hash) \
	pg_call(pg, conn, SQL_admin_operator, "name", "运营中心", "credit_code", \
		"91350100M000100Y43", "user_name", "管理员", "secret_hash", hash, NULL)
	ck_refused(FIRST(pg->writer, HASH_A), "forbidden", "admin.role", "");
	a = FIRST(migrator, HASH_A);
	ck_answered(a, 0);
	ck_assert_str_eq(pg_member(pg,
				 pg_call(pg, pg->reader, SQL_user_me, "caller",
					 PQgetvalue(a.rows, 0, 2), NULL)
					 .body,
				 "/roles/0"),
		"operator");
	ck_refused(FIRST(migrator, HASH_B), "wrong-state", "admin.operator", "");
	PQfinish(migrator);
	pg_free(&pg);
}
END_TEST

START_TEST(settings_are_the_migrators_and_have_their_form)
{
	static const char key_hex[] =
		"02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct pg *pg = pg_new();

#define SET(conn, k, v) pg_call(pg, conn, SQL_admin_setting, "key", k, "value", v, NULL)
	ck_refused(SET(pg->writer, "demo", "on"), "forbidden", "admin.role", "");
	ck_refused(SET(pg->super, "demo", "yes"), "bad-input", "admin.setting", "demo");
	ck_refused(SET(pg->super, "colour", "red"), "bad-input", "admin.setting", "colour");
	ck_answered(SET(pg->super, "demo", "on"), 0);
	ck_assert_str_eq(PQgetvalue(SET(pg->super, "demo", "on").rows, 0, 0), "f");
	ck_answered(SET(pg->super, "origin", "fairlot.example/market"), 0);
	ck_answered(SET(pg->super, "operator_key", key_hex), 0);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.draw_key WHERE retired_at IS NULL"), 1);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.outbox WHERE kind = 'key-announced'"),
		1);
	ck_refused(
		SET(pg->super, "origin", "other.example"), "wrong-state", "admin.origin", "origin");
	pg_free(&pg);
}
END_TEST

SUITE(key, an_operator_enters_an_organisation_once,
	of_two_who_enter_one_credit_code_at_once_one_is_refused,
	a_wrong_check_character_passes_only_with_a_reason,
	database_and_library_judge_credit_codes_alike,
	an_organisation_is_seen_by_its_own_and_by_supervisors,
	a_user_holds_roles_that_its_organisation_may_have, only_the_hash_of_a_secret_is_kept,
	a_key_never_has_more_than_its_user_or_the_key_in_hand, a_key_ends_at_its_expiry,
	a_key_is_revoked_once_by_its_user_or_an_operator, keys_are_listed_in_pages_for_their_user,
	me_says_who_the_key_is_and_last_use_is_kept,
	the_first_operator_is_made_once_and_by_the_migrator,
	settings_are_the_migrators_and_have_their_form)
